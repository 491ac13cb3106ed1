// Runs that are killed at random instants, in every way, leave nothing behind.
#include "tests/cli/machine_state.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

const std::string folder_of_scenarios = SWITCHYARD_SOURCE_DIR "/tests/cli/killed/";
const std::string everything = folder_of_scenarios + "everything.yaml";

// What they write goes into a folder of the test's, complete or not at all; a calibration goes on from its journal.
const std::set<std::string> outputs{"trace.json", "profile.json", "profile.json.journal"};

const std::vector<Words> commands{
    {"native", everything},
    {"native", everything, "--capture"},
    {"native", everything, "--trace", "trace.json"},
    {"native", everything, "--capture", "--events", "perf"},
    {"native", folder_of_scenarios + "huge-pages.yaml"},
    {"native", folder_of_scenarios + "memory-limit.yaml"},
    {"calibrate", "--quick", "--force", "--only", "fifo,message_queue,system_v_queue,unix_stream", "-o",
     "profile.json"},
    {"calibrate", "--quick", "--force", "--only", "page_cache,disk,fault,fork,thread,io_uring", "-o", "profile.json"},
    {"calibrate", "--quick", "--force"},
    {"validate", everything, "--profile", "reference", "--rounds", "2"},
    {"validate", everything, "--force"},
};

// Who is sent what. Whoever is not killed has to see to it that nothing stays.
enum class Blow {
    kill_main,
    interrupt_main,
    terminate_main,
    kill_group,      // of the terminal's job, as its shell would: `kill -9 %1`
    interrupt_group, // Ctrl-C
    kill_descendant, // any process that the program has started
    kill_runner,     // any process of the run itself
    kill_everybody,  // nobody is left to clear up: the next run does
};
constexpr int blows = 8;

constexpr std::array names{"SIGKILL to the program",          "SIGINT to the program",
                           "SIGTERM to the program",          "SIGKILL to its process group",
                           "SIGINT to its process group",     "SIGKILL to a process it started",
                           "SIGKILL to a process of the run", "SIGKILL to everybody"};

pid_t start(const Words& words, const fs::path& folder) {
    std::vector<std::string> line{SWITCHYARD_EXECUTABLE};
    line.insert(line.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& word : line) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child != 0) return child;
    setpgid(0, 0);
    const int nowhere = open("/dev/null", O_RDWR);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, stream);
    setenv("TMPDIR", folder.c_str(), 1);
    if (chdir(folder.c_str()) == 0) execv(arguments[0], arguments.data());
    _exit(127);
}

pid_t any_of(const std::set<pid_t>& processes, std::mt19937& random) {
    if (processes.empty()) return 0;
    return *std::next(processes.begin(), static_cast<std::ptrdiff_t>(random() % processes.size()));
}

void strike(Blow blow, pid_t main, std::mt19937& random) {
    std::set<pid_t> others = descendants();
    switch (blow) {
    case Blow::kill_main: kill(main, SIGKILL); return;
    case Blow::interrupt_main: kill(main, SIGINT); return;
    case Blow::terminate_main: kill(main, SIGTERM); return;
    case Blow::kill_group: kill(-main, SIGKILL); return;
    case Blow::interrupt_group: kill(-main, SIGINT); return;
    case Blow::kill_runner:
        std::erase_if(others, [](pid_t one) { return command_line(one).find("-runner") == std::string::npos; });
        [[fallthrough]];
    case Blow::kill_descendant:
        others.erase(main);
        if (const pid_t one = any_of(others, random); one > 0) kill(one, SIGKILL);
        return;
    case Blow::kill_everybody:
        for (; !others.empty(); others = descendants()) {
            for (const pid_t one : others) kill(one, SIGKILL);
            while (waitpid(-1, nullptr, WNOHANG) > 0) {
            }
        }
        return;
    }
}

// Reaps everybody, orphans too, of which this process is the foster parent. Who is left after a long while.
std::string who_stays() {
    const auto everybody_ended = [] {
        pid_t ended = 0;
        while ((ended = waitpid(-1, nullptr, WNOHANG)) > 0) {
        }
        return ended < 0 && errno == ECHILD;
    };
    if (soon(everybody_ended)) return "";
    std::string who;
    for (const pid_t one : descendants()) {
        who += std::to_string(one) + ": " + command_line(one) + '\n';
        kill(one, SIGKILL);
    }
    soon(everybody_ended);
    return who;
}

std::string unexpected_files(const fs::path& folder) {
    std::string files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (!outputs.contains(entry.path().filename())) files += entry.path().string() + '\n';
    return files;
}

unsigned seed_of_test() {
    const char* const wanted = std::getenv("SWITCHYARD_KILL_SEED");
    return wanted != nullptr ? static_cast<unsigned>(std::stoul(wanted)) : std::random_device{}();
}

struct Folder {
    fs::path path;
    Folder() {
        std::string name = (fs::temp_directory_path() / "switchyard-killed-XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
};

} // namespace

TEST_CASE("a run, calibration or validation that is killed at a random instant leaves nothing behind") {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const unsigned seed = seed_of_test(); // SWITCHYARD_KILL_SEED=... repeats a test, as far as instants can be
    std::mt19937 random(seed);
    const Folder folder;
    const std::set<std::string> before = state_of_machine();
    const auto is_as_before = [&] { return additions(before, state_of_machine()).empty(); };
    for (int round = 0; round < 50; ++round) {
        const Words& command = commands[random() % commands.size()];
        const Blow blow = static_cast<Blow>(round % blows);
        const unsigned most = random() % 2 == 0 ? 100'000 : 800'000; // a run begins with what is to be undone
        const std::chrono::microseconds instant{random() % most};
        std::string line;
        for (const std::string& word : command) line += ' ' + word;
        CAPTURE(seed, round, line, names[static_cast<std::size_t>(blow)], instant.count());

        const pid_t main = start(command, folder.path);
        REQUIRE(main > 0);
        std::this_thread::sleep_for(instant);
        strike(blow, main, random);
        if (blow == Blow::kill_runner || blow == Blow::kill_descendant) { // the program may go on for long
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
            kill(main, SIGTERM);
        }
        CHECK(who_stays() == "");
        if (blow == Blow::kill_everybody) {
            REQUIRE(start({"native", folder_of_scenarios + "short.yaml", "--capture"}, folder.path) > 0);
            CHECK(who_stays() == "");
        }
        if (!soon(is_as_before)) CHECK(additions(before, state_of_machine()) == "");
        CHECK(unexpected_files(folder.path) == "");
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}
