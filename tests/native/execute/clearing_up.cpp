#include "native/execute/abandoned.hpp"
#include "native/execute/caretaker.hpp"
#include "tests/native/leftovers.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace switchyard::native;
namespace fs = std::filesystem;

TEST_CASE("directories of dead processes go with all below them, those of the living stay") {
    const Folder folder;
    const auto of = [&](pid_t process) { return folder.path / ("switchyard-" + std::to_string(process)); };
    const pid_t dead = dead_process();
    fs::create_directories(of(dead) / "0" / "1");
    fs::create_directories(of(getpid()) / "0");
    CHECK(remove_abandoned_groups(folder.path, "switchyard-", 0));
    CHECK_FALSE(fs::exists(of(dead)));
    CHECK(fs::exists(of(getpid()) / "0"));
    std::ofstream(of(getpid()) / "0" / "in use") << "x";
    CHECK_FALSE(remove_abandoned_groups(folder.path, "switchyard-", getpid())); // its owner, alive, asks for it
    fs::remove(of(getpid()) / "0" / "in use");
    CHECK(remove_abandoned_groups(folder.path, "switchyard-", getpid()));
    CHECK(fs::is_empty(folder.path));
}

TEST_CASE("a caretaker clears up after a process that is killed, and after one that is done") {
    for (const bool is_killed : {true, false}) {
        CAPTURE(is_killed);
        const Folder folder;
        std::array<int, 2> ends;
        REQUIRE(pipe(ends.data()) == 0);
        const pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            const fs::path made = folder.path / "made";
            {
                const Caretaker caretaker([&] { fs::remove(made); });
                std::ofstream(made) << "x";
                if (is_killed) raise(SIGKILL);
            }
            _exit(fs::exists(made) ? 1 : 0);
        }
        close(ends[1]);
        int status = -1;
        waitpid(child, &status, 0);
        CHECK((is_killed ? WIFSIGNALED(status) : status == 0));
        char nothing = 0;
        CHECK(read(ends[0], &nothing, 1) == 0); // the caretaker does not keep open what was open in its parent
        close(ends[0]);
        for (int attempt = 0; attempt < 1000 && fs::exists(folder.path / "made"); ++attempt) usleep(10'000);
        CHECK_FALSE(fs::exists(folder.path / "made"));
    }
}
