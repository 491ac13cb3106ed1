// Shares in proportion to tickets: by lottery and by stride.
#include "sim/sched/lottery.hpp"
#include "sim/sched/ticket_pool.hpp"
#include "tests/sim/sched/played.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {
std::function<void(Scheduling&)> tickets(std::int64_t count) {
    return [count](Scheduling& scheduling) { scheduling.tickets = count; };
}

// Of the first `length`, how much the task had.
Duration had(const Played& played, TaskId task, Duration length) {
    Duration sum{};
    Time begin{};
    for (const TraceEvent& event : played.trace.events) {
        if (event.task != task || event.time - Time{} > length) continue;
        if (event.kind == EventKind::running) begin = event.time;
        if (event.kind == EventKind::stopped) sum += event.time - begin;
    }
    return sum;
}
} // namespace

TEST_CASE("lottery: shares come close to the tickets, and are the same for the same seed") {
    const auto share = [](std::uint64_t seed) {
        ScenarioBuilder builder("lottery");
        builder.seed(seed).scheduler("lottery", {{"quantum", "10ms"}});
        add(builder, "A", 0s, 100s, tickets(300));
        add(builder, "B", 0s, 100s, tickets(100));
        return had(play(builder), 0, 100s);
    };
    CHECK(share(1) == share(1));
    CHECK(share(1) != share(2));
    // 10^4 draws with p = 3/4: a standard deviation is 43 quanta; five of them are 2.2 s.
    for (const std::uint64_t seed : {1U, 2U, 3U})
        CHECK(std::abs((share(seed) - Duration{75s}).count()) < Duration{2200ms}.count());
}

TEST_CASE("lottery: who may not run on a core does not take part in its draws") {
    ScenarioBuilder builder("affinity");
    builder.cores(2).scheduler("lottery", {{"quantum", "1s"}});
    for (const char* name : {"A", "B", "C"})
        builder.task(
            name, TaskKind::thread, [](ProgramBuilder& task) { task.compute(10s); },
            [&](TaskTemplate& task) {
                if (*name != 'C') task.cores = {1};
            });
    const Played played = play(builder);
    CHECK(played.runs(0) == "C 0-10");
    CHECK(played.report.makespan == 20s);
}

TEST_CASE("lottery, full quanta: what a winner leaves of its quantum is nobody's") {
    const auto makespan = [](const char* full) {
        ScenarioBuilder builder("full");
        builder.scheduler("lottery", {{"quantum", "2s"}, {"full_quanta", full}});
        for (const char* name : {"A", "B", "C"}) add(builder, name, 0s, 3s);
        return play(builder).report.makespan;
    };
    CHECK(makespan("no") == 9s);
    CHECK(makespan("yes") == 11s); // the last second of the last one is not waited for
}

TEST_CASE("TicketPool finds the owner of every ticket") {
    sim::TicketPool pool;
    const std::vector<std::pair<TaskId, std::int64_t>> held{{0, 3}, {2, 1}, {7, 5}, {300, 2}};
    for (const auto& [task, count] : held) pool.set(task, 99), pool.set(task, count);
    pool.set(5, 4);
    pool.set(5, 0);
    REQUIRE(pool.total() == 11);
    std::int64_t ticket = 0;
    for (const auto& [task, count] : held)
        for (std::int64_t i = 0; i < count; ++i) CHECK(pool.owner(ticket++) == task);
}

TEST_CASE("stride: the paper's example, three tickets to two to one") {
    ScenarioBuilder builder("stride");
    builder.scheduler("stride", {{"quantum", "1s"}});
    add(builder, "A", 0s, 6s, tickets(3));
    add(builder, "B", 0s, 4s, tickets(2));
    add(builder, "C", 0s, 2s, tickets(1));
    CHECK(play(builder).runs() == "A 0-1, B 1-2, A 2-4, B 4-5, C 5-6, A 6-7, B 7-8, A 8-10, B 10-11, C 11-12");
}

TEST_CASE("stride: nobody is more than a quantum from its share at any time") {
    ScenarioBuilder builder("error");
    builder.scheduler("stride", {{"quantum", "1s"}});
    add(builder, "A", 0s, 700s, tickets(7));
    add(builder, "B", 0s, 300s, tickets(3));
    const Played played = play(builder);
    for (int at = 1; at < 900; at += 13) {
        const Duration error = had(played, 0, at * 1s) - Duration{at * 700ms};
        CHECK(std::abs(error.count()) <= Duration{1s}.count());
    }
}

TEST_CASE("stride: who has waited gets no more than its share afterwards") {
    ScenarioBuilder builder("sleeper");
    builder.scheduler("stride", {{"quantum", "1s"}});
    builder.task("sleeper", TaskKind::thread, [](ProgramBuilder& task) { task.compute(1s).sleep(100s).compute(50s); });
    add(builder, "steady", 0s, 200s);
    const Played played = play(builder);
    const Duration until = had(played, 0, 141s);
    CHECK(until >= 20s); // half of the 40 s since it came back, and the second before
    CHECK(until <= 22s);
}

TEST_CASE("stride: a part of a quantum costs a part of a stride") {
    ScenarioBuilder builder("partial");
    builder.scheduler("stride", {{"quantum", "1s"}});
    builder.task("halves", TaskKind::thread,
                 [](ProgramBuilder& task) { task.repeat(200, [](auto& round) { round.compute(500ms).yield(); }); });
    add(builder, "whole", 0s, 100s);
    const Duration error = had(play(builder), 0, 100s) - Duration{50s};
    CHECK(std::abs(error.count()) <= Duration{1s}.count());
}
