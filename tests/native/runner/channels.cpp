#include "tests/native/runner/native_run.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

const ChannelKind all_kinds[] = {
    ChannelKind::pipe,        ChannelKind::fifo,          ChannelKind::message_queue, ChannelKind::system_v_queue,
    ChannelKind::unix_stream, ChannelKind::unix_datagram, ChannelKind::tcp,           ChannelKind::eventfd,
    ChannelKind::signal,      ChannelKind::queue};

// How the two directions of a conversation are called: a socket's ends, or a channel for each.
struct Names {
    std::string there;
    std::string back;
};

Names add_two(ScenarioBuilder& scenario, ChannelKind kind) {
    if (is_two_way(kind)) {
        scenario.channel("s", kind);
        return {"s.client", "s.server"};
    }
    const auto bounded = [kind](Channel& channel) {
        if (kind == ChannelKind::queue) channel.messages = 4;
    };
    scenario.channel("there", kind, bounded).channel("back", kind, bounded);
    return {"there", "back"};
}

// Who receives from a socket names its own end.
Names as_received(ChannelKind kind, const Names& names) {
    return is_two_way(kind) ? Names{names.back, names.there} : names;
}

Bytes size_sent(ChannelKind kind, std::int64_t bytes) { return carries_data(kind) ? Bytes{bytes} : Bytes{}; }
Bytes size_received(ChannelKind kind, std::int64_t bytes) { return has_messages(kind) ? Bytes{} : Bytes{bytes}; }

// Two processes of one parent; what is in one process's memory only, between two threads.
void add_task(ScenarioBuilder& scenario, const std::string& name, ChannelKind kind,
              const ProgramBuilder::Body& program) {
    const bool within = kind == ChannelKind::queue;
    scenario.task(name, within ? TaskKind::thread : TaskKind::process, program, [within](TaskTemplate& task) {
        if (!within) task.parent = "shell";
    });
}

} // namespace

TEST_CASE("two tasks play ping-pong over every kind of channel, and every message is counted") {
    const ChannelKind kind = GENERATE(Catch::Generators::from_range(std::begin(all_kinds), std::end(all_kinds)));
    const std::int64_t bytes = GENERATE(1, 100);
    CAPTURE(name_of(kind), bytes);
    constexpr int rounds = 200;
    ScenarioBuilder scenario("ping-pong");
    const Names sent = add_two(scenario, kind), received = as_received(kind, sent);
    add_task(scenario, "client", kind, [&](ProgramBuilder& task) {
        task.repeat(rounds, [&](auto& body) {
            body.send(sent.there, size_sent(kind, bytes)).receive(received.back, size_received(kind, bytes));
        });
    });
    add_task(scenario, "server", kind, [&](ProgramBuilder& task) {
        task.repeat(rounds, [&](auto& body) {
            body.receive(received.there, size_received(kind, bytes)).send(sent.back, size_sent(kind, bytes));
        });
    });
    const Report report = run_natively(scenario.build());
    INFO(report.diagnosis);
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.messages == 2 * rounds);
    CHECK(report.counters.bytes_sent == (carries_data(kind) ? 2 * rounds * static_cast<std::uint64_t>(bytes) : 0));
    CHECK(report.counters.broken_pipes == 0);
    CHECK(metric(report, "messages"));
}

TEST_CASE("everything that is streamed arrives, though much more than a channel holds") {
    const ChannelKind kind = GENERATE(Catch::Generators::from_range(std::begin(all_kinds), std::end(all_kinds)));
    CAPTURE(name_of(kind));
    constexpr int messages = 300;
    constexpr std::int64_t bytes = 4000;
    ScenarioBuilder scenario("streaming");
    const Names sent = add_two(scenario, kind), received = as_received(kind, sent);
    scenario.variable("received");
    add_task(scenario, "sender", kind, [&](ProgramBuilder& task) {
        task.repeat(messages, [&](auto& body) { body.send(sent.there, size_sent(kind, bytes)); });
    });
    add_task(scenario, "receiver", kind, [&](ProgramBuilder& task) {
        task.repeat(messages, [&](auto& body) { body.receive(received.there, size_received(kind, bytes)); });
    });
    const Report report = run_natively(scenario.build());
    INFO(report.diagnosis);
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.messages == messages);
    CHECK(report.counters.bytes_sent == (carries_data(kind) ? messages * bytes : 0));
}

