// Copying memory in user space; and messages in memory that two tasks share, which a futex hands over: copied in,
// the other one woken and waited for, copied out.
#include "native/probes/message.hpp"
#include "native/probes/primitives.hpp"

#include <atomic>
#include <cstring>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// Out of line, so that no copy is left out or made in another way.
#if defined(__clang__)
[[gnu::noinline]]
#else
[[gnu::noipa]]
#endif
void copy(char* to, const char* from, std::size_t bytes) {
    std::memcpy(to, from, bytes);
}

class SharedMessage {
public:
    explicit SharedMessage(std::int64_t size)
        : size_(static_cast<std::size_t>(size)), memory_(map_shared(sizeof(State) + size_)) {
        new (memory_) State;
    }
    SharedMessage(const SharedMessage&) = delete;
    SharedMessage& operator=(const SharedMessage&) = delete;
    ~SharedMessage() { unmap_shared(memory_, sizeof(State) + size_); }

    [[nodiscard]] bool send(const Message& message) const {
        copy(bytes(), message.bytes(), size_);
        state().is_full.store(1, std::memory_order_release);
        return syscall(SYS_futex, &state().is_full, FUTEX_WAKE, 1, nullptr, nullptr, 0) >= 0;
    }
    [[nodiscard]] bool receive(Message& message) const {
        while (state().is_full.load(std::memory_order_acquire) == 0)
            syscall(SYS_futex, &state().is_full, FUTEX_WAIT, 0, nullptr, nullptr, 0);
        copy(message.bytes(), bytes(), size_);
        state().is_full.store(0, std::memory_order_release);
        return true;
    }

private:
    struct alignas(64) State {
        std::atomic<std::uint32_t> is_full{0};
    };
    [[nodiscard]] State& state() const { return *static_cast<State*>(memory_); }
    [[nodiscard]] char* bytes() const { return static_cast<char*>(memory_) + sizeof(State); }

    std::size_t size_;
    void* memory_;
};

} // namespace

std::vector<Sample> measure_memory_copy(const ProbeRun& run) {
    const std::int64_t copies = messages_at_once(run) * (run.amount < 65536 ? 10 : 1);
    const Message from(run.amount, another);
    Message to(run.amount);
    return sample_batches(run, copies, [&] {
        for (std::int64_t i = 0; i < copies; ++i) copy(to.bytes(), from.bytes(), from.size());
    });
}

std::vector<Sample> measure_shared_memory_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, SharedMessage(run.amount), SharedMessage(run.amount));
}

} // namespace switchyard::native
