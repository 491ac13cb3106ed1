// Random tasks come, run, sleep, yield, change and move; whatever they do, the queues stay sound.
#include "fake_kernel.hpp"
#include "invariants.hpp"

#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <array>
#include <random>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;

namespace {

Duration microseconds(std::uint64_t count) { return std::chrono::microseconds{static_cast<std::int64_t>(count)}; }

Scheduling random_attributes(std::mt19937_64& random) {
    Scheduling scheduling;
    if (random() % 3 == 0) scheduling.nice = static_cast<std::int32_t>(random() % 40) - 20;
    if (random() % 8 == 0) scheduling.policy = LinuxPolicy::batch;
    if (random() % 8 == 0) scheduling.policy = LinuxPolicy::idle;
    if (random() % 4 == 0) scheduling.slice = microseconds(100 + random() % 8000);
    return scheduling;
}

void run_randomly(FakeKernel& kernel, std::mt19937_64& random, std::uint32_t groups, int rounds, bool changes = true) {
    const auto cores = static_cast<CoreId>(kernel.state().cores);
    std::uint32_t tasks = 0;
    const auto core = [&] { return static_cast<CoreId>(random() % cores); };
    for (int round = 0; round < rounds; ++round) {
        const auto choice = random() % 10;
        if (tasks < 3 || (choice < 2 && tasks < 40)) {
            TaskPlan plan;
            plan.scheduling = random_attributes(random);
            const std::uint64_t run = 1 + random() % 5000;
            const std::uint64_t sleep = 1 + random() % 5000;
            if (random() % 4 != 0)
                plan.behaviour = [seed = random(), run, sleep]() mutable {
                    std::mt19937_64 mine(seed++);
                    return Burst{microseconds(1 + mine() % run),
                                 mine() % 60 == 0 ? forever : microseconds(mine() % sleep)};
                };
            if (groups > 0 && random() % 4 != 0) plan.group = static_cast<std::uint32_t>(random() % groups);
            plan.core = core();
            if (random() % 6 == 0) plan.allowed = {plan.core};
            kernel.add(plan, random() % 2 == 0 ? no_core : core());
            ++tasks;
        } else if (choice < 4) {
            const CoreId on = core();
            if (kernel.running(on) != no_task) kernel.yield(on);
        } else if (choice < 5 && changes) {
            const auto task = static_cast<TaskId>(random() % tasks);
            if (!kernel.ended(task))
                kernel.change(task, [&](Scheduling& scheduling) { scheduling = random_attributes(random); });
        } else if (choice < 7) {
            const auto task = static_cast<TaskId>(random() % tasks);
            if (kernel.sleeps(task)) kernel.wake(task, core());
        } else {
            kernel.run_for(microseconds(random() % 6000));
        }
    }
}

} // namespace

TEST_CASE("Averages, counts and picks stay true whatever happens, on any number of cores", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    const std::uint32_t seed = GENERATE(Catch::Generators::range(1U, 9U));
    std::mt19937_64 random(seed);
    FairParameters parameters;
    parameters.version = version;
    parameters.run_to_parity = random() % 4 != 0;
    parameters.delay_zero = random() % 4 != 0;
    parameters.delay_dequeue = random() % 4 != 0;
    parameters.next_buddy = random() % 4 == 0;
    parameters.hrtick = random() % 4 == 0;
    const CoreId cores = std::array<CoreId, 4>{1, 2, 3, 8}[seed % 4];
    FakeKernel kernel(parameters, cores, seed % 5 == 0 ? 0 : 250);
    kernel.after_each_event = [&] { check_all(kernel.state()); };
    run_randomly(kernel, random, 0, 600);
    CHECK(kernel.dispatches > 300);
}

TEST_CASE("Who leaves takes no more lag along than two requests or a tick are worth", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    const std::uint32_t seed = GENERATE(Catch::Generators::range(1U, 5U));
    std::mt19937_64 random(seed);
    FairParameters parameters;
    parameters.version = version;
    FakeKernel kernel(parameters, static_cast<CoreId>(1 + seed % 2));
    kernel.after_each_event = [&] { check_lags(kernel.state()); };
    run_randomly(kernel, random, 0, 600, false);
    CHECK(kernel.dispatches > 300);
}

TEST_CASE("The same with nested groups, some of which have quotas", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    const std::uint32_t seed = GENERATE(Catch::Generators::range(1U, 9U));
    std::mt19937_64 random(seed);
    FairParameters parameters;
    parameters.version = version;
    std::vector<Group> groups(5);
    for (std::uint32_t index = 0; index < groups.size(); ++index) {
        groups[index].name = std::to_string(index);
        if (index > 1) groups[index].parent = static_cast<std::uint32_t>(random() % (index + 1)) - 1;
        if (groups[index].parent >= index) groups[index].parent = no_group;
        groups[index].shares = 2 + static_cast<std::int64_t>(random() % 4000);
        if (random() % 2 == 0) {
            groups[index].quota = microseconds(1000 + random() % 60'000);
            groups[index].period = microseconds(10'000 + random() % 100'000);
        }
    }
    const CoreId cores = std::array<CoreId, 4>{1, 2, 4, 8}[seed % 4];
    FakeKernel kernel(parameters, cores, 250, groups);
    kernel.after_each_event = [&] { check_all(kernel.state()); };
    run_randomly(kernel, random, static_cast<std::uint32_t>(groups.size()), 600);
    CHECK(kernel.dispatches > 300);
}
