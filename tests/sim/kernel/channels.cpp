// Tasks that send and receive: one suite over every kind of channel, then what only some have.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t rounds = 500;

Report run(const ScenarioBuilder& scenario, const CostProfile& profile = reference_profile()) {
    const Report report = sim::simulate(scenario.build(), profile);
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    REQUIRE(sum == report.makespan * static_cast<std::int64_t>(report.cores));
    return report;
}

Bytes sent_size(ChannelKind kind, std::int64_t bytes) { return carries_data(kind) ? Bytes{bytes} : Bytes{}; }
Bytes received_size(ChannelKind kind, std::int64_t bytes) { return has_messages(kind) ? Bytes{} : Bytes{bytes}; }

// The names of the way there and the way back of a ping-pong.
struct Ways {
    std::string send_there, receive_there, send_back, receive_back;
};

Ways add_ways(ScenarioBuilder& scenario, ChannelKind kind) {
    scenario.channel("there", kind);
    if (is_two_way(kind)) return {"there.client", "there.server", "there.server", "there.client"};
    scenario.channel("back", kind);
    return {"there", "there", "back", "back"};
}

// In one process where the kind is for one, else in two, started by one parent.
TaskKind kind_of_task(ChannelKind kind) { return kind == ChannelKind::queue ? TaskKind::thread : TaskKind::process; }
void relative(TaskTemplate& task) { task.parent = "shell"; }

} // namespace

TEST_CASE("Whatever is sent to and fro comes to and fro, through every kind of channel, on one core and on two") {
    const auto kind = static_cast<ChannelKind>(GENERATE(range(0, channel_kinds)));
    const auto cores = GENERATE(1u, 2u);
    CAPTURE(name_of(kind), cores);
    ScenarioBuilder scenario("ping-pong");
    scenario.cores(cores).scheduler("eevdf");
    const Ways ways = add_ways(scenario, kind);
    scenario.task(
        "A", kind_of_task(kind),
        [&](auto& task) {
            task.repeat(rounds, [&](auto& body) {
                body.send(ways.send_there, sent_size(kind, 64)).receive(ways.receive_back, received_size(kind, 64));
            });
        },
        relative);
    scenario.task(
        "B", kind_of_task(kind),
        [&](auto& task) {
            task.repeat(rounds, [&](auto& body) {
                body.receive(ways.receive_there, received_size(kind, 64)).send(ways.send_back, sent_size(kind, 64));
            });
        },
        relative);
    const Report report = run(scenario);
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.messages == 2 * rounds);
    CHECK(report.counters.bytes_sent == (carries_data(kind) ? 2 * rounds * 64 : 0));
    CHECK(report.counters.broken_pipes == 0);
}

TEST_CASE("A stream of messages arrives whole, whoever is faster, and its end is seen") {
    const auto kind = static_cast<ChannelKind>(GENERATE(range(0, channel_kinds)));
    const bool slow_sender = GENERATE(true, false);
    CAPTURE(name_of(kind), slow_sender);
    const bool ends = has_ends(kind) || kind == ChannelKind::queue;
    ScenarioBuilder scenario("streaming");
    scenario.cores(2).scheduler("eevdf").channel("c", kind).variable("received", 0, true);
    const std::string sends = is_two_way(kind) ? "c.client" : "c";
    const std::string receives = is_two_way(kind) ? "c.server" : "c";
    scenario.task(
        "A", kind_of_task(kind),
        [&](auto& task) {
            task.repeat(rounds, [&](auto& body) {
                body.send(sends, sent_size(kind, 3000));
                if (slow_sender) body.compute(20us);
            });
            if (ends) task.close(sends);
        },
        relative);
    scenario.task(
        "B", kind_of_task(kind),
        [&](auto& task) {
            const auto each = [&](ProgramBuilder& body) {
                body.add("received");
                if (!slow_sender) body.compute(20us);
            };
            if (ends)
                task.for_each(receives, received_size(kind, 3000), each);
            else
                task.repeat(rounds, [&](auto& body) {
                    body.receive(receives, received_size(kind, 3000));
                    each(body);
                });
            task.branch("received != 500", [](auto& wrong) { wrong.crash(); });
        },
        relative);
    const Report report = run(scenario);
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.messages == rounds);
    CHECK(report.counters.crashes == 0);
}

