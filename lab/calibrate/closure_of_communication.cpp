#include "lab/calibrate/closure_of_communication.hpp"

#include "native/probes/probe.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace switchyard::lab {

namespace {

using namespace std::chrono_literals;
using enum TaskKind;

constexpr int few_times = 10;
constexpr double three_pairs = 0.10; // one address-space cost out of three pairs of probes
constexpr double handed_over = 0.25; // waiting for something takes each kind a little else than for a futex

// One core, no ticks, and slices nobody reaches the end of: only the program decides who runs.
ScenarioBuilder quiet(const std::string& name) {
    ScenarioBuilder scenario("closure of " + name);
    scenario.cores(1).hz(0).scheduler("rr", {{"slice", "1h"}});
    return scenario;
}

template <class Sequence>
ClosureCase make_case(const std::string& probe, std::int64_t amount, const Sequence& sequence, double at_a_time = 1) {
    ClosureCase one;
    one.probe = probe;
    one.amount = amount;
    one.few = sequence(few_times);
    one.many = sequence(2 * few_times);
    one.repetitions = few_times * at_a_time;
    return one;
}

// Two tasks that repeat something; the second one begins by waiting.
Scenario repeating(ScenarioBuilder scenario, int times, TaskKind kind, const ProgramBuilder::Body& first,
                   const ProgramBuilder::Body& second) {
    const auto relative = [](TaskTemplate& task) { task.parent = "probe"; };
    return scenario
        .task(
            "B", kind, [&](ProgramBuilder& task) { task.repeat(times, second); }, relative)
        .task(
            "A", kind, [&](ProgramBuilder& task) { task.repeat(times, first); }, relative)
        .build();
}

ClosureCase passing_a_turn(const std::string& probe, TaskKind kind) {
    const auto sequence = [&](int times) {
        return repeating(
            quiet(probe).semaphore("there").semaphore("back"), times, kind,
            [](auto& body) { body.release("there").acquire("back"); },
            [](auto& body) { body.acquire("there").release("back"); });
    };
    return make_case(probe, 0, sequence, 2);
}

// A wakes B, which has the core at once and waits again.
ClosureCase waking_who_preempts(const std::string& probe) {
    const auto sequence = [&](int times) {
        return quiet(probe)
            .scheduler("linux", {})
            .semaphore("there")
            .task("B", thread,
                  [=](ProgramBuilder& task) { task.repeat(times, [](auto& body) { body.acquire("there"); }); })
            .task(
                "A", thread,
                [=](ProgramBuilder& task) { task.repeat(times, [](auto& body) { body.release("there"); }); },
                [](TaskTemplate& task) { task.scheduling.policy = LinuxPolicy::idle; })
            .build();
    };
    return make_case(probe, 0, sequence);
}

// The kinds of channels by how their probes' names begin.
struct ProbedKind {
    std::string_view prefix;
    ChannelKind kind;
};
constexpr std::array probed_kinds{
    ProbedKind{"pipe", ChannelKind::pipe},
    ProbedKind{"fifo", ChannelKind::fifo},
    ProbedKind{"message_queue", ChannelKind::message_queue},
    ProbedKind{"system_v_queue", ChannelKind::system_v_queue},
    ProbedKind{"unix_stream", ChannelKind::unix_stream},
    ProbedKind{"unix_datagram", ChannelKind::unix_datagram},
    ProbedKind{"tcp", ChannelKind::tcp},
    ProbedKind{"eventfd", ChannelKind::eventfd},
    ProbedKind{"signal", ChannelKind::signal},
};

// A way for that many bytes at once, and what its two ends are called.
struct Way {
    std::string sends, receives;
    Bytes sent, received;
};

Way add_way(ScenarioBuilder& scenario, const std::string& name, ChannelKind kind, Bytes size) {
    scenario.channel(name, kind, [&](Channel& channel) {
        channel.capacity = std::max({channel.capacity, size, Bytes{native::bytes_at_once}});
        if (channel.message_size.count > 0) channel.message_size = std::max(channel.message_size, size);
    });
    const bool two_way = is_two_way(kind);
    return {two_way ? name + ".client" : name, two_way ? name + ".server" : name,
            carries_data(kind) ? std::max(size, Bytes{1}) : Bytes{},
            has_messages(kind) ? Bytes{} : std::max(size, Bytes{1})};
}

ClosureCase passing_bytes(const std::string& probe, ChannelKind channel, TaskKind kind, Bytes size) {
    const auto sequence = [&](int times) {
        ScenarioBuilder scenario = quiet(probe);
        const Way there = add_way(scenario, "there", channel, size);
        const Way back = add_way(scenario, "back", channel, size);
        return repeating(
            std::move(scenario), times, kind,
            [=](auto& body) { body.send(there.sends, there.sent).receive(back.receives, back.received); },
            [=](auto& body) { body.receive(there.receives, there.received).send(back.sends, back.sent); });
    };
    return make_case(probe, size.count, sequence, 2);
}

// Through a channel that is large enough; the probe's goes through a stream in pieces, with two system calls each.
ClosureCase passing_bytes_to_oneself(const std::string& probe, ChannelKind channel, Bytes size) {
    const auto sequence = [&](int times) {
        ScenarioBuilder scenario = quiet(probe);
        const Way way = add_way(scenario, "way", channel, size);
        return scenario
            .task("A", thread,
                  [=](ProgramBuilder& task) {
                      task.repeat(times, [=](auto& body) {
                          body.send(way.sends, way.sent).receive(way.receives, way.received);
                      });
                  })
            .build();
    };
    ClosureCase one = make_case(probe, size.count, sequence);
    const auto pieces = static_cast<int>((size.count + native::bytes_at_once - 1) / native::bytes_at_once);
    if (!has_messages(channel) && pieces > 1) one.besides = {{Cost::system_call, -2 * (pieces - 1)}};
    // At once it keeps two pages, in pieces two of each.
    if (channel == ChannelKind::pipe || channel == ChannelKind::fifo)
        one.besides.push_back({Cost::pipe_page, 2 * (pieces - 1)});
    return one;
}

// There, and back the next time.
ClosureCase conversing_with_oneself(const std::string& probe, Bytes size) {
    const auto sequence = [&](int times) {
        ScenarioBuilder scenario = quiet(probe);
        scenario.channel("way", ChannelKind::tcp,
                         [&](Channel& channel) { channel.capacity = std::max(channel.capacity, size); });
        return scenario
            .task("A", thread,
                  [=](ProgramBuilder& task) {
                      task.repeat(times, [=](auto& body) {
                          body.send("way.client", size).receive("way.server", size);
                          body.send("way.server", size).receive("way.client", size);
                      });
                  })
            .build();
    };
    ClosureCase one = make_case(probe, size.count, sequence, 2);
    const auto pieces = static_cast<int>((size.count + native::bytes_at_once - 1) / native::bytes_at_once);
    if (pieces > 1) one.besides = {{Cost::system_call, -2 * (pieces - 1)}};
    return one;
}

ClosureCase filling_a_pipe(const std::string& probe, Bytes size) {
    const std::int64_t messages = native::bytes_at_once / size.count;
    const auto sequence = [&](int times) {
        ScenarioBuilder scenario = quiet(probe);
        const Way way = add_way(scenario, "way", ChannelKind::pipe, size);
        return scenario
            .task("A", thread,
                  [=](ProgramBuilder& task) {
                      task.repeat(times, [=](auto& body) {
                          body.repeat(messages, [=](auto& fill) { fill.send(way.sends, way.sent); });
                          body.repeat(messages, [=](auto& empty) { empty.receive(way.receives, way.received); });
                      });
                  })
            .build();
    };
    return make_case(probe, size.count, sequence, static_cast<double>(messages));
}

// NAME_alone, NAME_thread, NAME_process.
std::optional<ClosureCase> case_of_channel(const std::string& probe, Bytes size) {
    for (const ProbedKind& probed : probed_kinds) {
        if (!probe.starts_with(probed.prefix)) continue;
        const std::string_view how = std::string_view(probe).substr(probed.prefix.size());
        if (how == "_alone") return passing_bytes_to_oneself(probe, probed.kind, size);
        if (how != "_thread" && how != "_process") continue;
        ClosureCase one = passing_bytes(probe, probed.kind, how == "_thread" ? thread : process, size);
        one.allowance = handed_over;
        return one;
    }
    return std::nullopt;
}

ClosureCase passing_a_turn_under_a_lock(const std::string& probe) {
    const auto passing = [](std::int64_t to, const char* others, const char* mine, const char* my_turn) {
        return [=](ProgramBuilder& body) {
            body.lock("m").write("turn", to).unlock("m").notify(others);
            body.lock("m").await(mine, "m", my_turn).unlock("m");
        };
    };
    const auto sequence = [&](int times) {
        return quiet(probe)
            .lock("m")
            .condition("ours")
            .condition("partners")
            .variable("turn")
            .task("B", thread,
                  [&](ProgramBuilder& task) {
                      task.lock("m").await("partners", "m", "turn == 1").unlock("m");
                      task.repeat(times, passing(0, "ours", "partners", "turn == 1"));
                  })
            .task("A", thread,
                  [&](ProgramBuilder& task) {
                      task.repeat(times + 1, passing(1, "partners", "ours", "turn == 0"));
                      task.lock("m").write("turn", 1).unlock("m").notify("partners");
                  })
            .build();
    };
    return make_case(probe, 0, sequence, 2);
}

// A wakes B again and again, whose core is another and idles so long each time, or (at 0) is busy with what gives way
// at once.
ClosureCase waking_elsewhere(const std::string& probe, Duration idle) {
    constexpr Duration settled = 20us;
    const auto on_core = [](std::uint32_t core) { return [=](TaskTemplate& task) { task.cores = {core}; }; };
    const auto sequence = [&](int times) {
        ScenarioBuilder scenario = quiet(probe);
        scenario.cores(2).scheduler("linux", {}).semaphore("there");
        scenario.task(
            "B", thread, [=](ProgramBuilder& task) { task.repeat(times, [](auto& body) { body.acquire("there"); }); },
            on_core(1));
        scenario.task(
            "A", thread,
            [=](ProgramBuilder& task) {
                task.repeat(times, [=](auto& body) {
                    body.compute(idle > Duration::zero() ? idle : settled).release("there");
                });
            },
            on_core(0));
        if (idle == Duration::zero())
            scenario.task(
                "C", thread, [](ProgramBuilder& task) { task.compute(1s); },
                [](TaskTemplate& task) {
                    task.cores = {1};
                    task.scheduling.policy = LinuxPolicy::idle;
                });
        return scenario.build();
    };
    return make_case(probe, idle / 1us, sequence);
}

// What A's call takes.
ClosureCase interrupting_another_core(const std::string& probe, Duration idle) {
    ClosureCase one = waking_elsewhere(probe, idle);
    one.metrics = {"task.A.cpu"};
    one.asked = static_cast<double>((idle > Duration::zero() ? idle : Duration{20us}).count());
    one.besides = {{Cost::atomic_operation}, {Cost::cache_line_transfer}}; // the semaphore's word
    one.averaged = {Cost::wake_up_interrupt};
    return one;
}

// What B waits for its core, beside another that gives way at once.
ClosureCase waking_on_a_busy_core(const std::string& probe) {
    ClosureCase one = waking_elsewhere(probe, Duration::zero());
    one.metrics = {"task.B.waiting"};
    one.besides = {{Cost::system_call, -1},
                   {Cost::futex, -1},
                   {Cost::wake_up, -1},
                   {Cost::switch_context, -1},
                   {Cost::switch_preempted, -1}};
    return one;
}

// What B waits for its core.
ClosureCase waking_on_another_core(const std::string& probe, Duration idle) {
    ClosureCase one = waking_elsewhere(probe, idle);
    one.metrics = {"task.B.waiting"};
    one.besides = {{Cost::system_call, -1}, {Cost::futex, -1}, {Cost::wake_up, -1}};
    return one;
}

// Waiting for a device, each call of which is the kernel's time, as is the interrupt that says it is done.
ClosureCase waiting_for_a_device(const std::string& probe, WaitStyle style) {
    const auto waits = [&](int times, int eventfds) {
        ScenarioBuilder scenario = quiet(probe);
        scenario.device("disk", Distribution::constant(Duration{1ms}.count()))
            .channel("event", ChannelKind::eventfd, [](Channel&) {});
        return scenario
            .task("A", thread,
                  [=](ProgramBuilder& task) {
                      task.repeat(times, [=](auto& body) { body.io("disk", style); });
                      task.repeat(eventfds, [](auto& body) { body.send("event", Bytes{}).receive("event", Bytes{}); });
                  })
            .build();
    };
    const bool looks = style == WaitStyle::readiness; // at the descriptor: half of what an eventfd takes
    ClosureCase one;
    one.probe = probe;
    one.few = waits(0, looks ? few_times : 0);
    one.many = waits(2 * few_times, 0);
    one.metrics = {"time.kernel"};
    one.repetitions = 2 * few_times;
    return one;
}

std::optional<ClosureCase> case_of_device(const std::string& probe) {
    using enum Cost;
    std::vector<Part> besides;
    if (probe == "io_uring_submit") besides = {{io_uring_completion}};
    if (probe == "io_uring_completion") besides = {{system_call}, {io_uring_submit}};
    // Asking, being told, and fetching, less the two calls that an eventfd takes for two of them.
    if (probe == "epoll_wait") besides = {{system_call, 2}, {epoll_control}};
    if (probe == "epoll_rearm") besides = {{system_call, 2}, {epoll_wait}};
    if (besides.empty()) return std::nullopt;
    besides.push_back({timer_wake_up_idle});
    ClosureCase one =
        waiting_for_a_device(probe, probe.starts_with("epoll") ? WaitStyle::readiness : WaitStyle::completion);
    one.besides = std::move(besides);
    return one;
}

ClosureCase with_allowance(ClosureCase one, double allowance) {
    one.allowance = allowance;
    return one;
}

} // namespace

