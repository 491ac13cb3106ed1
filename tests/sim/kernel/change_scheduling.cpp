// Attributes of tasks that live: what sched_setattr(2) and priority inheritance are made of.
#include "models/machine/profile.hpp"
#include "sim/kernel/boot.hpp"
#include "sim/kernel/change_scheduling.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/instant.hpp"
#include "tests/sim/sched/linux/tasks.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;

namespace {

// A kernel in the middle of a scenario, whose tasks are numbered in the order they are described in.
class Played {
public:
    explicit Played(const ScenarioBuilder& builder)
        : scenario_(builder.build()), profile_(free_profile()), kernel_(boot(scenario_, profile_, {}, nullptr)) {}

    Kernel& kernel() { return *kernel_; }

    // Everything that happens until then, that instant included. Something must happen at it.
    void until(Duration instant) {
        while (kernel_->now() < Time{instant}) REQUIRE(next_instant(*kernel_, Time{instant}) > 0);
        REQUIRE(kernel_->now() == Time{instant});
    }
    void change(TaskId task, const Scheduling& scheduling) {
        change_scheduling(*kernel_, task, scheduling);
        run_cores(*kernel_);
    }
    [[nodiscard]] TaskId running(CoreId core = 0) const { return kernel_->running[core]; }
    [[nodiscard]] Scheduling of(TaskId task) const { return *kernel_->task_views[task].scheduling; }

private:
    Scenario scenario_;
    CostProfile profile_;
    std::unique_ptr<Kernel> kernel_;
};

Scheduling scheduling(LinuxPolicy policy, std::int32_t priority, std::int32_t nice = 0) {
    Scheduling result;
    result.policy = policy;
    result.priority = priority;
    result.nice = nice;
    return result;
}

Scheduling reservation(Duration runtime, Duration period) {
    Scheduling result;
    result.policy = LinuxPolicy::deadline;
    result.runtime = runtime;
    result.period = period;
    return result;
}

// So that something happens at 10, 20, 30 ... ms, on a core where it disturbs nobody.
void add_clock(ScenarioBuilder& scenario, std::uint32_t core) {
    scenario.task("clock", TaskKind::thread,
                  [](auto& task) { task.repeat(100, [](auto& body) { body.sleep(10ms); }); },
                  fifo(99, {}, {core}));
}

constexpr TaskId one = 0;
constexpr TaskId other = 1;

} // namespace

TEST_CASE("Real time: a waiting task whose priority is raised has the core at once, and loses it when that ends") {
    ScenarioBuilder scenario = on_linux(2);
    scenario.task("one", TaskKind::thread, computes(1s), fifo(20, {}, {0}))
        .task("other", TaskKind::thread, computes(1s), fifo(10, {}, {0}));
    add_clock(scenario, 1);
    Played played(scenario);
    played.until(10ms);
    CHECK(played.running() == one);
    played.change(other, scheduling(LinuxPolicy::fifo, 30));
    CHECK(played.running() == other);
    played.until(20ms);
    CHECK(played.running() == other);
    played.change(other, scheduling(LinuxPolicy::fifo, 10));
    CHECK(played.running() == one);
    played.until(30ms);
    CHECK(played.running() == one);
}

TEST_CASE("Deadline: a waiting task whose reservation becomes more urgent in another class goes first, and back") {
    ScenarioBuilder scenario = on_linux(1);
    scenario.task("one", TaskKind::thread, computes(200ms), fifo(50))
        .task("other", TaskKind::thread, computes(200ms), fifo(10));
    add_clock(scenario, 0);
    Played played(scenario);
    played.until(10ms);
    CHECK(played.running() == one);
    played.change(other, reservation(40ms, 100ms));
    CHECK(played.running() == other);
    played.until(20ms);
    CHECK(played.running() == other);
    played.change(other, scheduling(LinuxPolicy::fifo, 10));
    CHECK(played.running() == one);
}

TEST_CASE("Deadline: another reservation of a waiting task counts from its next period on") {
    ScenarioBuilder scenario = on_linux(1, {{"fair_server", "no"}});
    scenario.task("one", TaskKind::thread, computes(400ms), reserved(40ms, 100ms))
        .task("other", TaskKind::thread, computes(400ms), reserved(40ms, 200ms));
    Played played(scenario);
    played.until(40ms);
    CHECK(played.running() == other);
    played.change(other, reservation(20ms, 60ms));
    CHECK(played.of(other).runtime == 20ms);
    CHECK_THROWS(change_scheduling(played.kernel(), other, reservation(60ms, 100ms)));
}

