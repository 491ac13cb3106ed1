// epoll(7): asking when something is ready already, having one awaited again, and having one awaited and no longer.
#include "native/probes/byte_stream.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace switchyard::native {

namespace {

constexpr std::int64_t calls = 500;

// One that is ready whenever it is asked about.
struct Awaited {
    Descriptor epoll{epoll_create1(EPOLL_CLOEXEC)};
    Descriptor ready{eventfd(1, EFD_CLOEXEC)};

    explicit Awaited(bool at_once = true) {
        if (epoll.number() < 0 || ready.number() < 0) throw SystemError::from_errno("opening an epoll", errno);
        if (at_once && !change(EPOLL_CTL_ADD)) throw SystemError::from_errno("awaiting a descriptor", errno);
    }
    [[nodiscard]] bool change(int how) const {
        epoll_event event{};
        event.events = EPOLLIN;
        return epoll_ctl(epoll.number(), how, ready.number(), &event) == 0;
    }
};

template <class Call>
std::vector<Sample> sample_calls(const ProbeRun& run, Call&& call) {
    bool succeeds = true;
    std::vector<Sample> samples = sample_batches(run, calls, [&] {
        for (std::int64_t i = 0; i < calls; ++i) succeeds = succeeds && call();
    });
    if (!succeeds) throw SystemError::from_errno("awaiting a descriptor", errno);
    return samples;
}

} // namespace

std::vector<Sample> measure_epoll_wait(const ProbeRun& run) {
    const Awaited awaited;
    epoll_event event;
    return sample_calls(run, [&] { return epoll_wait(awaited.epoll.number(), &event, 1, -1) == 1; });
}

std::vector<Sample> measure_epoll_rearm(const ProbeRun& run) {
    const Awaited awaited;
    return sample_calls(run, [&] { return awaited.change(EPOLL_CTL_MOD); });
}

std::vector<Sample> measure_epoll_add_and_remove(const ProbeRun& run) {
    const Awaited awaited(false);
    return sample_calls(run, [&] { return awaited.change(EPOLL_CTL_ADD) && awaited.change(EPOLL_CTL_DEL); });
}

} // namespace switchyard::native