std::optional<ClosureCase> case_of_communication(const std::string& probe, std::int64_t amount) {
    if (probe == "futex_preempting") return waking_who_preempts(probe);
    if (probe == "futex_thread") return passing_a_turn(probe, thread);
    if (probe == "semaphore_thread") return with_allowance(passing_a_turn(probe, thread), handed_over);
    if (probe == "condition_thread") return with_allowance(passing_a_turn_under_a_lock(probe), handed_over);
    if (probe == "futex_process") return with_allowance(passing_a_turn(probe, process), three_pairs);
    if (probe == "wake_up_remote_busy") return waking_on_a_busy_core(probe);
    if (probe == "wake_up_interrupt") return interrupting_another_core(probe, amount * Duration{1us});
    if (probe == "wake_up_remote")
        return with_allowance(waking_on_another_core(probe, amount * Duration{1us}), handed_over);
    if (probe == "tcp_alone") return conversing_with_oneself(probe, std::max(Bytes{amount}, Bytes{1}));
    if (probe == "tcp_one_way") return passing_bytes_to_oneself(probe, ChannelKind::tcp, Bytes{amount});
    if (probe == "pipe_filled") return filling_a_pipe(probe, Bytes{amount});
    if (auto one = case_of_device(probe)) return one;
    return case_of_channel(probe, Bytes{amount});
}

} // namespace switchyard::lab
