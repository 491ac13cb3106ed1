#include "models/errors.hpp"
#include "native/execute/groups.hpp"
#include "native/plan/compile.hpp"
#include "tests/native/runner/native_run.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>
#include <future>
#include <map>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

// What the kernel says of a thread, as sched_getattr(2) does.
struct Attributes {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;
};

Attributes attributes_of(pid_t thread) {
    Attributes attributes{};
    syscall(SYS_sched_getattr, thread, &attributes, sizeof attributes, 0);
    return attributes;
}

// Real-time policies and negative nice values need CAP_SYS_NICE; a machine may refuse all the same.
bool may_be_real_time() {
    const pid_t child = fork();
    if (child == 0) {
        const sched_param priority{1};
        _exit(sched_setscheduler(0, SCHED_FIFO, &priority) == 0 ? 0 : 1);
    }
    int status = 1;
    waitpid(child, &status, 0);
    return status == 0;
}

bool says(const Report& report, std::string_view text) {
    return std::ranges::any_of(report.notes, [&](const std::string& note) { return note.find(text) != note.npos; });
}

ProgramBuilder::Body sleeps() {
    return [](ProgramBuilder& task) { task.sleep(1500ms); };
}

auto scheduled(LinuxPolicy policy, std::int32_t nice = 0, std::int32_t priority = 0) {
    return [=](TaskTemplate& task) {
        task.scheduling.policy = policy;
        task.scheduling.nice = nice;
        task.scheduling.priority = priority;
    };
}

} // namespace

TEST_CASE("the kernel is told policy, nice value, priority, slice and reservation before the start, children inherit") {
    if (!may_be_real_time()) SKIP("real-time policies are not permitted here");
    const Scenario scenario =
        ScenarioBuilder("attributes")
            .scheduler("linux")
            .task("nice", TaskKind::process, sleeps(), scheduled(LinuxPolicy::normal, 7))
            .task(
                "parent", TaskKind::process,
                [](auto& task) { task.fork("child", [](auto& child) { child.sleep(1500ms); }).wait("child"); },
                scheduled(LinuxPolicy::batch, 3))
            .task("idle", TaskKind::process, sleeps(), scheduled(LinuxPolicy::idle))
            .task("fifo", TaskKind::process, sleeps(), scheduled(LinuxPolicy::fifo, 0, 11))
            .task("rr", TaskKind::process, sleeps(), scheduled(LinuxPolicy::rr, 0, 12))
            .task("slice", TaskKind::process, sleeps(),
                  [](TaskTemplate& task) { task.scheduling.slice = Duration{10ms}; })
            .build();
    const NamedRunner runner;
    auto run = std::async(std::launch::async, [&] {
        return run_natively(scenario, {.iteration_picoseconds = 1000, .runner = runner.path()});
    });
    // (policy, nice, priority) of all processes, once they are all there.
    std::multimap<std::uint32_t, std::pair<std::int32_t, std::uint32_t>> seen;
    bool has_slice = false;
    const bool complete = soon([&] {
        seen.clear();
        has_slice = false;
        for (const pid_t process : runner.processes()) {
            const Attributes attributes = attributes_of(process);
            seen.emplace(attributes.policy, std::pair(attributes.nice, attributes.priority));
            has_slice = has_slice || (attributes.policy == SCHED_OTHER && attributes.runtime == 10'000'000);
        }
        return seen.count(SCHED_BATCH) == 2 && seen.contains(SCHED_IDLE) && seen.contains(SCHED_RR);
    });
    const Report report = run.get();
    REQUIRE(complete);
    const auto has = [&](int policy, std::int32_t nice, std::uint32_t priority) {
        const auto [from, to] = seen.equal_range(static_cast<std::uint32_t>(policy));
        return std::any_of(from, to, [&](const auto& one) { return one.second == std::pair(nice, priority); });
    };
    CHECK(has(SCHED_OTHER, 7, 0));
    CHECK(has(SCHED_BATCH, 3, 0));
    CHECK(has(SCHED_FIFO, 0, 11));
    CHECK(has(SCHED_RR, 0, 12));
    if (!has_slice) WARN("this kernel knows no slices of a task's own (before 6.12)");
    CHECK(report.scheduling == "SCHED_BATCH, SCHED_FIFO, SCHED_IDLE, SCHED_OTHER, SCHED_RR");
    CHECK_FALSE(says(report, "refused"));
    CHECK_FALSE(says(report, "is the simulator's"));
}

