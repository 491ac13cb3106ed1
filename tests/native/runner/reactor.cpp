// Where an event loop waits, by itself: no run around it.
#include "native/runner/reactor.hpp"

#include "native/runner/clock.hpp"
#include "native/runner/completion_ring.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <sys/epoll.h>
#include <thread>
#include <unistd.h>

namespace switchyard::native {

namespace {

struct Pipe {
    std::array<int, 2> ends{};
    Pipe() { REQUIRE(pipe(ends.data()) == 0); }
    ~Pipe() {
        close(ends[0]);
        close(ends[1]);
    }
    void put(std::size_t bytes) const {
        const std::array<char, 8> data{};
        REQUIRE(write(ends[1], data.data(), bytes) == static_cast<ssize_t>(bytes));
    }
    void drain() const {
        std::array<char, 64> data{};
        REQUIRE(read(ends[0], data.data(), data.size()) > 0);
    }
};

Task waits_to_read(const Pipe& pipe) {
    Task task;
    task.awaited_descriptor = pipe.ends[0];
    task.awaited_events = EPOLLIN;
    return task;
}

} // namespace

TEST_CASE("tasks are ready first in, first out; timers in the order of their instants") {
    const Run run;
    Reactor reactor(run);
    std::array<Task, 4> tasks;
    const std::int64_t now = monotonic_nanoseconds();
    reactor.wake_at(tasks[0], now - 1);
    reactor.wake_at(tasks[1], now - 2);
    reactor.wake_at(tasks[2], now + 3'000'000'000);
    reactor.make_ready(tasks[3]);
    REQUIRE(reactor.collect());
    CHECK(reactor.take() == &tasks[3]);
    CHECK(reactor.take() == &tasks[1]);
    CHECK(reactor.take() == &tasks[0]);
    CHECK(reactor.take() == nullptr);
}

TEST_CASE("a loop sleeps until its first timer is due, not less") {
    const Run run;
    Reactor reactor(run);
    Task task;
    const std::int64_t until = monotonic_nanoseconds() + 2'300'000;
    reactor.wake_at(task, until);
    REQUIRE(reactor.collect());
    CHECK(monotonic_nanoseconds() >= until);
    CHECK(reactor.take() == &task);
}

TEST_CASE("of those who wait for a descriptor one is woken at a time, first come, first woken") {
    const Run run;
    Reactor reactor(run);
    const Pipe pipe;
    Task first = waits_to_read(pipe);
    Task second = waits_to_read(pipe);
    Task other;
    reactor.watch(first);
    reactor.watch(second);
    reactor.make_ready(other);
    REQUIRE(reactor.collect());
    CHECK(reactor.take() == &other);
    CHECK(reactor.take() == nullptr);
    pipe.put(1);
    REQUIRE(reactor.collect());
    CHECK(reactor.take() == &first);
    CHECK(reactor.take() == nullptr);
    SECTION("while it is ready the next one is, too") {}
    SECTION("else the next one waits for the next time") {
        pipe.drain();
        reactor.make_ready(other);
        REQUIRE(reactor.collect());
        CHECK(reactor.take() == &other);
        CHECK(reactor.take() == nullptr);
        pipe.put(1);
    }
    REQUIRE(reactor.collect());
    CHECK(reactor.take() == &second);
}

TEST_CASE("a hang-up wakes all who wait for the descriptor") {
    const Run run;
    Reactor reactor(run);
    Pipe pipe;
    Task first = waits_to_read(pipe);
    Task second = waits_to_read(pipe);
    reactor.watch(first);
    reactor.watch(second);
    close(pipe.ends[1]);
    pipe.ends[1] = dup(pipe.ends[0]);
    REQUIRE(reactor.collect());
    CHECK(reactor.take() == &first);
    CHECK(reactor.take() == &second);
}

TEST_CASE("a descriptor that was closed and opened anew is watched anew") {
    const Run run;
    Reactor reactor(run);
    for (int round = 0; round < 2; ++round) {
        const Pipe pipe; // the same numbers each time
        Task task = waits_to_read(pipe);
        reactor.watch(task);
        pipe.put(1);
        REQUIRE(reactor.collect());
        CHECK(reactor.take() == &task);
    }
}

TEST_CASE("another thread makes tasks of a sleeping loop ready, in order and none is lost") {
    const Run run;
    Reactor reactor(run);
    std::vector<Task> tasks(20'000);
    std::thread waker([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        for (Task& task : tasks) reactor.make_ready_from_outside(task);
    });
    bool in_order = true;
    for (std::size_t woken = 0; woken < tasks.size();) {
        REQUIRE(reactor.collect());
        for (const Task* task = reactor.take(); task != nullptr; task = reactor.take())
            in_order = in_order && task == &tasks[woken++];
    }
    waker.join();
    CHECK(in_order);
}

TEST_CASE("what a ring completes makes its task ready, with its result") {
    if (!CompletionRing::is_available()) SKIP("this kernel has no io_uring for us");
    const Run run;
    Reactor reactor(run);
    const Pipe pipe;
    std::array<char, 8> buffer{};
    Task reader, poller, sleeper;
    reactor.ring().read(reader, pipe.ends[0], buffer.data(), buffer.size(), ~std::uint64_t{0});
    pipe.put(3);
    REQUIRE(reactor.collect());
    CHECK(reactor.take() == &reader);
    CHECK(reader.completion == 3);
    reactor.ring().poll(poller, pipe.ends[0], EPOLLIN);
    pipe.put(1);
    REQUIRE(reactor.collect());
    CHECK(reactor.take() == &poller);
    CHECK(poller.completion == EPOLLIN);
    const std::int64_t begin = monotonic_nanoseconds();
    const __kernel_timespec length{0, 2'000'000};
    reactor.ring().wait(sleeper, length);
    CHECK(reactor.ring().in_flight() == 1);
    REQUIRE(reactor.collect());
    CHECK(reactor.take() == &sleeper);
    CHECK(monotonic_nanoseconds() - begin >= 2'000'000);
    CHECK(reactor.ring().in_flight() == 0);
    for (int i = 0; i < 1000; ++i) { // more than the ring has entries
        reactor.ring().poll(poller, pipe.ends[0], EPOLLIN);
        REQUIRE(reactor.collect());
        REQUIRE(reactor.take() == &poller);
    }
}

} // namespace switchyard::native
