#include "native/runner/carrier_group.hpp"

#include "native/runner/clock.hpp"
#include "native/runner/completion_ring.hpp"
#include "native/runner/reactor.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

namespace switchyard::native {

namespace {

constexpr std::uint64_t is_bell = Descriptors::own;
constexpr std::uint64_t is_ring = Descriptors::own + 1;
constexpr std::uint64_t is_timer = Descriptors::own + 2;

} // namespace

// Events are told once (EPOLLET), to one sleeper: nobody has to read what is in the bell or the timer.
CarrierGroup::CarrierGroup(const Run& run, std::uint32_t carriers)
    : run_(run),
      next_timer_(Timers::never),
      descriptors_(run),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    slack_ = std::max(prctl(PR_GET_TIMERSLACK), 0);
    if (timer_ < 0 || bell_ < 0) fail(run, "making what several carriers sleep at", errno);
    descriptors_.add(bell_, is_bell, EPOLLIN | EPOLLET);
    descriptors_.add(timer_, is_timer, EPOLLIN | EPOLLET);
    for (std::uint32_t place = 0; place < carriers; ++place)
        reactors_.push_back(std::make_unique<Reactor>(run, *this, place));
}

CarrierGroup::~CarrierGroup() {
    close(timer_);
    close(bell_);
}

// --- Waking and sleeping -----------------------------------------------------------------------------------------

void CarrierGroup::ring_bell() {
    const std::uint64_t one = 1;
    if (write(bell_, &one, sizeof(one)) < 0 && errno != EAGAIN) fail(run_, "waking a carrier", errno);
}

// Whoever has put something into a queue looks here afterwards, and who falls asleep looks into the queues after it has
// said so: one of the two sees the other. Likewise for who is looking and says that it has found something.
void CarrierGroup::call_another() {
    if (asleep_.load() == 0 || is_one_looking_.load()) return;
    const std::lock_guard lock(guard_);
    if (asleep_.load() == 0 || is_one_looking_.load()) return;
    is_one_looking_.store(true);
    ring_bell();
}

void CarrierGroup::dismiss_others() {
    const std::lock_guard lock(guard_);
    if (asleep_.load() > 0) ring_bell();
}

// Only while somebody sleeps: who is awake looks at the clock. A timerfd has no slack; a sleep has, that of a loop by
// itself too (PR_SET_TIMERSLACK(2const)).
void CarrierGroup::arm_timer() {
    if (timers_.first() >= armed_) return;
    armed_ = timers_.first();
    const std::int64_t at = armed_ + slack_;
    itimerspec setting{};
    setting.it_value = {at / 1'000'000'000, at % 1'000'000'000};
    if (timerfd_settime(timer_, TFD_TIMER_ABSTIME, &setting, nullptr) != 0)
        fail(run_, "setting the timer of several carriers", errno);
}

bool CarrierGroup::has_work_beside(const Reactor& own, std::size_t own_share) const {
    return std::ranges::any_of(reactors_, [&](const std::unique_ptr<Reactor>& reactor) {
        return reactor->length() > (reactor.get() == &own ? own_share : 0);
    });
}

void CarrierGroup::sleep(Reactor& own) {
    {
        const std::lock_guard lock(guard_);
        if (std::exchange(own.looks_for_work_, false)) is_one_looking_.store(false);
        asleep_.fetch_add(1);
        own.is_asleep_.store(true);
        arm_timer();
    }
    Descriptors::Events events;
    std::span<const epoll_event> told;
    if (!has_work_beside(own, 0) && living.load() > 0) told = descriptors_.wait(events, Descriptors::for_ever);
    TaskQueue ready;
    {
        const std::lock_guard lock(guard_);
        const bool was_called = take_events(told, ready);
        own.is_asleep_.store(false);
        const bool was_last = asleep_.fetch_sub(1) == 1; // nobody else will hear the bell
        if (is_one_looking_.load() && (was_called || was_last)) own.looks_for_work_ = true;
        if (!was_last) arm_timer(); // for those who sleep on
    }
    distribute(ready, own);
}

// --- What has come -----------------------------------------------------------------------------------------------

// Under the guard: whom timers and events make ready. Whether the bell was among them.
bool CarrierGroup::take_events(std::span<const epoll_event> events, TaskQueue& ready) {
    bool was_called = false;
    for (const epoll_event& event : events) {
        if (event.data.u64 == is_bell)
            was_called = true;
        else if (event.data.u64 == is_ring)
            ring_->reap([&](Task& task) { ready.push(task); });
        else if (event.data.u64 != is_timer)
            descriptors_.take(event, ready);
    }
    has_descriptors_.store(descriptors_.has_waiting() || (ring_ && ring_->in_flight() > 0));
    if (timers_.empty() && armed_ == Timers::never) return was_called;
    const std::int64_t now = monotonic_nanoseconds();
    if (armed_ <= now) armed_ = Timers::never;
    timers_.take_due(now, [&](Task& task) { ready.push(task); });
    next_timer_.store(timers_.first());
    return was_called;
}