TEST_CASE("of two tasks on one core the one of higher real-time priority is done first, whatever the order") {
    if (!may_be_real_time()) SKIP("real-time policies are not permitted here");
    const auto computes = [](ProgramBuilder& task) { task.compute(15ms); };
    const Report report = run_natively(ScenarioBuilder("priorities")
                                           .scheduler("linux")
                                           .task("low", TaskKind::thread, computes, scheduled(LinuxPolicy::fifo, 0, 5))
                                           .task("high", TaskKind::thread, computes, scheduled(LinuxPolicy::fifo, 0, 6))
                                           .build());
    REQUIRE(report.outcome == Outcome::completed);
    CHECK(task_of(report, "low").response.most >= task_of(report, "high").turnaround.most);
}

TEST_CASE("a real-time task that never gives the processor up is killed at the time limit") {
    if (!may_be_real_time()) SKIP("real-time policies are not permitted here");
    const Report report = run_natively(ScenarioBuilder("greedy")
                                           .task(
                                               "greedy", TaskKind::thread, [](auto& task) { task.compute(60s); },
                                               scheduled(LinuxPolicy::fifo, 0, 50))
                                           .build(),
                                       {.iteration_picoseconds = 1000, .time_limit = 600ms});
    CHECK(report.outcome == Outcome::interrupted);
    CHECK(descendants().empty());
}

TEST_CASE("a reservation is admitted without being bound to processors, and the report says so") {
    if (!may_be_real_time()) SKIP("real-time policies are not permitted here");
    const Report report =
        run_natively(ScenarioBuilder("reservation")
                         .scheduler("linux")
                         .task(
                             "reserved", TaskKind::thread,
                             [](auto& task) { task.repeat(3, [](auto& body) { body.compute(1ms).sleep(1ms); }); },
                             [](TaskTemplate& task) {
                                 task.scheduling.policy = LinuxPolicy::deadline;
                                 task.scheduling.runtime = Duration{2ms};
                                 task.scheduling.period = Duration{20ms};
                             })
                         .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.scheduling == "SCHED_DEADLINE");
    const bool is_refused = says(report, "SCHED_DEADLINE and its attributes were refused");
    CHECK((is_refused || says(report, "a reservation cannot be bound") || sysconf(_SC_NPROCESSORS_ONLN) == 1));
}

TEST_CASE("what the machine does not do as the scenario says is noted") {
    const Report report = run_natively(
        ScenarioBuilder("textbook")
            .scheduler("rr", {{"slice", "1s"}})
            .task(
                "A", TaskKind::thread, [](auto& task) { task.compute(10us); }, [](auto& task) { task.session = "one"; })
            .task("B", TaskKind::thread, [](auto& task) { task.compute(10us); })
            .build());
    CHECK(report.scheduling == "SCHED_OTHER");
    CHECK(says(report, "policy 'rr' is the simulator's: the machine schedules the tasks its own way (SCHED_OTHER)"));
    CHECK(says(report, "sessions are not told apart"));
}

// --- Control groups --------------------------------------------------------------------------------------------------

TEST_CASE("shares and weights convert there and back") {
    CHECK(weight_of_shares(1024) == 100);
    CHECK(weight_of_shares(2) == 1);
    CHECK(weight_of_shares(most_shares) == highest_cpu_weight);
    for (std::int64_t weight = 1; weight <= highest_cpu_weight; ++weight)
        CHECK(weight_of_shares(shares_of_weight(weight)) == weight);
}

