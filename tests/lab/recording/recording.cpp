// Recordings of real programs: imported, and replayed within what the simulator promises.
#include "formats/perf_script/read_perf_script.hpp"
#include "formats/scenario/read_scenario.hpp"
#include "lab/recording/replay.hpp"
#include "models/errors.hpp"
#include "models/trace/digest.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fmt/format.h>
#include <map>

using namespace switchyard;
using namespace switchyard::lab;

static formats::SchedulingRecording recorded(const std::string& name) {
    return formats::read_perf_script(SWITCHYARD_SOURCE_DIR "/tests/recordings/" + name + ".perf-script.txt");
}

static const ReplayFigure& figure_of(const Replay& replay, const std::string& task, const std::string& name) {
    const auto found = std::ranges::find_if(
        replay.figures, [&](const ReplayFigure& each) { return each.task == task && each.name == name; });
    REQUIRE(found != replay.figures.end());
    return *found;
}

TEST_CASE("The two recordings of an idle machine replay within 2 %, run lengths within 50 us") {
    const std::string name = GENERATE("a_two_hogs_1cpu", "b_four_hogs_nice");
    const Replay replay = lab::replay(import_recording(recorded(name)));
    CHECK(replay.report.outcome == Outcome::completed);
    for (const ReplayFigure& figure : replay.figures) {
        INFO(name << " " << figure.task << " " << figure.name << ": " << figure.recorded << " " << figure.replayed);
        CHECK(figure.is_met());
    }
    CHECK(figure_of(replay, "", "involuntary switches").recorded > 450);
}

TEST_CASE("What was recorded is in the scenario: who is bound, how nice, who waits for whom, no preemption") {
    const Import import = import_recording(recorded("b_four_hogs_nice"));
    CHECK(import.seen.hz == 250);
    const Scenario scenario = formats::parse_scenario(import.text, "b.yaml");
    CHECK(scenario.machine.cores == 2);
    CHECK(scenario.machine.hz == 250u);
    CHECK(scenario.scheduler.policy == "linux");
    std::map<std::string, const TaskTemplate*> tasks;
    for (const TaskTemplate& task : scenario.tasks) tasks[task.name] = &task;
    REQUIRE(tasks.size() == 5);
    const std::vector<std::int32_t> nice{0, 5, 10, -5};
    for (std::size_t i = 0; i < nice.size(); ++i) {
        const TaskTemplate& hog = *tasks.at(fmt::format("nhog{}", i));
        CHECK(hog.kind == TaskKind::process);
        CHECK(hog.scheduling.nice == nice[i]);
        CHECK(hog.cores == std::vector<std::uint32_t>{1});
        CHECK(std::ranges::count(hog.program.code, OperationKind::acquire, &Operation::kind) == 1);
        CHECK(hog.program.code.size() < 12); // 500 preemptions left nothing
    }
    CHECK(std::ranges::count(tasks.at("scen")->program.code, OperationKind::release, &Operation::kind) == 4);
}

TEST_CASE("A sleeper beside a hog is woken by its timer, whoever had the processor") {
    const Import import = import_recording(recorded("hog_and_sleeper"));
    const Scenario scenario = formats::parse_scenario(import.text, "sleeper.yaml");
    const auto sleeper = std::ranges::find(scenario.tasks, "slp0", &TaskTemplate::name);
    REQUIRE(sleeper != scenario.tasks.end());
    CHECK(std::ranges::count(sleeper->program.code, OperationKind::acquire, &Operation::kind) == 0);
    CHECK(std::ranges::count(sleeper->program.code, OperationKind::repeat, &Operation::kind) > 0);
    const Replay replay = lab::replay(import);
    for (const char* name : {"share", "voluntary switches", "median run length"})
        CHECK(figure_of(replay, "slp0", name).is_met());
    for (const char* name : {"share", "median run length"}) CHECK(figure_of(replay, "hog0", name).is_met());
    CHECK(figure_of(replay, "", "makespan").is_met());
}

TEST_CASE("A byte to and fro stays causal: each waits for the other") {
    const Import import = import_recording(recorded("pipe_two_processors"));
    CHECK(import.behaviours.by_wakers > 300);
    const Replay replay = lab::replay(import);
    CHECK(replay.passed());
    Scenario elsewhere = formats::parse_scenario(import.text, "pipe.yaml");
    elsewhere.scheduler = {};
    elsewhere.scheduler.policy = "rr";
    CHECK(sim::simulate(elsewhere, free_profile()).outcome == Outcome::completed);
}

TEST_CASE("Yields, which no event names, are told from preemptions") {
    ImportOptions options;
    options.behaviour.pinning = Pinning::seen;
    const Import import = import_recording(recorded("yields"), options);
    CHECK(import.behaviours.yields > 1200);
    const Replay replay = lab::replay(import);
    for (const char* task : {"y0", "y1", "y2"}) {
        CHECK(figure_of(replay, task, "involuntary switches").is_met());
        CHECK(figure_of(replay, task, "median run length").is_met());
    }
}

