#include "native/measurement/child.hpp"

#include "models/errors.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace switchyard::native;
using namespace std::chrono_literals;

namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

// A pipe whose write end every descendant inherits: it is at its end exactly when none of them lives.
struct Witness {
    int ends[2];
    Witness() { REQUIRE(pipe(ends) == 0); }
    ~Witness() { close(ends[0]); }
    void watch_only() { close(ends[1]); }
    [[nodiscard]] std::size_t await_nobody() const {
        std::size_t started = 0;
        for (char one; read(ends[0], &one, 1) == 1;) ++started;
        return started;
    }
    void sign() const { (void)!write(ends[1], "x", 1); }
    [[nodiscard]] char await_signature() const {
        char one = 0;
        return read(ends[0], &one, 1) == 1 ? one : '\0';
    }
};

[[noreturn]] void live_for_ever() {
    for (;;) pause();
}

// Three descendants that would never end: one in the group, one in a session of its own, one orphan.
void start_three_that_never_end(const Witness& witness) {
    if (fork() == 0) {
        witness.sign();
        live_for_ever();
    }
    if (fork() == 0) {
        setsid();
        witness.sign();
        live_for_ever();
    }
    const pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            setsid();
            witness.sign();
            live_for_ever();
        }
        _exit(0);
    }
    waitpid(middle, nullptr, 0);
}

} // namespace

TEST_CASE("a child's bytes come back, however many", "[child]") {
    CHECK(run_in_child([] { return bytes_of("hello"); }).bytes == bytes_of("hello"));
    CHECK(run_in_child([] { return std::vector<std::byte>{}; }).ending == ChildEnding::returned);
    const ChildResult large = run_in_child([] { return std::vector<std::byte>(1'000'000, std::byte{7}); });
    CHECK(large.ending == ChildEnding::returned);
    CHECK(large.bytes.size() == 1'000'000);
}

TEST_CASE("a child runs in a session and process group of its own", "[child]") {
    const ChildResult result =
        run_in_child([] { return bytes_of(getsid(0) == getpid() && getpgid(0) == getpid() ? "own" : "shared"); });
    CHECK(result.bytes == bytes_of("own"));
}

TEST_CASE("a child's exception, signal and exit are told apart", "[child]") {
    const ChildResult thrown =
        run_in_child([]() -> std::vector<std::byte> { throw std::runtime_error("no such thing"); });
    CHECK(thrown.ending == ChildEnding::failed);
    CHECK(thrown.message == "no such thing");

    const ChildResult killed = run_in_child([]() -> std::vector<std::byte> {
        raise(SIGKILL);
        return {};
    });
    CHECK(killed.ending == ChildEnding::died);
    CHECK(killed.message == "killed by Killed");

    const ChildResult exited = run_in_child([]() -> std::vector<std::byte> { _exit(3); });
    CHECK(exited.ending == ChildEnding::died);
    CHECK(exited.message == "exited with status 3 before it had a result");
}

TEST_CASE("a child that does not end is killed at its time limit, with all it started", "[child]") {
    Witness witness;
    const ChildResult result = run_in_child(
        [&]() -> std::vector<std::byte> {
            start_three_that_never_end(witness);
            live_for_ever();
        },
        {.time_limit = 300ms, .stop = {}});
    CHECK(result.ending == ChildEnding::timed_out);
    witness.watch_only();
    CHECK(witness.await_nobody() <= 3);
}

TEST_CASE("what a child leaves behind when it ends is killed", "[child]") {
    Witness witness;
    const ChildResult result = run_in_child([&] {
        start_three_that_never_end(witness);
        for (int i = 0; i < 3; ++i) (void)witness.await_signature();
        return bytes_of("done");
    });
    CHECK(result.bytes == bytes_of("done"));
    witness.watch_only();
    CHECK(witness.await_nobody() == 0);
}

TEST_CASE("a stop request ends a child and all it started", "[child]") {
    Witness witness;
    std::stop_source source;
    std::thread requester([&] {
        (void)witness.await_signature();
        source.request_stop();
    });
    const ChildResult result = run_in_child(
        [&]() -> std::vector<std::byte> {
            start_three_that_never_end(witness);
            live_for_ever();
        },
        {.time_limit = 60s, .stop = source.get_token()});
    requester.join();
    CHECK(result.ending == ChildEnding::stopped);
    witness.watch_only();
    CHECK(witness.await_nobody() <= 3);
}

TEST_CASE("a killed parent leaves nothing behind", "[child]") {
    Witness witness;
    const pid_t parent = fork();
    if (parent == 0) {
        (void)run_in_child([&]() -> std::vector<std::byte> {
            start_three_that_never_end(witness);
            live_for_ever();
        });
        _exit(0);
    }
    (void)witness.await_signature();
    kill(parent, SIGKILL);
    waitpid(parent, nullptr, 0);
    witness.watch_only();
    CHECK(witness.await_nobody() <= 3);
}

TEST_CASE("a killed keeper takes the worker's group along", "[child]") {
    Witness witness;
    const ChildResult result = run_in_child([&]() -> std::vector<std::byte> {
        if (fork() == 0) live_for_ever();
        kill(getppid(), SIGKILL);
        live_for_ever();
    });
    CHECK(result.ending == ChildEnding::died);
    witness.watch_only();
    CHECK(witness.await_nobody() == 0);
}

TEST_CASE("what is left to be done is done when all descendants are gone, also for a parent that is killed",
          "[child]") {
    const bool kills_parent = GENERATE(true, false);
    int done[2];
    REQUIRE(pipe(done) == 0);
    const Witness witness;
    const pid_t parent = fork();
    if (parent == 0) {
        static_cast<void>(run_in_child(
            [&]() -> std::vector<std::byte> {
                start_three_that_never_end(witness);
                for (;;) pause();
            },
            {.time_limit = kills_parent ? 60s : 300ms, .afterwards = [&] { (void)!write(done[1], "d", 1); }}));
        _exit(0);
    }
    close(done[1]);
    CHECK(witness.await_signature() == 'x');
    if (kills_parent) kill(parent, SIGKILL);
    char one = 0;
    CHECK(read(done[0], &one, 1) == 1);
    CHECK(one == 'd');
    waitpid(parent, nullptr, 0);
    close(done[0]);
}