TEST_CASE("a for_each goes round for every message and ends when nobody is left to send") {
    const ChannelKind kind = GENERATE(ChannelKind::pipe, ChannelKind::fifo, ChannelKind::unix_stream,
                                      ChannelKind::unix_datagram, ChannelKind::tcp, ChannelKind::queue);
    const bool by_closing = GENERATE(true, false);
    if (kind == ChannelKind::queue && !by_closing) return;
    CAPTURE(name_of(kind), by_closing);
    ScenarioBuilder scenario("for_each");
    const Names sent = add_two(scenario, kind), received = as_received(kind, sent);
    scenario.semaphore("rounds").semaphore("ended");
    add_task(scenario, "sender", kind, [&](ProgramBuilder& task) {
        task.repeat(20, [&](auto& body) { body.send(sent.there, Bytes{100}); });
        if (by_closing) task.close(sent.there).acquire("ended"); // while it lives
    });
    add_task(scenario, "receiver", kind, [&](ProgramBuilder& task) {
        task.for_each(received.there, size_received(kind, 100), [](auto& body) { body.release("rounds"); });
        task.release("ended");
        task.repeat(20, [](auto& body) { body.acquire("rounds"); });
    });
    const Report report = run_natively(scenario.build());
    INFO(report.diagnosis);
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "receiver").finished == 1);
}

TEST_CASE("the last part of a stream is a round of its own, however small") {
    const Report report =
        run_natively(ScenarioBuilder("remainder")
                         .channel("f", ChannelKind::fifo)
                         .semaphore("rounds")
                         .task("sender", TaskKind::process, [](auto& task) { task.send("f", {250}); })
                         .task("receiver", TaskKind::process,
                               [](auto& task) {
                                   task.for_each("f", {100}, [](auto& body) { body.release("rounds"); });
                                   task.repeat(3, [](auto& body) { body.acquire("rounds"); });
                                   task.receive("f", {100}); // nothing: goes on
                               })
                         .build());
    CHECK(report.outcome == Outcome::completed);
}

TEST_CASE("sending where nobody is left to receive kills the process, unless it copes with that") {
    const ChannelKind kind = GENERATE(ChannelKind::pipe, ChannelKind::fifo, ChannelKind::unix_stream,
                                      ChannelKind::unix_datagram, ChannelKind::tcp);
    const bool copes = GENERATE(true, false);
    CAPTURE(name_of(kind), copes);
    ScenarioBuilder scenario("broken");
    scenario.semaphore("closed");
    const Names sent = add_two(scenario, kind), received = as_received(kind, sent);
    add_task(scenario, "sender", kind, [&](ProgramBuilder& task) {
        task.acquire("closed");
        task.repeat(5, [&](auto& body) {
            body.send(sent.there, Bytes{10}, {.asynchronous = false, .ignores_break = copes}).sleep(5ms);
        });
    });
    add_task(scenario, "receiver", kind, [&](ProgramBuilder& task) {
        task.repeat(0, [&](auto& body) { body.receive(received.there, size_received(kind, 10)); }); // it has the end
        task.close(received.there, is_two_way(kind) ? ChannelEnd::both : ChannelEnd::receiving).release("closed");
    });
    const Report report = run_natively(scenario.build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "sender").finished == (copes ? 1 : 0));
    CHECK(report.counters.crashes == (copes ? 0 : 1));
    // The first segment to a socket that is gone is answered by a reset, which the second send hears of.
    const std::uint64_t lost = kind == ChannelKind::tcp ? 1 : 0;
    CHECK(report.counters.broken_pipes == (copes ? 5 - lost : 1));
    CHECK(descendants().empty());
}

TEST_CASE("a forked child holds the ends of its parent until it closes them") {
    const bool closes = GENERATE(true, false);
    const Report report =
        run_natively(ScenarioBuilder("inherited")
                         .pipe("p")
                         .task("parent", TaskKind::process,
                               [closes](auto& task) {
                                   task.fork("child", [closes](auto& child) {
                                       if (closes) child.close("p");
                                       child.for_each("p", {100}, [](auto& body) { body.compute(1us); });
                                   });
                                   task.send("p", {300}).close("p").wait("child");
                               })
                         .build(),
                     {.time_limit = 5s});
    CHECK(report.outcome == (closes ? Outcome::completed : Outcome::deadlocked));
    if (!closes) CHECK_THAT(report.diagnosis, ContainsSubstring("waits for data in pipe 'p'"));
}

