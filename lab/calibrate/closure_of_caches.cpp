#include "lab/calibrate/closure_of_caches.hpp"

namespace switchyard::lab {

namespace {

using namespace std::chrono_literals;

constexpr int few_times = 10;
constexpr Bytes room{std::int64_t{1} << 30};          // of a cache that holds whatever is measured
constexpr Bytes no_room_left{room.count + (1 << 20)}; // what displaces everything from it and never is there itself

// Who is measured goes over its working set, and gives way to one who goes over more than there is room for.
Scenario taking_turns(const std::string& probe, Bytes size, int times) {
    const bool from_memory = probe == "refill_memory";
    const auto displace = [](ProgramBuilder& task, int turns) {
        task.repeat(turns, [](auto& body) { body.compute_over(no_room_left, 1ms).yield(); });
    };
    const auto be_measured = [=](ProgramBuilder& task) {
        task.repeat(times, [=](auto& body) { body.compute_over(size, 1ms).yield(); });
    };
    return ScenarioBuilder("closure of " + probe)
        .cores(1)
        .hz(0)
        .caches({room, from_memory ? room : no_room_left * 2})
        .scheduler("rr", {{"slice", "1h"}})
        .task("A", TaskKind::thread, be_measured)
        .task("B", TaskKind::thread, [=](ProgramBuilder& task) { displace(task, times); })
        .build();
}

// The same beside a core in whose caches it stays: both go over one region.
Scenario beside_a_holder(const std::string& probe, Bytes size, int times) {
    const auto on_core = [](std::uint32_t core) { return [=](TaskTemplate& task) { task.cores = {core}; }; };
    const auto map_and_hold = [=](ProgramBuilder& task) {
        Mapping mapping;
        mapping.size = size;
        mapping.populate = true;
        task.map("region", mapping).compute_over("region", 1ms);
        for (int i = 0; i < 2; ++i) task.release("mapped");
    };
    return ScenarioBuilder("closure of " + probe)
        .cores(2)
        .hz(0)
        .caches({room, no_room_left * 2})
        .scheduler("rr", {{"slice", "1h"}})
        .semaphore("mapped")
        .task("holder", TaskKind::thread, map_and_hold, on_core(1))
        .task(
            "A", TaskKind::thread,
            [=](ProgramBuilder& task) {
                task.acquire("mapped");
                task.repeat(times, [=](auto& body) { body.compute_over("region", 1ms).yield(); });
            },
            on_core(0))
        .task(
            "B", TaskKind::thread,
            [=](ProgramBuilder& task) {
                task.acquire("mapped");
                task.repeat(times, [=](auto& body) { body.compute_over(no_room_left, 1ms).yield(); });
            },
            on_core(0))
        .build();
}

} // namespace

std::optional<ClosureCase> case_of_caches(const std::string& probe, std::int64_t amount) {
    const bool is_core = probe == "refill_core";
    if (!is_core && probe != "refill_shared" && probe != "refill_memory") return std::nullopt;
    const auto scenario = [&](int times) {
        return is_core ? beside_a_holder(probe, Bytes{amount}, times) : taking_turns(probe, Bytes{amount}, times);
    };
    ClosureCase one;
    one.probe = probe;
    one.amount = amount;
    one.few = scenario(few_times);
    one.many = scenario(2 * few_times);
    one.metrics = {"time.refill"};
    one.repetitions = few_times;
    return one;
}

} // namespace switchyard::lab
