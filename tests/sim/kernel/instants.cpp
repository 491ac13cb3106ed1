// What happens at one instant, where the order matters.
#include "sim/kernel/life.hpp"
#include "tests/sim/sched/played.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

TEST_CASE("A sleep of no time lets those that wait run first, and costs nobody an empty run") {
    ScenarioBuilder builder("nothing");
    builder.scheduler("fifo");
    builder.task("A", TaskKind::thread,
                 [](ProgramBuilder& task) { task.repeat(2, [](auto& round) { round.compute(1s).sleep(0s); }); });
    add(builder, "B", 0s, 2s);
    const Played played = play(builder);
    CHECK(played.runs() == "A 0-1, B 1-3, A 3-4");
    CHECK(played.report.tasks[0].blocked.mean() == 0s);
}

TEST_CASE("A task whose work ends with its slice blocks in that slice: it does not wait for another turn to do so") {
    ScenarioBuilder builder("boundary");
    builder.scheduler("rr", {{"slice", "1s"}});
    builder.task("A", TaskKind::thread, [](ProgramBuilder& task) { task.compute(1s).sleep(1s).compute(1s); });
    add(builder, "B", 0s, 3s);
    CHECK(play(builder).runs() == "A 0-1, B 1-3, A 3-4, B 4-5"); // A sleeps from 1 to 2, while B is alone
}

TEST_CASE("Who arrives is ready before who is woken at the same instant") {
    ScenarioBuilder builder("arrivals");
    builder.scheduler("fifo");
    builder.task("sleeper", TaskKind::thread, [](ProgramBuilder& task) { task.sleep(1s).compute(1s); });
    add(builder, "busy", 0s, 2s);
    add(builder, "new", 1s, 1s);
    CHECK(play(builder).runs() == "busy 0-2, new 2-3, sleeper 3-4");
}

TEST_CASE("Orphans: init has them, or the parent of who ended, or the root has all below") {
    const auto children_after = [](sim::Reparenting rule) {
        sim::Kernel kernel;
        kernel.reparenting = rule;
        const sim::ProcessId root = sim::create_process(kernel, sim::nothing, 0);
        const sim::ProcessId parent = sim::create_process(kernel, root, 0);
        const sim::ProcessId ending = sim::create_process(kernel, parent, 0);
        const sim::ProcessId child = sim::create_process(kernel, ending, 0);
        const sim::ProcessId grandchild = sim::create_process(kernel, child, 0);
        sim::finish_process(kernel, ending, no_task);
        return std::pair(kernel.processes[child].parent, kernel.processes[grandchild].parent);
    };
    CHECK(children_after(sim::Reparenting::to_init) == std::pair(sim::nothing, sim::ProcessId{3}));
    CHECK(children_after(sim::Reparenting::to_parent) == std::pair(sim::ProcessId{1}, sim::ProcessId{3}));
    CHECK(children_after(sim::Reparenting::all_to_root) == std::pair(sim::ProcessId{0}, sim::ProcessId{0}));
}