TEST_CASE("where groups cannot be made, a note says what is missing, and nothing stays behind") {
    // A folder with the files the kernel would have: what is written where.
    const std::filesystem::path mount =
        std::filesystem::temp_directory_path() / ("switchyard-groups-" + std::to_string(getpid()));
    std::filesystem::create_directory(mount);
    const Scenario scenario =
        ScenarioBuilder("groups")
            .group("outer", [](Group& group) { group.shares = 2048; })
            .task(
                "A", TaskKind::thread, [](auto& task) { task.compute(1us); }, [](auto& task) { task.group = 0; })
            .build();
    const auto note_of = [&] {
        const ControlGroups groups(scenario, mount);
        CHECK(groups.directory().empty());
        REQUIRE(groups.notes().size() == 1);
        return groups.notes()[0];
    };
    CHECK_THAT(note_of(), ContainsSubstring("does not have the cpu controller"));
    std::ofstream(mount / "cgroup.controllers") << "cpuset cpu io\n";
    CHECK_THAT(note_of(), ContainsSubstring("write '+cpu' into"));
    std::ofstream(mount / "cgroup.subtree_control") << "cpu\n";
    CHECK_THAT(note_of(), ContainsSubstring("writing '+cpu'")); // no kernel makes the files of the new directory
    CHECK(std::distance(std::filesystem::directory_iterator(mount), std::filesystem::directory_iterator()) == 2);
    std::filesystem::remove_all(mount);
}

TEST_CASE("a run with groups competes in them, or says why not") {
    const Report report = run_natively(
        ScenarioBuilder("grouped")
            .group("small", [](Group& group) { group.shares = 512; })
            .task(
                "A", TaskKind::thread, [](auto& task) { task.compute(1ms); }, [](auto& task) { task.group = 0; })
            .task("B", TaskKind::process, [](auto& task) { task.compute(1ms); })
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK_FALSE(says(report, "could not join"));
    if (says(report, "groups were not made")) SKIP("no control groups here");
}

// --- Jobs ------------------------------------------------------------------------------------------------------------

static Scenario periodic(std::int64_t jobs, Duration work, Duration period) {
    return ScenarioBuilder("periodic")
        .scheduler("linux")
        .task(
            "periodic", TaskKind::thread,
            [=](ProgramBuilder& task) {
                task.repeat(jobs, [=](auto& round) { round.job(period, [=](auto& job) { job.compute(work); }); });
            },
            [=](TaskTemplate& task) { task.scheduling.period = period; })
        .build();
}

TEST_CASE("jobs are released a period apart, and each has a response") {
    const Report report = run_natively(periodic(5, 100us, 20ms));
    const TaskReport& task = task_of(report, "periodic");
    CHECK(task.jobs.released == 5);
    CHECK(task.jobs.finished == 5);
    CHECK(task.jobs.aborted == 0);
    CHECK(task.jobs.response.count() == 5);
    CHECK(task.jobs.response.least() > Duration{});
    CHECK(task.turnaround.most >= Duration{80ms}); // the fifth is released after four periods
    CHECK(task.voluntary_switches >= 5);           // it waits four times, and ends
}

TEST_CASE("a job that is late keeps its release, so all after it are late too") {
    const Report report = run_natively(periodic(4, 5ms, 1ms)); // five times more work than there is time
    const JobReport& jobs = task_of(report, "periodic").jobs;
    CHECK(jobs.finished == 4);
    CHECK(jobs.missed == 4);
    CHECK(jobs.response.most() >= jobs.response.least() + Duration{3 * 3ms}); // 4 ms more each, for a clock that wanders
}

TEST_CASE("jobs that are given up at their deadline are refused, with what to do") {
    const Scenario scenario = ScenarioBuilder("abort")
                                  .task(
                                      "A", TaskKind::thread,
                                      [](ProgramBuilder& task) { task.job(1ms, [](auto& job) { job.compute(1us); }); },
                                      [](TaskTemplate& task) {
                                          task.scheduling.period = Duration{1ms};
                                          task.scheduling.aborts_on_miss = true;
                                      })
                                  .build();
    REQUIRE(why_not_native(scenario).has_value());
    CHECK_THAT(*why_not_native(scenario), ContainsSubstring("on_miss: continue"));
}