TEST_CASE("Who is meant can be said, and what is missing has a place") {
    ImportOptions options;
    options.selection.only = {"hog1"};
    CHECK(import_recording(recorded("a_two_hogs_1cpu"), options).behaviours.threads.size() == 1);
    options.selection.only = {"hog7"};
    CHECK_THROWS_AS(import_recording(recorded("a_two_hogs_1cpu"), options), InputError);
    options.selection.only.clear();
    options.from = 100;
    CHECK_THROWS_AS(import_recording(recorded("a_two_hogs_1cpu"), options), InputError);
    formats::SchedulingRecording losing = recorded("a_two_hogs_1cpu");
    losing.lost = 3;
    losing.lost_line = 17;
    CHECK_THROWS_AS(import_recording(losing), InputError);
    options = {};
    options.accepts_losses = true;
    CHECK_NOTHROW(import_recording(losing, options));
}

// A simulated run as perf script prints a real one; thread numbers are 100 and on.
static std::string as_perf_script(const Trace& trace) {
    std::string text;
    std::vector<TaskId> current(trace.cores, no_task);
    std::vector<std::uint16_t> core_of(trace.tasks.size(), 0);
    const auto number = [](TaskId task) { return task == no_task ? 0 : task + 100; };
    const auto name = [&](TaskId task) { return task == no_task ? std::string("swapper") : trace.tasks[task].name; };
    const auto line = [&](Time at, std::uint16_t core, const std::string& event) {
        const std::int64_t ns = at.time_since_epoch().count() / 1000 + 5'000'000'000;
        const TaskId actor = current[core];
        text += fmt::format("{} {}/{} [{:03}] {}.{:09}: sched:{}\n", name(actor), number(actor), number(actor), core,
                            ns / 1'000'000'000, ns % 1'000'000'000, event);
    };
    const auto gives_way = [&](Time at, std::uint16_t core, char state, TaskId next) {
        line(at, core,
             fmt::format("sched_switch: prev_comm={} prev_pid={} prev_prio=120 prev_state={} ==> next_comm={} "
                         "next_pid={} next_prio=120",
                         name(current[core]), number(current[core]), state, name(next), number(next)));
        current[core] = next;
    };
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
        const TraceEvent& event = trace.events[i];
        if (event.kind == EventKind::ready) {
            const std::uint16_t at = event.other == no_task ? core_of[event.task] : core_of[event.other];
            line(event.time, at,
                 fmt::format("sched_waking: comm={} pid={} prio=120 target_cpu={:03}", name(event.task),
                             number(event.task), core_of[event.task]));
        }
        if (event.kind == EventKind::running) {
            gives_way(event.time, event.core, 'R', event.task);
            core_of[event.task] = event.core;
        }
        if (event.kind == EventKind::stopped) {
            const auto why = static_cast<Stop>(event.detail);
            // Straight to who runs next there.
            const auto next = std::find_if(trace.events.begin() + static_cast<std::ptrdiff_t>(i), trace.events.end(),
                                           [&](const TraceEvent& later) {
                                               return later.time > event.time ||
                                                      (later.kind == EventKind::running && later.core == event.core);
                                           });
            const bool is_followed = next != trace.events.end() && next->time == event.time;
            const char state = why == Stop::blocked ? 'S' : why == Stop::ended ? 'X' : 'R';
            if (is_followed && state == 'R' && next->task == event.task) continue;
            gives_way(event.time, event.core, state, no_task);
        }
    }
    return text;
}

TEST_CASE("A simulated run, printed, imported and simulated again, makes the same switches") {
    const std::string text = "machine: {cores: 2, profile: free, hz: 250}\n"
                             "scheduler: {policy: linux}\n"
                             "semaphores: {items: 0, room: 0}\n"
                             "tasks:\n"
                             "  maker:\n"
                             "    kind: process\n"
                             "    cores: [0]\n"
                             "    do: [repeat: {times: 50, do: [compute: 3ms, release: items, compute: 100us, "
                             "acquire: room]}]\n"
                             "  taker:\n"
                             "    kind: process\n"
                             "    cores: [1]\n"
                             "    do: [repeat: {times: 50, do: [acquire: items, compute: 2ms, release: room, "
                             "compute: 70us]}]\n"
                             "  sleeper:\n"
                             "    kind: process\n"
                             "    cores: [1]\n"
                             "    do: [repeat: {times: 20, do: [compute: 500us, sleep: 7ms]}]\n";
    Trace before, after;
    sim::SimulationOptions options;
    options.trace = &before;
    const Report was = sim::simulate(formats::parse_scenario(text, "round.yaml"), free_profile(), options);
    ImportOptions all;
    all.selection.all = true;
    all.behaviour.pinning = Pinning::seen;
    all.hz = 250;
    const Import import = import_recording(formats::parse_perf_script(as_perf_script(before), "round.txt"), all);
    options.trace = &after;
    const Report is = sim::simulate(formats::parse_scenario(import.text, "again.yaml"), free_profile(), options);
    CHECK(is.outcome == Outcome::completed);
    CHECK(is.counters.voluntary_switches == was.counters.voluntary_switches);
    CHECK(is.counters.involuntary_switches == was.counters.involuntary_switches);
    const auto difference = is.makespan > was.makespan ? is.makespan - was.makespan : was.makespan - is.makespan;
    CHECK(difference <= std::chrono::milliseconds{4}); // begun elsewhere between two ticks
}
