// Carriers of one name share what they carry: M tasks on N threads, work stealing, by the rule of the simulator's
// carriers (sim/kernel/stealing.hpp), which is Go's and Tokio's. Each has a queue with a lock; what a task makes ready
// joins that of the thread it runs on, what a timer, a descriptor or another thread makes ready that of the thread it
// ran on last. Who has nothing takes half of the first queue that has something, looking from its own place on. Who
// finds nothing sleeps; who has more than it can do at once wakes one that sleeps, unless one that was woken is still
// looking; which, when it has found something, may wake the next.
//
// All of a group sleep in one epoll instance, with the group's descriptors, its timers (a timerfd) and a bell (an
// eventfd): an event wakes one of them, the one that fell asleep last (epoll's waiters are exclusive, the latest
// first: ep_poll, fs/eventpoll.c). So what a sleeping carrier has coming is taken over by whoever is woken, who need
// not be that one; it is no steal. While somebody sleeps, nobody else asks epoll: the events are the sleepers'.
#pragma once

#include "native/runner/descriptors.hpp"
#include "native/runner/timers.hpp"

#include <atomic>
#include <cstdint>
#include <linux/time_types.h>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace switchyard::native {

class CompletionRing;
class Reactor;

class CarrierGroup {
public:
    // Gives the run up where the kernel has no descriptors left.
    CarrierGroup(const Run& run, std::uint32_t carriers);
    ~CarrierGroup();
    CarrierGroup(const CarrierGroup&) = delete;
    CarrierGroup& operator=(const CarrierGroup&) = delete;

    // They stay as long as the group: a carrier that has ended may still be looked at.
    [[nodiscard]] Reactor& reactor(std::uint32_t place) { return *reactors_[place]; }

    // See Reactor, whose methods these are.
    [[nodiscard]] bool collect(Reactor& own);
    void receive(Task& task, Reactor& home);
    void wake_at(Task& task, std::int64_t instant);
    void watch(Task& task, Reactor& own);
    void wait_in_ring_until(Task& task, const __kernel_timespec& instant);
    [[nodiscard]] CompletionRing& ring();

    // Wakes one that sleeps, if there is one, and nobody who was woken is still looking for work.
    void call_another();

    // Wakes one that sleeps when nobody is left to be carried; it wakes the next.
    void dismiss_others();

    std::atomic<std::uint64_t> living{0}; // tasks they carry

private:
    void look(Reactor& own);
    void sleep(Reactor& own);
    [[nodiscard]] bool take_over_or_steal(Reactor& own);
    [[nodiscard]] bool take_from(Reactor& victim, Reactor& own);
    void found_work(Reactor& own);
    [[nodiscard]] bool has_work_beside(const Reactor& own, std::size_t own_share) const;
    [[nodiscard]] bool take_events(std::span<const epoll_event> events, TaskQueue& ready);
    void distribute(TaskQueue& ready, Reactor& own);
    void arm_timer();
    void ring_bell();

    const Run& run_;
    std::vector<std::unique_ptr<Reactor>> reactors_; // by the carriers' places
    std::atomic<std::uint32_t> asleep_{0};           // or about to be; changed under the guard
    std::atomic<bool> is_one_looking_{false};        // who was woken by the bell, or will be; likewise set
    std::atomic<std::int64_t> next_timer_;           // the first of `timers_`
    std::atomic<bool> has_descriptors_{false};       // somebody waits for one, or for the ring

    std::mutex guard_; // of all below
    Descriptors descriptors_;
    Timers timers_;
    std::unique_ptr<CompletionRing> ring_;
    std::int64_t armed_ = Timers::never; // what the timerfd will tell of
    std::int64_t slack_ = 0;             // ns
    int timer_ = -1;
    int bell_ = -1;
};

} // namespace switchyard::native