TEST_CASE("Fair: a waiting task lent a real-time priority goes first; back in its class it competes as before") {
    const char* policy = GENERATE("linux", "eevdf", "cfs");
    ScenarioBuilder scenario = on_linux(2).scheduler(policy);
    scenario.task("one", TaskKind::thread, computes(1s), normal({}, {0}, -20))
        .task("other", TaskKind::thread, computes(1s), normal({}, {0}, 19));
    add_clock(scenario, 1);
    Played played(scenario);
    played.until(100ms);
    CHECK(played.running() == one);
    played.change(other, scheduling(LinuxPolicy::fifo, 1));
    CHECK(played.running() == other);
    played.until(200ms);
    CHECK(played.running() == other);
    played.change(other, scheduling(LinuxPolicy::normal, 0, 19));
    played.until(300ms);
    CHECK(played.running() == one);
}

TEST_CASE("A running task that leaves its class makes way for those between; one that rises goes on undisturbed") {
    ScenarioBuilder scenario = on_linux(2);
    scenario.task("one", TaskKind::thread, computes(1s), fifo(50, {}, {0}))
        .task("other", TaskKind::thread, computes(1s), fifo(10, {}, {0}));
    add_clock(scenario, 1);
    Played played(scenario);
    played.until(10ms);
    played.change(one, scheduling(LinuxPolicy::normal, 0));
    CHECK(played.running() == other);
    played.until(20ms);
    const auto dispatches = played.kernel().counters.dispatches;
    played.change(other, scheduling(LinuxPolicy::fifo, 60));
    CHECK(played.running() == other);
    CHECK(played.kernel().counters.dispatches == dispatches);
}

TEST_CASE("A blocked task changes its class where it sleeps, and wakes in the new one") {
    ScenarioBuilder scenario = on_linux(1);
    scenario.task("one", TaskKind::thread, computes(1s), fifo(50))
        .task("other", TaskKind::thread, [](auto& task) { task.sleep(15ms).compute(5ms); }, fifo(60));
    add_clock(scenario, 0);
    Played played(scenario);
    played.until(10ms);
    played.change(other, scheduling(LinuxPolicy::fifo, 10));
    played.until(15ms);
    CHECK(played.running() == one);
    played.until(20ms);
    played.change(other, scheduling(LinuxPolicy::normal, 0));
    played.change(other, reservation(10ms, 50ms));
    CHECK(played.running() == other);
}

TEST_CASE("An idle core takes a task that waits elsewhere when its class lets it") {
    ScenarioBuilder scenario = on_linux(2);
    scenario.task("one", TaskKind::thread, computes(100ms), fifo(50))
        .task("other", TaskKind::thread, computes(100ms), fifo(40))
        .task("third", TaskKind::thread, computes(100ms), fifo(30));
    add_clock(scenario, 0);
    Played played(scenario);
    played.until(10ms);
    CHECK(played.running(0) != 2);
    CHECK(played.running(1) != 2);
    played.change(2, scheduling(LinuxPolicy::fifo, 45));
    CHECK((played.running(0) == 2 || played.running(1) == 2));
    CHECK(played.running(0) != other);
    CHECK(played.running(1) != other);
}

TEST_CASE("A child inherits what its parent's attributes have become") {
    ScenarioBuilder scenario = on_linux(1);
    scenario.task("one", TaskKind::thread,
                  [](auto& task) {
                      task.compute(20ms).spawn("child", TaskKind::thread, [](auto& c) { c.compute(10ms); }).join("child");
                  },
                  fifo(50));
    add_clock(scenario, 0);
    Played played(scenario);
    played.until(10ms);
    played.change(one, scheduling(LinuxPolicy::rr, 7));
    played.until(20ms);
    const TaskId child = 2;
    REQUIRE(played.kernel().tasks.size() == 3);
    CHECK(played.of(child).policy == LinuxPolicy::rr);
    CHECK(played.of(child).priority == 7);
    played.change(one, scheduling(LinuxPolicy::rr, 8));
    CHECK(played.of(child).priority == 7);
}

TEST_CASE("Static priorities: a waiting task that is lent a larger one has the core at once, and gives it back") {
    ScenarioBuilder scenario("ranks");
    scenario.cores(2).hz(250).scheduler("static_priority");
    scenario.task("one", TaskKind::thread, computes(1s), with([](Scheduling& s) { s.priority = 20; }, {}, {0}))
        .task("other", TaskKind::thread, computes(1s), with([](Scheduling& s) { s.priority = 10; }, {}, {0}));
    add_clock(scenario, 1);
    Played played(scenario);
    played.until(10ms);
    CHECK(played.running() == one);
    played.change(other, scheduling(LinuxPolicy::normal, 30));
    CHECK(played.running() == other);
    played.until(20ms);
    CHECK(played.running() == other);
    played.change(other, scheduling(LinuxPolicy::normal, 10));
    CHECK(played.running() == one);
    played.until(30ms);
    CHECK(played.running() == one);
}
