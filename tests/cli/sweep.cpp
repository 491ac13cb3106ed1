// switchyard sweep as users start it: by threads, under mpirun, in shards; interrupted and killed.
#include "lab/sweep/store.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using switchyard::formats::ScratchFolder;

namespace {

struct Result {
    int status = 0;
    std::string text;
};

Result shell(const ScratchFolder& folder, const std::string& line) {
    Result result;
    std::FILE* const pipe = popen(("cd '" + (folder / "") + "' && " + line + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        result.text.append(buffer.data(), count);
    const int status = pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

const std::string program = "'" SWITCHYARD_EXECUTABLE "' ";

Result sweep(const ScratchFolder& folder, const std::string& arguments) {
    return shell(folder, program + "sweep " + arguments);
}

// 60 points of `switches` switches each.
void write_sweep(const ScratchFolder& folder, int switches) {
    folder.write("s.yaml", R"(
about: Which slice costs how much?
scenario:
  machine: {cores: 1, profile: reference}
  scheduler: {policy: rr, slice: 1ms}
  tasks: {A: {do: [compute: {exponential: {mean: )" +
                               std::to_string(switches / 2) + R"(ms}}]}, B: {do: [compute: )" +
                               std::to_string(switches / 2) + R"(ms]}}
parameters:
  scheduler.slice: {range: [1ms, 1.9ms], points: 10}
  machine.cores: [1, 2]
replications: 3
metrics: [makespan, overhead]
)");
}

std::string exported(const ScratchFolder& folder, const std::string& name) {
    std::ostringstream text;
    switchyard::lab::sorted_export(folder / name, text);
    return text.str();
}

// Open MPI refuses root, and more ranks than processors, unless told that both are meant.
const std::string mpirun = "mpirun --allow-run-as-root --oversubscribe -n ";

bool has_mpirun(const ScratchFolder& folder) {
    return shell(folder, "command -v mpirun").status == 0 &&
           std::filesystem::exists(std::filesystem::path(SWITCHYARD_EXECUTABLE).parent_path() / "switchyard-mpi.so");
}

// The program in a process of its own; killed or interrupted after that long. Its status as wait has it.
int sweep_and_strike(const ScratchFolder& folder, std::vector<std::string> words, int signal,
                     std::chrono::milliseconds after) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const std::string log = folder / "log";
        if (chdir((folder / "").c_str()) != 0 || !std::freopen(log.c_str(), "w", stdout) || dup2(1, 2) < 0) _exit(126);
        execvp(arguments[0], arguments.data());
        _exit(127);
    }
    std::this_thread::sleep_for(after);
    kill(child, signal);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return status;
}

} // namespace

TEST_CASE("a sweep has the same results by threads, under mpirun and in shards") {
    const ScratchFolder folder;
    write_sweep(folder, 1000);
    const Result by_one = sweep(folder, "s.yaml --workers 1");
    CHECK(by_one.status == 0);
    CHECK_THAT(by_one.text, ContainsSubstring("60 points computed") &&
                                ContainsSubstring("results in s.sqlite: switchyard results s.sqlite"));
    const std::string wanted = exported(folder, "s.sqlite");
    CHECK(std::count(wanted.begin(), wanted.end(), '\n') == 61);
    CHECK_THAT(sweep(folder, "s.yaml").text,
               ContainsSubstring("0 points computed") && ContainsSubstring("60 there already"));
    for (const char* const workers : {"2", "4"}) {
        CHECK(sweep(folder, std::string("s.yaml -o w") + workers + " -j " + workers).status == 0);
        CHECK(exported(folder, std::string("w") + workers) == wanted);
    }
    for (const char* const shard : {"1/3", "2/3", "3/3"})
        CHECK(sweep(folder, std::string("s.yaml -o parts --shard ") + shard).status == 0);
    CHECK_THAT(sweep(folder, "merge parts parts.shard-*").text, ContainsSubstring("parts.shard-2-of-3: 20 points"));
    CHECK(exported(folder, "parts") == wanted);
    if (!has_mpirun(folder)) SKIP("no mpirun, or built without MPI");
    for (const char* const ranks : {"1", "2", "4"}) {
        const std::string database = std::string("mpi") + ranks;
        const Result result = shell(folder, mpirun + ranks + ' ' + program + "sweep s.yaml -o " + database);
        CAPTURE(result.text);
        CHECK(result.status == 0);
        CHECK(exported(folder, database) == wanted);
    }
}

TEST_CASE("what a sweep cannot do is one line, under mpirun too") {
    const ScratchFolder folder;
    write_sweep(folder, 1000);
    folder.write("letter", std::string(1000, 'x'));
    for (const auto& [arguments, wanted] : {
             std::pair{"", "which sweep?"},
             std::pair{"none.yaml", "none.yaml"},
             std::pair{"s.yaml --shard 4/3", "'4/3' is no shard"},
             std::pair{"s.yaml --workers 0", "--workers"},
             std::pair{"s.yaml -o letter", "letter is no database"},
             std::pair{"merge m letter", "letter is not the journal of a sweep's shard"},
         }) {
        const Result result = sweep(folder, arguments);
        CHECK(result.status == 2);
        CHECK_THAT(result.text, ContainsSubstring(wanted));
        CHECK(std::count(result.text.begin(), result.text.end(), '\n') == 1);
    }
    CHECK(sweep(folder, "s.yaml").status == 0);
    write_sweep(folder, 1002);
    CHECK_THAT(sweep(folder, "s.yaml").text, ContainsSubstring("with another base scenario, profile or seed"));
    if (!has_mpirun(folder)) SKIP("no mpirun, or built without MPI");
    const Result result = shell(folder, mpirun + "3 --quiet " + program + "sweep none.yaml");
    CHECK(result.status == 2);
    CHECK_THAT(result.text, ContainsSubstring("none.yaml"));
    CHECK(result.text.find("none.yaml") == result.text.rfind("none.yaml"));
}

TEST_CASE("a dry run says what there is to do and does nothing") {
    const ScratchFolder folder;
    write_sweep(folder, 1000);
    const Result result = sweep(folder, "s.yaml --dry-run");
    CHECK(result.status == 0);
    CHECK_THAT(result.text, ContainsSubstring("20 cells x 3 replications = 60 points") &&
                                ContainsSubstring("10 values, 1ms .. 1.9ms") && ContainsSubstring(" a point, as "));
    CHECK(folder.entries() == 1);
}

TEST_CASE("a sweep that is interrupted says how to go on, and goes on") {
    const ScratchFolder folder;
    write_sweep(folder, 4'000'000); // some tenths of a second each
    const int signal = GENERATE(SIGINT, SIGTERM);
    const int status =
        sweep_and_strike(folder, {SWITCHYARD_EXECUTABLE, "sweep", "s.yaml"}, signal, std::chrono::milliseconds{700});
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    CHECK_THAT(folder.read("log"), ContainsSubstring("the same command goes on from s.sqlite"));
    CHECK_FALSE(std::filesystem::exists(folder / "s.sqlite-wal"));
    // So it does, until it is interrupted again.
    const std::string before = exported(folder, "s.sqlite");
    sweep_and_strike(folder, {SWITCHYARD_EXECUTABLE, "sweep", "s.yaml"}, signal, std::chrono::milliseconds{1500});
    const std::string after = exported(folder, "s.sqlite");
    CHECK(std::count(after.begin(), after.end(), '\n') > std::count(before.begin(), before.end(), '\n'));
}

TEST_CASE("a sweep whose process or rank is killed loses nothing it had written") {
    const ScratchFolder folder;
    write_sweep(folder, 10'000);
    const bool by_ranks = GENERATE(false, true);
    if (by_ranks && !has_mpirun(folder)) SKIP("no mpirun, or built without MPI");
    CHECK(sweep(folder, "s.yaml -o wanted").status == 0);
    const char* const given = std::getenv("SWITCHYARD_KILL_SEED"); // repeats a test, as far as instants can be
    const unsigned seed = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 5; ++round) {
        const std::chrono::milliseconds after{random() % 800};
        if (!by_ranks) {
            sweep_and_strike(folder, {SWITCHYARD_EXECUTABLE, "sweep", "s.yaml", "-o", "killed"}, SIGKILL, after);
            continue;
        }
        // A rank kills itself: which one and when is drawn.
        const std::string line =
            program +
            "sweep s.yaml -o killed & P=$!; if [ \"$OMPI_COMM_WORLD_RANK\" = " + std::to_string(random() % 3) +
            " ]; then sleep " + std::to_string(static_cast<double>(after.count()) / 1000) + "; kill -9 $P; fi; wait $P";
        folder.write("rank.sh", line);
        shell(folder, mpirun + "3 --quiet sh rank.sh");
    }
    const Result result = sweep(folder, "s.yaml -o killed");
    CAPTURE(result.text);
    CHECK(result.status == 0);
    CHECK(exported(folder, "killed") == exported(folder, "wanted"));
}