TEST_CASE("coroutines and fibers that receive asynchronously let the others of their thread go on") {
    const TaskKind carried = GENERATE(TaskKind::coroutine, TaskKind::fiber);
    const ChannelKind kind =
        GENERATE(ChannelKind::pipe, ChannelKind::fifo, ChannelKind::message_queue, ChannelKind::unix_stream,
                 ChannelKind::unix_datagram, ChannelKind::tcp, ChannelKind::eventfd, ChannelKind::queue);
    CAPTURE(name_of(carried), name_of(kind));
    // Both are on one thread: each needs the other to go on while it waits, there and back.
    constexpr int messages = 500;
    ScenarioBuilder scenario("asynchronous");
    const Names sent = add_two(scenario, kind), received = as_received(kind, sent);
    scenario.task("sender", carried, [&](ProgramBuilder& task) {
        task.repeat(messages, [&](auto& body) {
            body.send(sent.there, size_sent(kind, 3000), {.asynchronous = true, .ignores_break = false});
        });
        task.receive(received.back, size_received(kind, 10), true);
    });
    scenario.task("receiver", carried, [&](ProgramBuilder& task) {
        task.repeat(messages, [&](auto& body) { body.receive(received.there, size_received(kind, 3000), true); });
        task.send(sent.back, size_sent(kind, 10), {.asynchronous = true, .ignores_break = false});
    });
    const Report report = run_natively(scenario.build());
    INFO(report.diagnosis);
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.messages == messages + 1);
}

TEST_CASE("one end of a pipe can be asynchronous and the other not, in both directions") {
    const bool receives = GENERATE(true, false);
    const auto end = [&](bool sends, bool alone) {
        return [=](ProgramBuilder& task) {
            task.repeat(100, [=](auto& body) {
                if (sends)
                    body.send("p", {5000}, {.asynchronous = alone, .ignores_break = false});
                else
                    body.receive("p", {5000}, alone);
            });
        };
    };
    const Report report = run_natively(ScenarioBuilder("mixed")
                                           .pipe("p", {4096})
                                           .task("carried", TaskKind::coroutine, end(!receives, true))
                                           .task("thread", TaskKind::thread, end(receives, false))
                                           .build());
    CHECK(report.outcome == Outcome::completed);
}

TEST_CASE("requests are counted from their arrival until they are answered, whoever does that") {
    const ChannelKind kind = GENERATE(Catch::Generators::from_range(std::begin(all_kinds), std::end(all_kinds)));
    CAPTURE(name_of(kind));
    constexpr int requests = 20;
    ScenarioBuilder scenario("requests");
    const Names sent = add_two(scenario, kind), received = as_received(kind, sent);
    scenario.request_amount("wait", Distribution::uniform(1e9, 3e9)); // 1 ms to 3 ms
    add_task(scenario, "client", kind, [&](ProgramBuilder& task) {
        task.repeat(requests,
                    [&](auto& body) { body.begin_request().send(sent.there, size_sent(kind, 64)).sleep(4ms); });
    });
    add_task(scenario, "server", kind, [&](ProgramBuilder& task) {
        task.repeat(requests, [&](auto& body) {
            body.receive(received.there, size_received(kind, 64)).sleep(OfRequest{"wait"}).end_request();
        });
    });
    const Report report = run_natively(scenario.build());
    REQUIRE(report.requests);
    CHECK(report.requests->begun == requests);
    CHECK(report.requests->completed == requests);
    CHECK(report.requests->latency.count == requests);
    CHECK(report.requests->latency.least >= 1ms);
    Duration drawn{};
    for (std::uint32_t request = 0; request < requests; ++request)
        drawn += Duration{sample(Distribution::uniform(1e9, 3e9), request_key(1, 0, request))};
    CHECK(report.requests->latency.sum > drawn - 1us * requests); // of the same requests
    CHECK(report.requests->span >= 4ms * (requests - 1));
}

