#include "tests/native/runner/native_run.hpp"

#include "models/errors.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <csignal>
#include <fstream>
#include <future>
#include <linux/capability.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;

// Processes, threads, coroutines, an orphan, one that computes and one that waits for ever.
static Scenario long_scenario() {
    const auto receives = [](const char* channel) { return [channel](auto& task) { task.receive(channel); }; };
    return ScenarioBuilder("long")
        .semaphore("never")
        .channel("posix", ChannelKind::message_queue)
        .channel("system v", ChannelKind::system_v_queue)
        .channel("fifo", ChannelKind::fifo)
        .channel("unix", ChannelKind::unix_datagram)
        .channel("tcp", ChannelKind::tcp)
        .channel("signal", ChannelKind::signal)
        .task("posix", TaskKind::process, receives("posix"))
        .task("system v", TaskKind::process, receives("system v"))
        .task("unix", TaskKind::process, receives("unix.server"))
        .task("signal", TaskKind::process, receives("signal"))
        .task("fifo", TaskKind::process, [](auto& task) { task.receive("fifo", {1}); })
        .task("tcp", TaskKind::process, [](auto& task) { task.receive("tcp.server", {1}); })
        .task("parent", TaskKind::process,
              [](auto& task) { task.fork("orphan", [](auto& child) { child.sleep(60s); }); })
        .task("waiting", TaskKind::process, [](auto& task) { task.acquire("never"); })
        .task(
            "threads", TaskKind::thread, [](auto& task) { task.sleep(60s); }, [](auto& task) { task.count = 3; })
        .task("coroutine", TaskKind::coroutine, [](auto& task) { task.sleep(60s, true); })
        .task("computing", TaskKind::process, [](auto& task) { task.compute(60s); })
        .build();
}

// What the kernel keeps of runs whose processes are gone: System V queues, POSIX queues where they can be seen, FIFOs.
static std::set<std::string> kept() {
    std::set<std::string> found;
    std::ifstream queues("/proc/sysvipc/msg");
    for (std::string line; std::getline(queues, line);) found.insert(line.substr(0, 21)); // key and id
    for (const char* const folder : {"/dev/mqueue", "/tmp"}) {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(folder, error))
            if (std::filesystem::exists(entry.path() / "fifo", error) ||
                entry.path().filename().string().starts_with("switchyard-queue"))
                found.insert(entry.path());
    }
    return found;
}

// The run's first process: that of the runner's which another program started.
static pid_t conductor_of(const NamedRunner& runner) {
    const std::set<pid_t> processes = runner.processes();
    for (const pid_t process : processes)
        if (!processes.contains(parent_of(process))) return process;
    return 0;
}

TEST_CASE("a run whose first process is killed is given up, and nothing of it stays") {
    const std::chrono::milliseconds delay{GENERATE(0, 3, 30, 150, 300)};
    CAPTURE(delay.count());
    const std::set<std::string> before = kept();
    const NamedRunner runner;
    auto run = std::async(std::launch::async, [&] {
        return run_natively(long_scenario(), {.iteration_picoseconds = 1000, .runner = runner.path()});
    });
    REQUIRE(soon([&] { return conductor_of(runner) != 0; }));
    std::this_thread::sleep_for(delay);
    kill(conductor_of(runner), SIGKILL);
    CHECK_THROWS_AS(run.get(), SystemError);
    CHECK(descendants().empty());
    CHECK(runner.processes().empty());
    CHECK(soon([&] { return kept() == before; }));
}

TEST_CASE("a run whose keeper is killed is given up, and nothing of it stays") {
    const std::chrono::milliseconds delay{GENERATE(0, 5, 50, 250)};
    CAPTURE(delay.count());
    const std::set<std::string> before = kept();
    const NamedRunner runner;
    auto run = std::async(std::launch::async, [&] {
        return run_natively(long_scenario(), {.iteration_picoseconds = 1000, .runner = runner.path()});
    });
    REQUIRE(soon([&] { return conductor_of(runner) != 0; }));
    std::this_thread::sleep_for(delay);
    const pid_t keeper = parent_of(parent_of(conductor_of(runner)));
    REQUIRE(parent_of(keeper) == getpid());
    kill(keeper, SIGKILL);
    CHECK_THROWS_AS(run.get(), SystemError);
    CHECK(soon([&] { return runner.processes().empty(); }));
    CHECK(soon([&] { return descendants().empty(); }));
    CHECK(soon([&] { return kept() == before; }));
}