TEST_CASE("Whoever sends to nobody dies of it, unless it copes") {
    const auto kind = GENERATE(ChannelKind::fifo, ChannelKind::unix_stream, ChannelKind::tcp);
    const bool copes = GENERATE(true, false);
    CAPTURE(name_of(kind), copes);
    ScenarioBuilder scenario("broken");
    scenario.cores(2).channel("c", kind);
    const std::string sends = is_two_way(kind) ? "c.client" : "c";
    const std::string receives = is_two_way(kind) ? "c.server" : "c";
    scenario.task("A", TaskKind::process, [&](auto& task) {
        task.repeat(10, [&](auto& body) { body.sleep(1ms).send(sends, Bytes{1000}, {.ignores_break = copes}); });
    });
    scenario.task("B", TaskKind::process, [&](auto& task) { task.receive(receives, Bytes{3000}).exit(); });
    const Report report = run(scenario);
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.broken_pipes == (copes ? 7 : 1));
    CHECK(report.counters.crashes == (copes ? 0 : 1));
    if (!copes) {
        REQUIRE(report.notes.size() == 1);
        CHECK(report.notes[0].find("SIGPIPE") != std::string::npos);
    }
}

TEST_CASE("A reader that holds the sending end itself waits for ever: the parent has to close what it gave its child") {
    const auto with = [](bool closes) {
        return run(ScenarioBuilder("held").pipe("p").task("parent", TaskKind::process, [=](auto& task) {
            task.fork("child", [](auto& child) { child.send("p", Bytes{100}); });
            if (closes) task.close("p");
            task.for_each("p", Bytes{100}, [](auto&) {}).wait("child");
        }));
    };
    CHECK(with(true).outcome == Outcome::completed);
    const Report held = with(false);
    CHECK(held.outcome == Outcome::deadlocked);
    CHECK(held.diagnosis.find("data from channel 'p', which is empty") != std::string::npos);
}

TEST_CASE("A crash breaks the pipes of its process, and others go on") {
    const Report report = run(ScenarioBuilder("isolation")
                                  .cores(2)
                                  .channel("c", ChannelKind::fifo)
                                  .task("A", TaskKind::process, [](auto& task) { task.send("c", Bytes{10}).crash(); })
                                  .task("B", TaskKind::process,
                                        [](auto& task) { task.for_each("c", Bytes{10}, [](auto&) {}).compute(1ms); }));
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.tasks[1].finished == 1);
}

TEST_CASE("A receiver killed after it was woken does not take the message with it") {
    // B and C wait in turn; both are woken for one message each, B's process is killed by its other thread.
    ScenarioBuilder scenario("passed on");
    scenario.cores(1).scheduler("fifo").channel("c", ChannelKind::fifo);
    scenario.task(
        "B", TaskKind::thread, [](auto& task) { task.receive("c", Bytes{10}); },
        [](auto& task) { task.process = "b"; });
    scenario.task("C", TaskKind::process, [](auto& task) { task.receive("c", Bytes{10}).compute(1ms); });
    scenario.task(
        "killer", TaskKind::thread, [](auto& task) { task.compute(1ms).exit(); },
        [](auto& task) { task.process = "b"; });
    scenario.task("A", TaskKind::process, [](auto& task) { task.sleep(500us).send("c", Bytes{10}).sleep(10ms); });
    const Report report = run(scenario);
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.tasks[1].finished == 1);
}

TEST_CASE("Asynchronously, only the coroutine waits for a channel: its loop goes on") {
    const auto with = [](bool asynchronous) {
        return run(
            ScenarioBuilder("loop")
                .cores(2)
                .channel("c", ChannelKind::fifo)
                .task("late", TaskKind::process, [](auto& task) { task.sleep(50ms).send("c", Bytes{10}); })
                .task("reader", TaskKind::coroutine, [=](auto& task) { task.receive("c", Bytes{10}, asynchronous); })
                .task("worker", TaskKind::coroutine, [](auto& task) { task.compute(45ms); }));
    };
    CHECK(with(true).makespan < 60ms);
    CHECK(with(true).counters.callbacks == 1);
    CHECK(with(false).makespan > 90ms);
}

