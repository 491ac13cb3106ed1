// switchyard pages as a user meets it.
#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdio>
#include <string>
#include <sys/wait.h>

namespace {

struct Result {
    int status = 0;
    std::string out; // and what was said on standard error
};

// What the shell makes of it, SWITCHYARD standing for the program.
Result shell(std::string command) {
    const std::string name = "SWITCHYARD";
    command.replace(command.find(name), name.size(), std::string("'") + SWITCHYARD_EXECUTABLE + "'");
    std::FILE* const pipe = ::popen(("(" + command + ") 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    Result result;
    std::array<char, 4096> some{};
    while (const std::size_t count = std::fread(some.data(), 1, some.size(), pipe))
        result.out.append(some.data(), count);
    const int status = ::pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

const std::string belady = R"(printf '%s\n' 1 2 3 4 1 2 5 1 2 3 4 5 | )";

} // namespace

TEST_CASE("pages replays a trace from a pipe under several policies and sizes at once") {
    const Result result = shell(belady + "SWITCHYARD pages --policy fifo,lru,opt --frames 3,4 2>/dev/null");
    CHECK(result.status == 0);
    CHECK(result.out == "policy  frames  references  misses  miss ratio\n"
                        "------  ------  ----------  ------  ----------\n"
                        "fifo         3          12       9   75.0000 %\n"
                        "fifo         4          12      10   83.3333 %\n"
                        "lru          3          12      10   83.3333 %\n"
                        "lru          4          12       8   66.6667 %\n"
                        "opt          3          12       7   58.3333 %\n"
                        "opt          4          12       6   50.0000 %\n");
}

TEST_CASE("pages reads lackey's output and compressed traces") {
    const std::string lackey = R"(printf '==1== x\nI  1000,4\n L 1ffc,8\n S 2000,4\n M 1008,4\nI  5000,4\n' | )";
    CHECK(shell(lackey + "SWITCHYARD pages --frames 1 --json | tr -d ' \\n'").out.find(R"("misses":4)") !=
          std::string::npos);
    CHECK(shell(lackey + "SWITCHYARD pages --frames 1 --data-only --json | tr -d ' \\n'").out ==
          R"({"references":3,"results":[{"policy":"lru","frames":1,"misses":3,"miss_ratio":1.0}]})");
    CHECK(shell(lackey + "SWITCHYARD pages --frames 1 --kinds IL --collapse --json | tr -d ' \\n'").out ==
          R"({"references":2,"results":[{"policy":"lru","frames":1,"misses":2,"miss_ratio":1.0}]})");
    CHECK(shell(lackey + "SWITCHYARD pages --frames 1 --page-size 64KiB --json | tr -d ' \\n'")
              .out.find(R"("misses":1)") != std::string::npos);
    const Result real =
        shell("SWITCHYARD pages '" SWITCHYARD_SOURCE_DIR
              "/tests/oracles/data/memory/traces/loop_1000x50.txt.zst' --frames 999,1000 --policy lru,mru");
    CHECK(real.out == "policy  frames  references  misses  miss ratio\n"
                      "------  ------  ----------  ------  ----------\n"
                      "lru        999       50000   50000  100.0000 %\n"
                      "lru       1000       50000    1000    2.0000 %\n"
                      "mru        999       50000    1049    2.0980 %\n"
                      "mru       1000       50000    1000    2.0000 %\n");
}

TEST_CASE("pages writes the miss ratio of every memory size") {
    CHECK(shell(belady + "SWITCHYARD pages --mrc -").out ==
          "policy,frames,miss_ratio\nlru,0,1\nlru,1,1\nlru,2,1\n"
          "lru,3,0.833333333\nlru,4,0.666666667\nlru,5,0.416666667\n");
    CHECK(shell(belady + "SWITCHYARD pages --mrc - --sample 100%").status == 0);
    CHECK(shell(belady + "SWITCHYARD pages --mrc - --sample-pages 3").status == 0);
}

TEST_CASE("pages refuses what makes no sense in one line") {
    const auto said = [](const std::string& arguments) {
        const Result result = shell("printf '1\\nx\\n' | SWITCHYARD pages " + arguments);
        CHECK(result.status == 2);
        CHECK(result.out.find('\n') == result.out.size() - 1);
        return result.out;
    };
    CHECK(said("--frames 3").starts_with("standard input:2: 'x' is no reference: "));
    CHECK(said("") == "switchyard: what is wanted? Give --frames, --mrc or both\n");
    CHECK(said("--frames 3 --policy lru,ark").starts_with("switchyard: unknown replacement policy 'ark'"));
    CHECK(said("--frames 0").starts_with("switchyard: "));
    CHECK(said("--frames 3 --page-size 3KiB") == "switchyard: --page-size 3KiB: a power of two is needed\n");
    CHECK(said("--frames 3 --sample 10%") == "switchyard: --sample and --sample-pages need --mrc\n");
    CHECK(said("/nowhere/trace --frames 3") == "/nowhere/trace: cannot be read: No such file or directory\n");
    const Result empty = shell("SWITCHYARD pages --frames 3 </dev/null");
    CHECK(empty.status == 2);
    CHECK(empty.out == "standard input: there are no references in it\n");
}
