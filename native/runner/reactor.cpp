#include "native/runner/reactor.hpp"

#include "models/errors.hpp"
#include "native/runner/clock.hpp"
#include "native/runner/completion_ring.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// Of an event of epoll: a descriptor, or one of these.
constexpr std::uint64_t is_bell = std::uint64_t{1} << 32;
constexpr std::uint64_t is_ring = std::uint64_t{1} << 33;

constexpr int most_events = 64;
using Events = std::array<epoll_event, most_events>;

// epoll_pwait2(2), of Linux 5.11; before, ppoll(2) on the epoll descriptor waits as exactly. A wait of no time at all
// is epoll_wait(2).
int wait_for_events(int epoll, Events& events, std::int64_t until) {
    if (until == 0) return epoll_wait(epoll, events.data(), most_events, 0);
    if (until == Reactor::for_ever) return epoll_wait(epoll, events.data(), most_events, -1);
    const std::int64_t left = std::max<std::int64_t>(until - monotonic_nanoseconds(), 0);
    const timespec limit{left / 1'000'000'000, left % 1'000'000'000};
    constexpr long epoll_pwait2_number = 441; // of every architecture; glibc 2.35 is the first to name it
    const long ready = syscall(epoll_pwait2_number, epoll, events.data(), most_events, &limit, nullptr, 0);
    if (ready >= 0 || errno != ENOSYS) return static_cast<int>(ready);
    pollfd whole{epoll, POLLIN, 0};
    if (ppoll(&whole, 1, &limit, nullptr) <= 0) return 0;
    return epoll_wait(epoll, events.data(), most_events, 0);
}

void add(int epoll, int descriptor, std::uint64_t what) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = what;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        throw SystemError::from_errno("telling epoll of a descriptor", errno);
}

} // namespace

Reactor::Reactor(const Run& run)
    : run_(run), epoll_(epoll_create1(EPOLL_CLOEXEC)), bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (epoll_ < 0 || bell_ < 0) fail(run, "making the epoll instance of an event loop", errno);
    add(epoll_, bell_, is_bell);
}

Reactor::~Reactor() {
    close(bell_);
    close(epoll_);
}

void Reactor::make_ready(Task& task) {
    task.next_in_queue = nullptr;
    (first_ready_ == nullptr ? first_ready_ : last_ready_->next_in_queue) = &task;
    last_ready_ = &task;
}

Task* Reactor::take() {
    Task* const task = first_ready_;
    if (task == nullptr) return nullptr;
    first_ready_ = task->next_in_queue;
    if (first_ready_ == nullptr) last_ready_ = nullptr;
    return task;
}

// --- From outside ------------------------------------------------------------------------------------------------

// Either the loop sees the task in the inbox before it sleeps, or its waker sees that it is about to: both orders are
// sequentially consistent.
void Reactor::make_ready_from_outside(Task& task) {
    Task* first = inbox_.load(std::memory_order_relaxed);
    do task.next_in_queue = first;
    while (!inbox_.compare_exchange_weak(first, &task));
    if (!is_asleep_.load() || !is_asleep_.exchange(false)) return;
    const std::uint64_t one = 1;
    if (write(bell_, &one, sizeof(one)) < 0 && errno != EAGAIN) fail(run_, "waking an event loop", errno);
}

void Reactor::take_inbox() {
    if (inbox_.load(std::memory_order_relaxed) == nullptr) return;
    Task* in_order = nullptr;
    for (Task* task = inbox_.exchange(nullptr, std::memory_order_acquire); task != nullptr;) {
        Task* const before = task->next_in_queue;
        task->next_in_queue = in_order;
        in_order = task;
        task = before;
    }
    while (in_order != nullptr) {
        Task* const next = in_order->next_in_queue;
        make_ready(*in_order);
        in_order = next;
    }
}

// --- Timers ------------------------------------------------------------------------------------------------------

void Reactor::wake_at(Task& task, std::int64_t instant) {
    timers_.push_back({instant, sequence_++, &task});
    std::push_heap(timers_.begin(), timers_.end());
}

void Reactor::make_due_ready() {
    if (timers_.empty()) return;
    for (const std::int64_t now = monotonic_nanoseconds(); !timers_.empty() && timers_.front().at <= now;) {
        make_ready(*timers_.front().task);
        std::pop_heap(timers_.begin(), timers_.end());
        timers_.pop_back();
    }
}

// --- Descriptors -------------------------------------------------------------------------------------------------

void Reactor::watch(Task& task) {
    const auto descriptor = static_cast<std::size_t>(task.awaited_descriptor);
    if (descriptor >= watched_.size()) watched_.resize(descriptor + 1);
    Task** place = &watched_[descriptor].first;
    while (*place != nullptr) place = &(*place)->next_in_queue;
    task.next_in_queue = nullptr;
    *place = &task;
    ++awaited_;
    arm(task.awaited_descriptor);
}

// One event, of what any of those who wait wants; then they are looked at anew.
void Reactor::arm(int descriptor) {
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
    if (error == EPERM) return on_descriptor(descriptor, ~0u); // files are always ready
    if (error != 0) fail(run_, "telling epoll of a descriptor", error);
    watched.is_known = true;
}

void Reactor::on_descriptor(int descriptor, std::uint32_t events) {
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
        --awaited_;
        make_ready(*task);
    }
    arm(descriptor);
}

void Reactor::look_at_descriptors(std::int64_t until) {
    Events events;
    const int count = wait_for_events(epoll_, events, until);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == is_bell) {
            std::uint64_t rung = 0;
            static_cast<void>(read(bell_, &rung, sizeof(rung)));
        } else if (event.data.u64 == is_ring) {
            ring_->reap([&](Task& task) { make_ready(task); });
        } else {
            on_descriptor(static_cast<int>(event.data.u64), event.events);
        }
    }
}

CompletionRing& Reactor::ring() {
    if (!ring_) {
        ring_ = std::make_unique<CompletionRing>(run_);
        add(epoll_, ring_->descriptor(), is_ring);
    }
    return *ring_;
}

// --- The loop ----------------------------------------------------------------------------------------------------

void Reactor::collect() {
    make_due_ready();
    take_inbox();
    if (awaited_ > 0 || (ring_ && ring_->in_flight() > 0)) look_at_descriptors(0);
    while (first_ready_ == nullptr) {
        is_asleep_.store(true);
        if (inbox_.load() == nullptr) look_at_descriptors(timers_.empty() ? for_ever : timers_.front().at);
        is_asleep_.store(false);
        make_due_ready();
        take_inbox();
    }
}

void make_ready(Task& task, const Thread& by) {
    if (task.thread == &by)
        by.reactor->make_ready(task);
    else
        task.thread->reactor->make_ready_from_outside(task);
}

} // namespace switchyard::native
