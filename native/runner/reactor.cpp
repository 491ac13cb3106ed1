#include "native/runner/reactor.hpp"

#include "native/runner/carrier_group.hpp"
#include "native/runner/clock.hpp"
#include "native/runner/completion_ring.hpp"

#include <cerrno>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace switchyard::native {

namespace {

constexpr std::uint64_t is_bell = Descriptors::own;
constexpr std::uint64_t is_ring = Descriptors::own + 1;

} // namespace

Reactor::Own::Own(const Run& run) : descriptors(run), bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (bell < 0) fail(run, "making the eventfd of an event loop", errno);
    descriptors.add(bell, is_bell, EPOLLIN);
}

Reactor::Own::~Own() { close(bell); }

Reactor::Reactor(const Run& run) : run_(run) { own_.emplace(run); }

Reactor::Reactor(const Run& run, CarrierGroup& group, std::uint32_t place) : run_(run), group_(&group), place_(place) {}

Reactor::~Reactor() = default;

// --- The queue ---------------------------------------------------------------------------------------------------

std::unique_lock<std::mutex> Reactor::guard_if_shared() {
    return group_ != nullptr ? std::unique_lock(guard_) : std::unique_lock<std::mutex>();
}

void Reactor::call_another() { group_->call_another(); }

void Reactor::begin_to_carry() {
    if (group_ != nullptr)
        group_->living.fetch_add(1);
    else
        ++own_->living;
}

void Reactor::end_to_carry() {
    if (group_ != nullptr)
        group_->living.fetch_sub(1);
    else
        --own_->living;
}

bool Reactor::carries_any() const { return group_ != nullptr ? group_->living.load() > 0 : own_->living > 0; }

void Reactor::dismiss_others() {
    if (group_ != nullptr) group_->dismiss_others();
}

void Reactor::block() {
    const auto lock = guard_if_shared();
    blocked_.begin(monotonic_nanoseconds());
}

void Reactor::unblock() {
    const auto lock = guard_if_shared();
    blocked_.end(monotonic_nanoseconds());
}

void block_carrier(const Thread& thread) { thread.reactor->block(); }
void unblock_carrier(const Thread& thread) { thread.reactor->unblock(); }

// --- From outside ------------------------------------------------------------------------------------------------

// Either the loop sees the task in the inbox before it sleeps, or its waker sees that it is about to: both orders are
// sequentially consistent.
void Reactor::make_ready_from_outside(Task& task) {
    task.ready_at = monotonic_nanoseconds();
    if (group_ != nullptr) return group_->receive(task, *this);
    Task* first = own_->inbox.load(std::memory_order_relaxed);
    do task.next_in_queue = first;
    while (!own_->inbox.compare_exchange_weak(first, &task));
    if (!own_->is_asleep.load() || !own_->is_asleep.exchange(false)) return;
    const std::uint64_t one = 1;
    if (write(own_->bell, &one, sizeof(one)) < 0 && errno != EAGAIN) fail(run_, "waking an event loop", errno);
}

void Reactor::take_inbox() {
    if (own_->inbox.load(std::memory_order_relaxed) == nullptr) return;
    Task* in_order = nullptr;
    for (Task* task = own_->inbox.exchange(nullptr, std::memory_order_acquire); task != nullptr;) {
        Task* const before = task->next_in_queue;
        task->next_in_queue = in_order;
        in_order = task;
        task = before;
    }
    while (in_order != nullptr) put(*std::exchange(in_order, in_order->next_in_queue));
}

// --- Timers, descriptors, the ring -------------------------------------------------------------------------------

void Reactor::wake_at(Task& task, std::int64_t instant) {
    if (group_ != nullptr) return group_->wake_at(task, instant);
    own_->timers.add(task, instant);
}

void Reactor::make_due_ready() {
    if (own_->timers.empty()) return;
    own_->timers.take_due(monotonic_nanoseconds(), [this](Task& task) { put(task); });
}

void Reactor::watch(Task& task) {
    if (group_ != nullptr) return group_->watch(task, *this);
    TaskQueue ready;
    own_->descriptors.watch(task, ready);
    while (Task* const at_once = ready.pop()) put(*at_once);
}

void Reactor::look_at_descriptors(std::int64_t until) {
    Descriptors::Events events;
    TaskQueue ready;
    for (const epoll_event& event : own_->descriptors.wait(events, until)) {
        if (event.data.u64 == is_bell) {
            std::uint64_t rung = 0;
            static_cast<void>(read(own_->bell, &rung, sizeof(rung)));
        } else if (event.data.u64 == is_ring) {
            own_->ring->reap([&](Task& task) { ready.push(task); });
        } else {
            own_->descriptors.take(event, ready);
        }
    }
    while (Task* const task = ready.pop()) put(*task);
}

CompletionRing& Reactor::ring() {
    if (group_ != nullptr) return group_->ring();
    if (!own_->ring) {
        own_->ring = std::make_unique<CompletionRing>(run_);
        own_->descriptors.add(own_->ring->descriptor(), is_ring, EPOLLIN);
    }
    return *own_->ring;
}

void Reactor::wait_in_ring_until(Task& task, const __kernel_timespec& instant) {
    if (group_ != nullptr) return group_->wait_in_ring_until(task, instant);
    ring().wait_until(task, instant);
}

// --- The loop ----------------------------------------------------------------------------------------------------

bool Reactor::collect() {
    if (group_ != nullptr) return group_->collect(*this);
    make_due_ready();
    take_inbox();
    if (own_->descriptors.has_waiting() || (own_->ring && own_->ring->in_flight() > 0)) look_at_descriptors(0);
    while (!has_ready()) {
        own_->is_asleep.store(true);
        if (own_->inbox.load() == nullptr)
            look_at_descriptors(own_->timers.empty() ? Descriptors::for_ever : own_->timers.first());
        own_->is_asleep.store(false);
        make_due_ready();
        take_inbox();
    }
    blocked_.forget();
    return true;
}

void make_ready(Task& task, const Thread& by) {
    Reactor& home = *task.thread->reactor;
    if (by.reactor == nullptr || !by.reactor->shares_with(home)) return home.make_ready_from_outside(task);
    by.reactor->make_ready(task);
    by.reactor->share();
}

} // namespace switchyard::native