TEST_CASE("What a link lets through is its window a round trip, until its bandwidth is less") {
    const auto bytes_a_second = [](Duration latency, std::int64_t bandwidth) {
        ScenarioBuilder scenario("link");
        scenario.cores(2).channel("c", ChannelKind::tcp, [&](Channel& channel) {
            channel.capacity = Bytes{64'000};
            channel.link = {latency, bandwidth};
        });
        scenario.task("A", TaskKind::process,
                      [](auto& task) { task.repeat(1000, [](auto& body) { body.send("c.client", Bytes{6400}); }); });
        scenario.task("B", TaskKind::process, [](auto& task) { task.for_each("c.server", Bytes{6400}, [](auto&) {}); });
        const Report report = run(scenario, free_profile());
        return 6'400'000.0 / (static_cast<double>(report.makespan.count()) / 1e12);
    };
    // The bandwidth-delay product: 64,000 bytes in 2 x 10 ms are 3.2 MB a second.
    CHECK(bytes_a_second(10ms, 0) == Catch::Approx(3.2e6).epsilon(0.01));
    CHECK(bytes_a_second(10ms, 1'000'000) == Catch::Approx(1e6).epsilon(0.01));
    CHECK(bytes_a_second(1ms, 16'000'000) == Catch::Approx(16e6).epsilon(0.01));
}

TEST_CASE(
    "A request's amounts are its own, whoever works on it, and its latency counts from when it should have come") {
    const auto with = [](std::uint32_t workers, std::string_view policy) {
        ScenarioBuilder scenario("requests");
        scenario.cores(3).scheduler(std::string(policy)).channel("c", ChannelKind::fifo);
        scenario.request_amount("work", Distribution::exponential(1e9));
        scenario.task("clients", TaskKind::process, [](auto& task) {
            task.repeat(200, [](auto& body) {
                body.job(Distribution::exponential(1e9), [](auto& job) { job.begin_request().send("c", Bytes{8}); });
            });
        });
        scenario.task(
            "worker", TaskKind::thread,
            [](auto& task) {
                task.for_each("c", Bytes{8}, [](auto& each) { each.compute(OfRequest{"work"}).end_request(); });
            },
            [=](TaskTemplate& task) { task.count = workers; });
        return run(scenario, free_profile());
    };
    const Report one = with(1, "fifo");
    const Report two = with(2, "eevdf");
    REQUIRE(one.requests);
    REQUIRE(two.requests);
    CHECK(one.requests->completed == 200);
    CHECK(two.requests->completed == 200);
    constexpr auto work = static_cast<std::size_t>(TimeCategory::work);
    CHECK((*one.time)[work] == (*two.time)[work]);
    CHECK(two.requests->latency.mean() < one.requests->latency.mean());
}

TEST_CASE("Ending a request that nobody has begun is a mistake of the scenario") {
    CHECK_THROWS_MATCHES(
        run(ScenarioBuilder("none").task("A", TaskKind::thread, [](auto& task) { task.end_request(); })), InputError,
        says("no request in hand"));
}

TEST_CASE("Children of a process that ignores them leave no zombies") {
    const auto with = [](bool ignores) {
        return run(
            ScenarioBuilder("children")
                .cores(2)
                .task(
                    "server", TaskKind::process,
                    [](auto& task) { task.repeat(10, [](auto& body) { body.fork("c", [](auto&) {}).sleep(1ms); }); },
                    [=](TaskTemplate& task) { task.ignores_children = ignores; }));
    };
    CHECK(with(true).counters.zombies == 0);
    CHECK(with(false).counters.zombies == 10);
}

TEST_CASE("A queue's lock is taken and given back: its word comes from the other core once, and nothing is copied") {
    CostProfile profile = free_profile();
    profile[Cost::atomic_operation] = Law::constant(1us);
    profile[Cost::cache_line_transfer] = Law::constant(10us);
    profile[Cost::memory_copy] = Law::constant(1ms);
    const Report report = run(ScenarioBuilder("queue")
                                  .cores(2)
                                  .hz(0)
                                  .channel("q", ChannelKind::queue)
                                  .task("sends", TaskKind::thread, [](auto& task) { task.send("q", Bytes{4096}); })
                                  .task("receives", TaskKind::thread, [](auto& task) { task.sleep(1ms).receive("q"); }),
                              profile);
    CHECK((*report.time)[static_cast<std::size_t>(TimeCategory::synchronisation)] == 4 * 1us + 10us);
}
