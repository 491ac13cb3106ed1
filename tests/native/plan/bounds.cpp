#include "native/plan/bounds.hpp"

#include "native/plan/compile.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

static const std::vector<int> one_cpu{0};

// A client that sends `times` messages, and a server that does `body` for each.
static Scenario served(std::int64_t times, const ProgramBuilder::Body& body) {
    return ScenarioBuilder("served")
        .channel("q", ChannelKind::message_queue)
        .channel("r", ChannelKind::message_queue)
        .task(
            "client", TaskKind::process,
            [&](auto& task) { task.repeat(times, [](auto& round) { round.send("q", {10}); }); },
            [](auto& task) { task.count = 3; })
        .task(
            "server", TaskKind::process, [&](auto& task) { task.for_each("q", {}, body); },
            [](auto& task) { task.count = 2; })
        .task("behind", TaskKind::process,
              [](auto& task) { task.for_each("r", {}, [](auto& each) { each.compute(1us); }); })
        .build();
}

TEST_CASE("a for_each goes round at most once for each message, all its servers together") {
    const Bounds bounds = bounds_of(served(7, [](auto& body) { body.compute(1us); }));
    CHECK(bounds.sends[0] == 21);
    CHECK(bounds.executions[1][0] == 2);
    CHECK(bounds.executions[1][1] == 21);
    CHECK(bounds.sends[1] == 0);
    CHECK(bounds.executions[2][1] == 0);
}

TEST_CASE("bounds go on from one for_each to the next") {
    const Bounds bounds =
        bounds_of(served(7, [](auto& body) { body.repeat(2, [](auto& twice) { twice.send("r", {10}); }); }));
    CHECK(bounds.sends[1] == 42);
    CHECK(bounds.executions[2][1] == 42);
}

TEST_CASE("a while that counts an atomic variable down goes round as often as that lets it") {
    const auto counted = [](bool atomic, std::int64_t by) {
        return bounds_of(ScenarioBuilder("countdown")
                             .variable("left", 100, atomic)
                             .task(
                                 "client", TaskKind::process,
                                 [=](auto& task) {
                                     task.repeat_while("left > 0",
                                                       [=](auto& body) { body.add("left", by).compute(1us); });
                                 },
                                 [](auto& task) { task.count = 5; })
                             .build())
            .executions[0][2];
    };
    CHECK(counted(true, -1) == 105);
    CHECK(counted(true, 1) == unbounded);
    CHECK(counted(false, -1) == unbounded); // what another takes may be lost
}

TEST_CASE("for_eaches that feed each other have no bound") {
    const Bounds bounds = bounds_of(
        ScenarioBuilder("circle")
            .channel("a", ChannelKind::message_queue)
            .channel("b", ChannelKind::message_queue)
            .task("first", TaskKind::process,
                  [](auto& task) {
                      task.send("b", {1}).for_each("a", {}, [](auto& body) { body.send("b", {1}).compute(1us); });
                  })
            .task("second", TaskKind::process,
                  [](auto& task) { task.for_each("b", {}, [](auto& body) { body.send("a", {1}); }); })
            .build());
    CHECK(bounds.sends[0] == unbounded);
    CHECK(bounds.executions[0][3] == unbounded);
}

TEST_CASE("a stream gives as many parts as its bytes have, and a last one to each who receives") {
    const Bounds bounds =
        bounds_of(ScenarioBuilder("stream")
                      .channel("f", ChannelKind::fifo)
                      .task("client", TaskKind::process, [](auto& task) { task.send("f", {1000}); })
                      .task(
                          "server", TaskKind::process,
                          [](auto& task) { task.for_each("f", {300}, [](auto& body) { body.compute(1us); }); },
                          [](auto& task) { task.count = 2; })
                      .build());
    CHECK(bounds.executions[1][1] == 3 + 2);
}

