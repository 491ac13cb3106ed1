// What holds for servers of every model, under every policy, whatever the load: each request is answered exactly once,
// no byte is lost, the work is the same, and time adds up.
#include "models/machine/profile.hpp"
#include "sim/sched/registry.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <optional>
#include <random>

using namespace switchyard;
using namespace switchyard::size_literals;
using namespace std::chrono_literals;

namespace {

constexpr auto work = static_cast<std::size_t>(TimeCategory::work);

// A random server, but for its model and the policy.
class Generator {
public:
    explicit Generator(std::uint64_t seed) : random_(seed) {
        cores_ = static_cast<std::uint32_t>(below(4) + 1);
        seed_ = random_();
        server_.workers = static_cast<std::uint32_t>(below(5) + 1);
        server_.queue = static_cast<std::uint32_t>(below(4) + 1);
        server_.requests = below(150) + 1;
        server_.message = Bytes{static_cast<std::int64_t>(below(500) + 1)};
        if (below(2) == 0) server_.response = Bytes{static_cast<std::int64_t>(below(500) + 1)};
        constexpr std::array kinds{ChannelKind::pipe, ChannelKind::fifo, ChannelKind::unix_stream,
                                   ChannelKind::unix_datagram, ChannelKind::tcp};
        server_.channel = default_channel("", kinds[below(kinds.size())]);
        if (below(2) == 0) server_.channel.capacity = Bytes{static_cast<std::int64_t>(below(3000) + 500)};
        if (server_.channel.kind == ChannelKind::tcp && below(2) == 0)
            server_.channel.link = {.latency = Duration{static_cast<std::int64_t>(below(100'000'000))},
                                    .bytes_per_second = static_cast<std::int64_t>(below(2) * 10'000'000)};
        switch (below(3)) {
        case 0: server_.load.gaps = Distribution::exponential(static_cast<double>(below(200) + 1) * 1e6); break;
        case 1:
            server_.load.kind = ServerLoad::Kind::trace;
            for (std::uint64_t i = 0; i < server_.requests; ++i)
                server_.load.times.push_back(Duration{static_cast<std::int64_t>(below(10'000'000'000))});
            std::ranges::sort(server_.load.times);
            break;
        default:
            server_.load.kind = ServerLoad::Kind::closed;
            server_.load.clients = static_cast<std::uint32_t>(below(20) + 1);
            if (below(2) == 0) server_.load.think = Distribution::exponential(1e8);
        }
        steps_ = below(5) + 1;
        choices_ = random_();
    }

    [[nodiscard]] Scenario scenario(ServerModel model, std::string_view policy, bool blocking) const {
        Server server = server_;
        server.model = model;
        server.blocking = blocking && is_event_loop(model);
        ScenarioBuilder builder("random server");
        builder.cores(cores_)
            .seed(seed_)
            .hz(0)
            .scheduler(std::string(policy))
            .lock("m")
            .device("disk", Distribution::exponential(5e7), 2, 3);
        return builder.server(server, [&](ProgramBuilder& request) { steps(request); }).build();
    }

    [[nodiscard]] const Server& server() const { return server_; }

private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    void steps(ProgramBuilder& request) const {
        std::uint64_t choices = choices_;
        for (std::uint64_t i = 0; i < steps_; ++i, choices /= 5) {
            switch (choices % 5) {
            case 0: request.compute(Distribution::exponential(3e7)); break;
            case 1: request.sleep(Distribution::exponential(1e8)); break;
            case 2:
                request.lock("m").compute(Distribution::exponential(1e7));
                if (choices_ % 2 == 0) request.sleep(20us).io("disk");
                request.unlock("m");
                break;
            case 3: request.system_call(); break;
            default: request.compute(20us); break;
            }
        }
    }

    std::mt19937_64 random_;
    std::uint32_t cores_ = 1;
    std::uint64_t seed_ = 1;
    Server server_;
    std::uint64_t steps_ = 1;
    std::uint64_t choices_ = 0;
};

void check(const Report& report, const Server& server) {
    INFO(report.diagnosis);
    REQUIRE(report.outcome == Outcome::completed);
    REQUIRE(report.requests);
    CHECK(report.requests->begun == server.requests);
    CHECK(report.requests->completed == server.requests);
    CHECK(report.requests->latency.count == server.requests);
    CHECK(report.counters.crashes == 0);
    CHECK(report.counters.broken_pipes == 0);
    CHECK(report.counters.zombies <= server.workers); // of those forked beforehand
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    CHECK(sum == report.makespan * report.cores);
    for (const TaskReport& task : report.tasks) CHECK(task.finished == task.instances);
}

} // namespace

TEST_CASE("every request is answered exactly once, in every model, and all models do the same work") {
    const auto seed = GENERATE(range(0, 60));
    const Generator random(static_cast<std::uint64_t>(seed));
    const std::array<std::string_view, 3> policies{"fifo", "rr", "eevdf"};
    std::optional<Duration> same;
    for (int model = 0; model < server_models; ++model) {
        for (const bool is_free : {true, false}) {
            const auto which = static_cast<ServerModel>(model);
            INFO("seed " << seed << ", " << name_of(which) << (is_free ? ", free" : ""));
            const Scenario scenario =
                random.scenario(which, policies[static_cast<std::size_t>(seed + model) % 3], seed % 4 == 0);
            const Report report = sim::simulate(scenario, is_free ? free_profile() : *built_in_profile("reference"));
            check(report, random.server());
            CHECK((*report.time)[work] == same.value_or((*report.time)[work]));
            same = (*report.time)[work];
            // What is sent is what was asked for and answered, and what is handed over within a pool.
            const bool is_pool = which == ServerModel::thread_pool;
            const Server& server = random.server();
            const Bytes response = server.load.kind == ServerLoad::Kind::closed && server.response == Bytes{}
                                       ? server.message
                                       : server.response;
            const std::int64_t each = server.message.count * (is_pool ? 2 : 1) + response.count;
            CHECK(report.counters.bytes_sent == server.requests * static_cast<std::uint64_t>(each));
        }
    }
}

TEST_CASE("every policy serves every model") {
    for (const sim::SchedulerDescription& policy : sim::schedulers()) {
        const Generator random(1234);
        for (int model = 0; model < server_models; ++model) {
            INFO(policy.name << ", " << name_of(static_cast<ServerModel>(model)));
            const Scenario scenario = random.scenario(static_cast<ServerModel>(model), policy.name, false);
            check(sim::simulate(scenario, *built_in_profile("reference")), random.server());
        }
    }
}

TEST_CASE("the same server runs the same way again") {
    const Generator random(99);
    for (int model = 0; model < server_models; ++model) {
        const Scenario scenario = random.scenario(static_cast<ServerModel>(model), "rr", false);
        CHECK(sim::simulate(scenario, free_profile()) == sim::simulate(scenario, free_profile()));
    }
}

TEST_CASE("whoever waits to receive hears of the end, even where the last message was another's") {
    ScenarioBuilder scenario("end");
    scenario.cores(1).channel("c", ChannelKind::fifo);
    scenario.task("sender", TaskKind::process, [](ProgramBuilder& task) {
        task.sleep(1ms).send("c", 1_KiB).close("c"); // before the receiver that was woken runs
    });
    scenario.task(
        "receiver", TaskKind::process,
        [](ProgramBuilder& task) { task.for_each("c", 1_KiB, [](ProgramBuilder& body) { body.compute(1ms); }); },
        [](TaskTemplate& task) { task.count = 3; });
    const Report report = sim::simulate(scenario.build(), free_profile());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.makespan == 2ms);
}
