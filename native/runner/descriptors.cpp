#include "native/runner/descriptors.hpp"

#include "models/errors.hpp"
#include "native/runner/clock.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// epoll_pwait2(2), of Linux 5.11; before, ppoll(2) on the epoll descriptor waits as exactly. A wait of no time at all
// is epoll_wait(2).
int wait_for_events(int epoll, Descriptors::Events& events, std::int64_t until) {
    constexpr int most = Descriptors::most_events;
    if (until == 0) return epoll_wait(epoll, events.data(), most, 0);
    if (until == Descriptors::for_ever) return epoll_wait(epoll, events.data(), most, -1);
    const std::int64_t left = std::max<std::int64_t>(until - monotonic_nanoseconds(), 0);
    const timespec limit{left / 1'000'000'000, left % 1'000'000'000};
    constexpr long epoll_pwait2_number = 441; // of every architecture; glibc 2.35 is the first to name it
    const long ready = syscall(epoll_pwait2_number, epoll, events.data(), most, &limit, nullptr, 0);
    if (ready >= 0 || errno != ENOSYS) return static_cast<int>(ready);
    pollfd whole{epoll, POLLIN, 0};
    if (ppoll(&whole, 1, &limit, nullptr) <= 0) return 0;
    return epoll_wait(epoll, events.data(), most, 0);
}

} // namespace

Descriptors::Descriptors(const Run& run) : run_(run), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) fail(run, "making the epoll instance of an event loop", errno);
}

Descriptors::~Descriptors() { close(epoll_); }

void Descriptors::add(int descriptor, std::uint64_t what, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = what;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0)
        throw SystemError::from_errno("telling epoll of a descriptor", errno);
}

void Descriptors::watch(Task& task, TaskQueue& ready) {
    const int awaited = task.awaited_descriptor;
    const auto descriptor = static_cast<std::size_t>(awaited);
    if (descriptor >= watched_.size()) watched_.resize(descriptor + 1);
    Task** place = &watched_[descriptor].first;
    while (*place != nullptr) place = &(*place)->next_in_queue;
    task.next_in_queue = nullptr;
    *place = &task;
    ++waiting_;
    arm(awaited, ready);
}

// One event, of what any of those who wait wants; then they are looked at anew.
void Descriptors::arm(int descriptor, TaskQueue& ready) {
    Watched& watched = watched_[static_cast<std::size_t>(descriptor)];
    if (watched.first == nullptr) return;
    epoll_event event{};
    event.events = EPOLLONESHOT;
    event.data.u64 = static_cast<std::uint64_t>(descriptor);
    for (const Task* task = watched.first; task != nullptr; task = task->next_in_queue)
        event.events |= task->awaited_events;
    int error = 0;
    if (watched.is_known && epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) != 0) error = errno;
    if (!watched.is_known || error == ENOENT) // or it was closed, and its number is another file's now
        error = epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0 ? errno : 0;
    if (error == EPERM) return on_descriptor(descriptor, ~0u, ready); // files are always ready
    if (error != 0) fail(run_, "telling epoll of a descriptor", error);
    watched.is_known = true;
}

void Descriptors::on_descriptor(int descriptor, std::uint32_t events, TaskQueue& ready) {
    std::uint32_t left = events & (EPOLLERR | EPOLLHUP) ? ~0u : events;
    Task** place = &watched_[static_cast<std::size_t>(descriptor)].first;
    while (*place != nullptr) {
        Task* const task = *place;
        if ((task->awaited_events & left) == 0) {
            place = &task->next_in_queue;
            continue;
        }
        if (left != ~0u) left &= ~task->awaited_events;
        *place = task->next_in_queue;
        --waiting_;
        ready.push(*task);
    }
    arm(descriptor, ready);
}

std::span<const epoll_event> Descriptors::wait(Events& events, std::int64_t until) const {
    const int count = wait_for_events(epoll_, events, until);
    return std::span(events).first(static_cast<std::size_t>(std::max(count, 0)));
}

void Descriptors::take(const epoll_event& event, TaskQueue& ready) {
    on_descriptor(static_cast<int>(event.data.u64), event.events, ready);
}

} // namespace switchyard::native