TEST_CASE("either branch of an if may be taken each time, and a while has no bound") {
    const Bounds bounds = bounds_of(ScenarioBuilder("branches")
                                        .variable("v")
                                        .task("A", TaskKind::thread,
                                              [](auto& task) {
                                                  task.repeat(5, [](auto& body) {
                                                      body.branch(
                                                          "v > 0", [](auto& then) { then.read("v"); },
                                                          [](auto& otherwise) { otherwise.yield(); });
                                                  });
                                                  task.repeat_while("v > 0", [](auto& body) { body.yield(); });
                                              })
                                        .build());
    // repeat branch read jump yield repeat_end branch yield jump end
    CHECK(bounds.executions[0][2] == 5);
    CHECK(bounds.executions[0][4] == 5);
    CHECK(bounds.executions[0][6] == 1);
    CHECK(bounds.executions[0][7] == unbounded);
}

TEST_CASE("a plan has room for what is started for each message") {
    const Plan plan = compile(served(7, [](auto& body) { body.fork("c", [](auto& child) { child.compute(1us); }); }),
                              {1000, one_cpu});
    CHECK(plan.header.dynamic_tasks == 21);
}

TEST_CASE("what a server starts without bound cannot run natively, and says why") {
    const Scenario scenario =
        ScenarioBuilder("endless")
            .variable("v")
            .task("A", TaskKind::thread,
                  [](auto& task) {
                      task.repeat_while("v == 0", [](auto& body) { body.spawn("t", TaskKind::thread, {}); });
                  })
            .build();
    REQUIRE(why_not_native(scenario));
    CHECK_THAT(*why_not_native(scenario), ContainsSubstring("'spawn' stands where others decide"));
    const Scenario runs_on = served(7, [](auto& body) {
        body.fork(
            "c", [](auto& child) { child.compute(1us); }, Afterwards::continues);
    });
    REQUIRE(why_not_native(runs_on));
    CHECK_THAT(*why_not_native(runs_on), ContainsSubstring("let it end with its own part"));
}

TEST_CASE("a plan draws the amounts of every request there can be") {
    const Distribution work = Distribution::exponential(5e6);
    const Plan plan = compile(
        ScenarioBuilder("requests")
            .seed(9)
            .request_amount("pause", Distribution::constant(7))
            .request_amount("work", work)
            .task(
                "A", TaskKind::thread,
                [](auto& task) {
                    task.repeat(4, [](auto& body) { body.begin_request().compute(OfRequest{"work"}).end_request(); });
                },
                [](auto& task) { task.count = 2; })
            .build(),
        {1000, one_cpu});
    REQUIRE(plan.header.requests == 8);
    REQUIRE(plan.request_amounts.size() == 16);
    for (std::uint32_t request = 0; request < 8; ++request)
        CHECK(plan.request_amounts[8 + request] == sample(work, request_key(9, 1, request)));
    CHECK(plan.values.empty());
}

TEST_CASE("a process has the ends its programs use, of a socket both ways") {
    const Plan plan =
        compile(ScenarioBuilder("ends")
                    .channel("f", ChannelKind::fifo)
                    .channel("s", ChannelKind::tcp)
                    .task("client", TaskKind::process, [](auto& task) { task.send("f", {1}).send("s.client", {1}); })
                    .task("server", TaskKind::process, [](auto& task) { task.receive("s.server", {1}); })
                    .build(),
                {1000, one_cpu});
    REQUIRE(plan.processes[0].holdings == 3);
    CHECK(plan.holdings[0].sends);
    CHECK_FALSE(plan.holdings[0].receives);
    CHECK(plan.holdings[1].sends);
    CHECK(plan.holdings[2].receives);
    REQUIRE(plan.processes[1].holdings == 2);
    const PlanHolding& from_client = plan.holdings[plan.processes[1].first_holding];
    CHECK(from_client.channel == 1);
    CHECK(from_client.receives);
    CHECK_FALSE(from_client.sends);
}
