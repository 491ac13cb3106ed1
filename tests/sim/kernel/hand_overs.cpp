// What handing something over costs besides the transfer: the switch away from who is preempted, futex(2), packets that
// only acknowledge, and wake-ups that are good for nothing.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

ScenarioBuilder one_core(std::string_view policy) {
    ScenarioBuilder scenario("handing over");
    return scenario.cores(1).hz(0).scheduler(std::string(policy), {}).semaphore("turn");
}

CostProfile only(Cost cost, Duration value) {
    CostProfile profile = free_profile();
    profile[cost] = Law::constant(value);
    return profile;
}

Duration time_of(const Report& report, TimeCategory category) {
    return (*report.time)[static_cast<std::size_t>(category)];
}

// A wakes B, which waits again.
Duration switching(LinuxPolicy policy_of_waker) {
    const Report report = sim::simulate(
        one_core("linux")
            .task("B", TaskKind::thread, [](auto& task) { task.repeat(3, [](auto& body) { body.acquire("turn"); }); })
            .task(
                "A", TaskKind::thread,
                [](auto& task) { task.repeat(3, [](auto& body) { body.release("turn").system_call(); }); },
                [=](TaskTemplate& task) {
                    task.scheduling.policy = policy_of_waker;
                    if (policy_of_waker == LinuxPolicy::fifo) task.scheduling.priority = 1;
                })
            .build(),
        only(Cost::switch_preempted, 7us));
    return time_of(report, TimeCategory::switching);
}

// What two ends of a connection spend in the kernel.
Duration acknowledging(const ProgramBuilder::Body& client, const ProgramBuilder::Body& server) {
    return time_of(sim::simulate(one_core("rr")
                                     .channel("way", ChannelKind::tcp, [](Channel&) {})
                                     .task("client", TaskKind::process, client)
                                     .task("server", TaskKind::process, server)
                                     .build(),
                                 only(Cost::tcp_acknowledgement, 5us)),
                   TimeCategory::kernel);
}

// The client awaits an answer while its message is received, and some time after.
std::uint64_t wake_ups(ChannelKind kind, bool awaits_answer) {
    const Bytes wanted = has_messages(kind) ? Bytes{} : Bytes{64};
    const auto client = [=](ProgramBuilder& task) {
        task.send("way.client", Bytes{64});
        if (!awaits_answer) task.sleep(10ms);
        task.receive("way.client", wanted);
    };
    const auto server = [=](ProgramBuilder& task) {
        task.sleep(1ms).receive("way.server", wanted);
        task.sleep(1ms).send("way.server", Bytes{64});
    };
    return sim::simulate(one_core("rr")
                             .channel("way", kind, [](Channel&) {})
                             .task("client", TaskKind::process, client)
                             .task("server", TaskKind::process, server)
                             .build(),
                         free_profile())
        .counters.wake_ups;
}

} // namespace

TEST_CASE("Being preempted costs more than blocking, and yielding does not") {
    CHECK(switching(LinuxPolicy::idle) == 3 * 7us);
    CHECK(switching(LinuxPolicy::fifo) == 0us); // B has to wait until A has ended
    const auto yields = [](auto& task) { task.repeat(10, [](auto& body) { body.yield(); }); };
    CHECK(time_of(sim::simulate(
                      one_core("rr").task("A", TaskKind::thread, yields).task("B", TaskKind::thread, yields).build(),
                      only(Cost::switch_preempted, 7us)),
                  TimeCategory::switching) == 0us);
    const auto computes = [](auto& task) { task.compute(3ms); };
    CHECK(time_of(sim::simulate(one_core("rr")
                                    .scheduler("rr", {{"slice", "1ms"}})
                                    .task("A", TaskKind::thread, computes)
                                    .task("B", TaskKind::thread, computes)
                                    .build(),
                                only(Cost::switch_preempted, 7us)),
                  TimeCategory::switching) == 4 * 7us); // slices that are over, but for each one's last
}

TEST_CASE("Each call of futex takes so much: one that waits, one that wakes") {
    const auto in_kernel = [](const ProgramBuilder::Body& first, const ProgramBuilder::Body& second) {
        return time_of(
            sim::simulate(one_core("rr").task("A", TaskKind::thread, first).task("B", TaskKind::thread, second).build(),
                          only(Cost::futex, 3us)),
            TimeCategory::kernel);
    };
    const auto acquires = [](auto& task) { task.acquire("turn"); };
    const auto releases = [](auto& task) { task.release("turn"); };
    CHECK(in_kernel(acquires, releases) == 6us);
    CHECK(in_kernel(releases, acquires) == 0us); // nobody waits: nobody asks the kernel
}

TEST_CASE("A TCP message that is no answer is acknowledged by a packet of its own") {
    const auto sends = [](std::int64_t times) {
        return [=](auto& task) { task.repeat(times, [](auto& body) { body.send("way.client", Bytes{1}); }); };
    };
    const auto receives = [](std::int64_t times) {
        return [=](auto& task) { task.repeat(times, [](auto& body) { body.receive("way.server", Bytes{1}); }); };
    };
    CHECK(acknowledging(sends(10), receives(10)) == 10 * 5us);
    CHECK(
        acknowledging(
            [](auto& task) {
                task.repeat(10, [](auto& body) { body.send("way.client", Bytes{1}).receive("way.client", Bytes{1}); });
            },
            [](auto& task) {
                task.repeat(10, [](auto& body) { body.receive("way.server", Bytes{1}).send("way.server", Bytes{1}); });
            }) == 5us); // the first one answers nothing
}

TEST_CASE("Who reads from a Unix stream socket is woken when what it sent has been received") {
    constexpr std::uint64_t sleeps = 2;
    CHECK(wake_ups(ChannelKind::unix_stream, true) == sleeps + 2);   // for nothing, then for the answer
    CHECK(wake_ups(ChannelKind::unix_datagram, true) == sleeps + 1); // whose readers ask what for
    CHECK(wake_ups(ChannelKind::tcp, true) == sleeps + 1);           // which tells of room only who lacks it
    CHECK(wake_ups(ChannelKind::unix_stream, false) == sleeps + 1);  // its own sleep's
}