// To the carrier each ran on last, unless that one sleeps: then to the one that has been told.
void CarrierGroup::distribute(TaskQueue& ready, Reactor& own) {
    const std::size_t count = ready.length();
    while (Task* const task = ready.pop()) {
        Reactor* const last = task->thread->reactor;
        Reactor& home = last->is_asleep_.load() ? own : *last;
        if (task->ready_at == 0) task->ready_at = monotonic_nanoseconds();
        home.make_ready(*task);
    }
    if (count > 1 || (count > 0 && own.length() > 1)) call_another();
}

void CarrierGroup::receive(Task& task, Reactor& home) {
    home.make_ready(task);
    call_another();
}

void CarrierGroup::wake_at(Task& task, std::int64_t instant) {
    const std::lock_guard lock(guard_);
    timers_.add(task, instant);
    next_timer_.store(timers_.first());
    if (asleep_.load() > 0) arm_timer();
}

void CarrierGroup::watch(Task& task, Reactor& own) {
    TaskQueue ready;
    {
        const std::lock_guard lock(guard_);
        descriptors_.watch(task, ready);
        has_descriptors_.store(true);
    }
    distribute(ready, own);
}

CompletionRing& CarrierGroup::ring() {
    const std::lock_guard lock(guard_);
    if (!ring_) {
        ring_ = std::make_unique<CompletionRing>(run_);
        descriptors_.add(ring_->descriptor(), is_ring, EPOLLIN | EPOLLET);
    }
    return *ring_;
}

void CarrierGroup::wait_in_ring_until(Task& task, const __kernel_timespec& instant) {
    CompletionRing& ring_of_all = ring();
    const std::lock_guard lock(guard_);
    has_descriptors_.store(true);
    ring_of_all.wait_until(task, instant);
}

// Without sleeping, where there may be something that no sleeper will be told.
void CarrierGroup::look(Reactor& own) {
    if (asleep_.load() > 0) return;
    const std::int64_t next = next_timer_.load();
    if (!has_descriptors_.load() && (next == Timers::never || next > monotonic_nanoseconds())) return;
    TaskQueue ready;
    {
        const std::unique_lock lock(guard_, std::try_to_lock);
        if (!lock || asleep_.load() > 0) return;
        Descriptors::Events events;
        static_cast<void>(take_events(descriptors_.wait(events, 0), ready));
    }
    distribute(ready, own);
}

// --- Stealing ----------------------------------------------------------------------------------------------------

// Of one that sleeps everything, which is no steal; else half. False: somebody else was faster.
bool CarrierGroup::take_from(Reactor& victim, Reactor& own) {
    const bool sleeps = victim.is_asleep_.load();
    TaskQueue taken;
    {
        const std::lock_guard lock(victim.guard_);
        const std::size_t length = victim.ready_.length();
        const std::int64_t blocked = victim.blocked_.until(monotonic_nanoseconds());
        for (std::size_t left = sleeps ? length : (length + 1) / 2; left > 0; --left) {
            Task& task = *victim.ready_.pop();
            task.stalled += blocked;
            taken.push(task);
        }
        victim.length_.store(victim.ready_.length());
    }
    if (taken.length() == 0) return false;
    if (!sleeps) ++own.steals_;
    const std::lock_guard lock(own.guard_);
    while (Task* const task = taken.pop()) own.put(*task);
    return true;
}

bool CarrierGroup::take_over_or_steal(Reactor& own) {
    for (std::size_t i = 1; i < reactors_.size(); ++i) {
        Reactor& victim = *reactors_[(own.place_ + i) % reactors_.size()];
        if (victim.has_ready() && take_from(victim, own)) return true;
    }
    return false;
}

void CarrierGroup::found_work(Reactor& own) {
    if (!std::exchange(own.looks_for_work_, false)) return;
    is_one_looking_.store(false);
    if (has_work_beside(own, 1)) call_another();
}

bool CarrierGroup::collect(Reactor& own) {
    look(own);
    while (!own.has_ready() && !take_over_or_steal(own)) {
        if (living.load() == 0) return false;
        sleep(own);
    }
    found_work(own);
    const std::lock_guard lock(own.guard_);
    own.blocked_.forget();
    return true;
}

} // namespace switchyard::native
