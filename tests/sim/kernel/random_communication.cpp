// Whatever the policy, the kind of channel and the kind of task: nothing that is sent is lost or comes twice, nobody
// sleeps through what he waits for, every request is answered once, and time adds up. On random pipelines: some tasks
// make requests and send them, further stages receive, work and send on, the last one answers.
#include "models/machine/profile.hpp"
#include "sim/sched/registry.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <random>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

struct Pipeline {
    Scenario scenario;
    std::uint64_t requests = 0;
    std::uint64_t hops = 0;
    std::int64_t size = 0; // of each message
};

class Generator {
public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    Pipeline pipeline(std::string_view policy) {
        Pipeline made;
        made.hops = below(3) + 1;
        made.size = static_cast<std::int64_t>(below(4000) + 8);
        ScenarioBuilder builder("pipeline");
        builder.cores(static_cast<std::uint32_t>(below(4) + 1)).seed(random_()).hz(below(2) == 0 ? 0 : 250);
        builder.scheduler(std::string(policy)).request_amount("work", Distribution::exponential(3e8));
        std::vector<ChannelKind> kinds;
        for (std::uint64_t hop = 0; hop < made.hops; ++hop) {
            kinds.push_back(one_of({ChannelKind::fifo, ChannelKind::pipe, ChannelKind::unix_stream,
                                    ChannelKind::unix_datagram, ChannelKind::tcp}));
            builder.channel(name_of_hop(hop), kinds.back(), [&](Channel& channel) {
                // Whole messages: parts of them would come between each other where several send into one stream.
                channel.capacity = Bytes{made.size * static_cast<std::int64_t>(below(20) + 1)};
                if (channel.messages > 0) channel.messages = static_cast<std::uint32_t>(below(5) + 1);
            });
        }
        const std::uint64_t sources = below(3) + 1;
        const std::uint64_t each = below(40) + 1;
        made.requests = sources * each;
        builder.task(
            "source", below(2) == 0 ? TaskKind::thread : TaskKind::process,
            [&](ProgramBuilder& task) {
                task.repeat(static_cast<std::int64_t>(each), [&](auto& body) {
                    if (below(2) == 0) body.compute(Distribution::exponential(2e8));
                    body.begin_request().send(sender(kinds[0], 0), Bytes{made.size});
                });
            },
            [&](TaskTemplate& task) { adjust(task, static_cast<std::uint32_t>(sources), "sources"); });
        for (std::uint64_t hop = 0; hop < made.hops; ++hop) stage(builder, kinds, hop, made);
        made.scenario = builder.build();
        return made;
    }

private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    ChannelKind one_of(std::initializer_list<ChannelKind> kinds) { return *(kinds.begin() + below(kinds.size())); }
    static std::string name_of_hop(std::uint64_t hop) { return "hop" + std::to_string(hop); }
    static std::string sender(ChannelKind kind, std::uint64_t hop) {
        return name_of_hop(hop) + (is_two_way(kind) ? ".client" : "");
    }
    static std::string receiver(ChannelKind kind, std::uint64_t hop) {
        return name_of_hop(hop) + (is_two_way(kind) ? ".server" : "");
    }

    void adjust(TaskTemplate& task, std::uint32_t count, const std::string& process) {
        task.count = count;
        task.parent = "shell";
        if (task.kind != TaskKind::process) task.process = process;
        if (is_carried(task.kind)) task.carrier = process;
        task.scheduling.period = 1ms * static_cast<std::int64_t>(5 + below(20));
        task.scheduling.runtime = 1ms;
        task.scheduling.priority = static_cast<std::int32_t>(1 + below(5));
    }

    void stage(ScenarioBuilder& builder, const std::vector<ChannelKind>& kinds, std::uint64_t hop,
               const Pipeline& made) {
        const ChannelKind kind = kinds[hop];
        const bool is_last = hop + 1 == kinds.size();
        const auto task_kind = static_cast<TaskKind>(below(task_kinds));
        const bool asynchronous = is_carried(task_kind) && below(2) == 0;
        // Two who read parts of one message in turns would both have half of it.
        const bool may_share = has_messages(kind) || kind == ChannelKind::fifo || kind == ChannelKind::pipe;
        const auto count = static_cast<std::uint32_t>(may_share ? below(4) + 1 : 1);
        const std::string name = "stage" + std::to_string(hop);
        const bool spawns = below(3) == 0;
        const auto answers = [&](ProgramBuilder& body) {
            body.compute(OfRequest{"work"});
            if (below(3) == 0) body.sleep(Distribution::exponential(1e9), asynchronous);
            if (is_last)
                body.end_request();
            else
                body.send(sender(kinds[hop + 1], hop + 1), Bytes{made.size}, {.asynchronous = asynchronous});
        };
        builder.task(
            name, task_kind,
            [&](ProgramBuilder& task) {
                task.for_each(
                    receiver(kind, hop), has_messages(kind) ? Bytes{} : Bytes{made.size},
                    [&](ProgramBuilder& body) {
                        if (!spawns) return answers(body);
                        body.spawn("each", is_carried(task_kind) ? task_kind : TaskKind::thread, answers).join("each");
                    },
                    asynchronous);
            },
            [&](TaskTemplate& task) { adjust(task, count, name); });
    }

    std::mt19937_64 random_;
};

} // namespace

TEST_CASE("Random pipelines under every policy: nothing is lost, nothing comes twice, every request is answered once") {
    const auto seed = GENERATE(range(0, 40));
    for (const sim::SchedulerDescription& scheduler : sim::schedulers()) {
        INFO("seed " << seed << ", policy " << scheduler.name);
        const Pipeline made = Generator(static_cast<std::uint64_t>(seed)).pipeline(scheduler.name);
        const Report report = sim::simulate(made.scenario, reference_profile());
        INFO(report.diagnosis);
        REQUIRE(report.outcome == Outcome::completed);
        REQUIRE(report.requests);
        CHECK(report.requests->begun == made.requests);
        CHECK(report.requests->completed == made.requests);
        CHECK(report.counters.messages == made.requests * made.hops);
        CHECK(report.counters.bytes_sent == made.requests * made.hops * static_cast<std::uint64_t>(made.size));
        CHECK(report.counters.broken_pipes == 0);
        Duration sum{};
        for (const Duration part : *report.time) sum += part;
        CHECK(sum == report.makespan * static_cast<std::int64_t>(report.cores));
        for (const TaskReport& task : report.tasks) {
            CHECK(task.finished == task.instances);
            CHECK(task.turnaround.sum == task.waiting.sum + task.blocked.sum + task.cpu.sum);
        }
        CHECK(sim::simulate(made.scenario, reference_profile()) == report);
    }
}

TEST_CASE("The work of the requests is the same under every policy, whoever does it") {
    for (int seed = 0; seed < 10; ++seed) {
        Pipeline made = Generator(static_cast<std::uint64_t>(seed)).pipeline("fifo");
        const Report first = sim::simulate(made.scenario, free_profile());
        made.scenario.scheduler.policy = "eevdf";
        made.scenario.machine.cores = 3;
        const Report second = sim::simulate(made.scenario, free_profile());
        CHECK((*first.time)[0] == (*second.time)[0]);
    }
}