TEST_CASE("a request of a job arrived when the job was released, however late it is begun") {
    const Report report = run_natively(
        ScenarioBuilder("late")
            .task("client", TaskKind::thread,
                  [](auto& task) { task.job(1ms, [](auto& body) { body.sleep(20ms).begin_request().end_request(); }); })
            .build());
    REQUIRE(report.requests);
    CHECK(report.requests->latency.least >= 20ms);
}

TEST_CASE("a server starts a thread or a process for each request, which has it in hand") {
    const bool forks = GENERATE(true, false);
    const Distribution work = Distribution::exponential(20e6);
    const Report report = run_natively(
        ScenarioBuilder("per request")
            .channel("s", ChannelKind::unix_datagram)
            .request_amount("work", work)
            .task("client", TaskKind::process,
                  [](auto& task) { task.repeat(50, [](auto& body) { body.begin_request().send("s.client", {100}); }); })
            .task(
                "server", TaskKind::process,
                [&](auto& task) {
                    const auto serve = [&](auto& child) {
                        child.compute(OfRequest{"work"}).compute(work).end_request();
                    };
                    task.for_each("s.server", {}, [&](auto& body) {
                        if (forks)
                            body.fork("worker", serve);
                        else
                            body.spawn("worker", TaskKind::thread, serve);
                    });
                },
                [](auto& task) { task.ignores_children = true; })
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK((forks ? report.counters.forks : report.counters.threads_created) == 50);
    REQUIRE(report.requests);
    CHECK(report.requests->completed == 50);
    CHECK(descendants().empty());
}

TEST_CASE("a new image goes on with the channels and the request of the old one") {
    const Report report = run_natively(
        ScenarioBuilder("image")
            .channel("f", ChannelKind::fifo)
            .task("client", TaskKind::process, [](auto& task) { task.begin_request().send("f", {64}).send("f", {64}); })
            .task("server", TaskKind::process,
                  [](auto& task) {
                      task.receive("f", {64}).exec([](auto& image) {
                          image.for_each("f", {64}, [](auto& body) { body.compute(1us); }).end_request();
                      });
                  })
            .build());
    CHECK(report.outcome == Outcome::completed);
    REQUIRE(report.requests);
    CHECK(report.requests->completed == 1);
}

TEST_CASE("children leave no zombies where their parent ignores them, and waiting is for all of them") {
    const Report report = run_natively(
        ScenarioBuilder("ignored")
            .task(
                "parent", TaskKind::process,
                [](auto& task) {
                    task.repeat(10, [](auto& body) { body.fork("child", [](auto& child) { child.sleep(5ms); }); });
                    task.wait_any();
                },
                [](auto& task) { task.ignores_children = true; })
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "parent").turnaround.sum >= 5ms);
    CHECK(descendants().empty());
}

TEST_CASE("who stands still says which channel it waits for, of which kind") {
    const ChannelKind kind = GENERATE(ChannelKind::message_queue, ChannelKind::tcp, ChannelKind::signal);
    ScenarioBuilder scenario("still");
    const Names sent = add_two(scenario, kind), received = as_received(kind, sent);
    const auto both = [&](ProgramBuilder& task) {
        task.receive(received.there, size_received(kind, 10)).send(sent.there, size_sent(kind, 10));
    };
    add_task(scenario, "A", kind, both);
    const Report report = run_natively(scenario.build());
    CHECK(report.outcome == Outcome::deadlocked);
    CHECK_THAT(report.diagnosis, ContainsSubstring(std::string(name_of(kind)) + " '"));
}

TEST_CASE("a message queue beyond what the machine allows is refused in one line") {
    try {
        static_cast<void>(run_natively(ScenarioBuilder("large")
                                           .channel("q", ChannelKind::message_queue,
                                                    [](Channel& channel) {
                                                        channel.messages = 100'000;
                                                        channel.message_size = {1 << 20};
                                                    })
                                           .task("A", TaskKind::process, [](auto& task) { task.send("q", {10}); })
                                           .build()));
        FAIL("the kernel has queues without bounds");
    } catch (const std::exception& error) {
        CHECK_THAT(error.what(), ContainsSubstring("making a message queue for 100000 messages"));
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
    }
}