TEST_CASE("a run whose starter is killed ends with it") {
    const std::chrono::milliseconds delay{GENERATE(0, 2, 20, 100, 200, 250)};
    const bool has_own_namespace = GENERATE(true, false); // for its System V queues, where it may
    CAPTURE(delay.count(), has_own_namespace);
    const std::set<std::string> before = kept();
    const NamedRunner runner;
    const pid_t starter = fork();
    if (starter == 0) {
        if (!has_own_namespace) prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN); // of what it executes
        try {
            static_cast<void>(run_natively(long_scenario(), {.iteration_picoseconds = 1000, .runner = runner.path()}));
        } catch (...) {
        }
        _exit(0);
    }
    if (delay > 2ms) CHECK(soon([&] { return conductor_of(runner) != 0; }));
    std::this_thread::sleep_for(delay);
    kill(starter, SIGKILL);
    waitpid(starter, nullptr, 0);
    std::this_thread::sleep_for(20ms); // what had been about to start would be there by now
    CHECK(soon([&] { return runner.processes().empty(); }));
    CHECK(soon([&] { return kept() == before; }));
}

TEST_CASE("a stop ends a run at once, and nothing of it stays") {
    const std::set<std::string> before = kept();
    const NamedRunner runner;
    std::stop_source stop;
    auto run = std::async(std::launch::async, [&] {
        return run_natively(long_scenario(),
                            {.iteration_picoseconds = 1000, .runner = runner.path(), .stop = stop.get_token()});
    });
    REQUIRE(soon([&] { return conductor_of(runner) != 0; }));
    stop.request_stop();
    CHECK_THROWS_AS(run.get(), SystemError);
    CHECK(descendants().empty());
    CHECK(runner.processes().empty());
    CHECK(soon([&] { return kept() == before; }));
}

TEST_CASE("two tasks that each hold what the other wants are reported as deadlocked, with who waits for what") {
    const auto takes = [](const char* first, const char* second) {
        return [=](ProgramBuilder& task) { task.acquire(first).sleep(20ms).acquire(second); };
    };
    const NamedRunner runner;
    const Report report = run_natively(ScenarioBuilder("deadlock")
                                           .semaphore("left", 1)
                                           .semaphore("right", 1)
                                           .task("A", TaskKind::thread, takes("left", "right"))
                                           .task("B", TaskKind::process, takes("right", "left"))
                                           .build(),
                                       {.runner = runner.path()});
    CHECK(report.outcome == Outcome::deadlocked);
    CHECK(report.diagnosis.find("A waits for semaphore 'right'") != std::string::npos);
    CHECK(report.diagnosis.find("B waits for semaphore 'left'") != std::string::npos);
    CHECK_FALSE(report.pure_work);
    CHECK(runner.processes().empty());
    CHECK(descendants().empty());
}

TEST_CASE("a coroutine that blocks its thread for ever is a deadlock, though others of its thread could go on") {
    const Report report =
        run_natively(ScenarioBuilder("blocked carrier")
                         .semaphore("never")
                         .task("blocks", TaskKind::coroutine, [](auto& task) { task.yield().acquire("never"); })
                         .task("ready", TaskKind::coroutine, [](auto& task) { task.yield().yield().release("never"); })
                         .build());
    CHECK(report.outcome == Outcome::deadlocked);
    CHECK(report.diagnosis.find("blocks waits for semaphore 'never'") != std::string::npos);
}

TEST_CASE("a run that still works at its time limit is interrupted, not deadlocked") {
    const Report report = run_natively(
        ScenarioBuilder("endless").task("A", TaskKind::thread, [](auto& task) { task.compute(60s); }).build(),
        {.time_limit = 500ms});
    CHECK(report.outcome == Outcome::interrupted);
    CHECK(report.diagnosis.find("A still runs") != std::string::npos);
    CHECK(descendants().empty());
}

TEST_CASE("run after run leaves neither processes nor open files behind") {
    const auto open_files = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator());
    };
    const Scenario scenario =
        ScenarioBuilder("short").pipe("p").task("A", TaskKind::process, [](auto& task) { task.compute(10us); }).build();
    static_cast<void>(run_natively(scenario));
    const auto before = open_files();
    for (int run = 0; run < 5; ++run) CHECK(run_natively(scenario).outcome == Outcome::completed);
    CHECK(open_files() == before);
    CHECK(descendants().empty());
}
