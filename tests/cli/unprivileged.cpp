// Runs of somebody who is not root: everything works, with fewer guarantees, and the report says which.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <array>
#include <cstdio>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using Catch::Matchers::ContainsSubstring;

namespace {

struct Result {
    int status = -1;
    std::string text; // both streams
};

// By the user nobody, with no groups and no capabilities left.
Result switchyard_of_nobody(const std::string& arguments) {
    const std::string command = "cd / && setpriv --reuid=65534 --regid=65534 --clear-groups '" SWITCHYARD_EXECUTABLE
                                "' " +
                                arguments + " 2>&1 </dev/null";
    Result result;
    std::FILE* const pipe = popen(command.c_str(), "r");
    std::array<char, 4096> part;
    while (pipe != nullptr && std::fgets(part.data(), part.size(), pipe) != nullptr) result.text += part.data();
    if (pipe != nullptr) result.status = pclose(pipe);
    if (WIFEXITED(result.status)) result.status = WEXITSTATUS(result.status);
    return result;
}

std::string scenario(const std::string& path) { return "'" SWITCHYARD_SOURCE_DIR "/" + path + "'"; }

void need_root_and_setpriv() {
    if (geteuid() != 0) SKIP("only root can become somebody else: the other tests are unprivileged already");
    if (std::system("setpriv --version >/dev/null 2>&1") != 0) SKIP("setpriv (util-linux) is missing");
    if (switchyard_of_nobody("--help").status != 0) SKIP("nobody may not execute what was built here");
}

} // namespace

TEST_CASE("nobody in particular can run something of everything, and is told what was missing") {
    need_root_and_setpriv();
    const Result result = switchyard_of_nobody("native " + scenario("tests/cli/killed/everything.yaml") + " --capture");
    INFO(result.text);
    CHECK(result.status == 0);
    CHECK_THAT(result.text, ContainsSubstring("sender") && ContainsSubstring("messages 9"));
    for (const char* const note :
         {"task 'urgent': SCHED_FIFO and its attributes were refused", "groups were not made",
          "who opens the barrier had no real-time priority", "no scheduling events of the kernel"})
        CHECK_THAT(result.text, ContainsSubstring(note));
}

TEST_CASE("nobody in particular can run what other scenarios ask for") {
    need_root_and_setpriv();
    for (const char* const path : {"scenarios/io/completion.yaml", "scenarios/memory/segments.yaml",
                                   "scenarios/memory/file-mapping.yaml", "scenarios/ipc/signal-ping-pong.yaml"}) {
        const Result result = switchyard_of_nobody("native " + scenario(path) + " --set expect={}");
        INFO(path << '\n' << result.text);
        CHECK(result.status == 0);
        CHECK_THAT(result.text, ContainsSubstring("makespan"));
    }
}

TEST_CASE("what takes root is refused in one line that says so") {
    need_root_and_setpriv();
    const Result limit = switchyard_of_nobody("native " + scenario("tests/cli/killed/memory-limit.yaml"));
    CHECK(limit.status == 2);
    CHECK_THAT(limit.text, ContainsSubstring("cannot run natively"));
    CHECK(limit.text.find('\n') == limit.text.size() - 1);
}

TEST_CASE("nobody in particular can calibrate queues and FIFOs") {
    need_root_and_setpriv();
    const Result result =
        switchyard_of_nobody("calibrate --quick --force --only fifo,message_queue,system_v_queue,system_call -o -");
    INFO(result.text);
    CHECK(result.status == 0);
    for (const char* const law : {"fifo.transfer", "message_queue.transfer", "system_v_queue.transfer"})
        CHECK_THAT(result.text, ContainsSubstring(law));
    CHECK_THAT(result.text, !ContainsSubstring("needs a namespace"));
}
