// Memory in traces.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <set>

using namespace switchyard;
using namespace switchyard::size_literals;
using namespace std::chrono_literals;

namespace {

struct Told {
    std::array<std::uint64_t, fault_kinds> faults{};
    std::array<std::uint64_t, 3> transferred{};
    std::uint64_t kills = 0;
    std::uint64_t shootdowns = 0;
    std::uint64_t events = 0;
};

Told told_by(const Trace& trace) {
    Told told;
    for (const TraceEvent& event : trace.events) {
        const auto of_memory = {EventKind::faulted, EventKind::transferred, EventKind::out_of_memory,
                                EventKind::shootdown};
        for (const EventKind kind : of_memory) told.events += event.kind == kind;
        if (event.kind == EventKind::faulted) told.faults.at(event.detail) += event.count;
        if (event.kind == EventKind::transferred)
            told.transferred.at(event.detail) += static_cast<std::uint64_t>(event.value);
        told.kills += event.kind == EventKind::out_of_memory;
        if (event.kind == EventKind::shootdown) told.shootdowns += event.count;
    }
    return told;
}

Touch drawn(Access access, std::uint64_t count) {
    Touch touch;
    touch.access = access;
    touch.pattern = AccessPattern::uniform;
    touch.count = count;
    return touch;
}

Report traced(const Scenario& scenario, Trace& trace) {
    sim::SimulationOptions options;
    options.trace = &trace;
    return sim::simulate(scenario, reference_profile(), options);
}

} // namespace

TEST_CASE("the trace tells every fault, page moved, kill and shootdown that is counted") {
    MachineMemory memory;
    memory.size = 3_MiB;
    memory.swap = 1_MiB;
    ScenarioBuilder scenario("all");
    scenario.cores(2).memory(memory).scheduler("rr", {{"slice", "50us"}});
    scenario.task("threads", TaskKind::thread, [](ProgramBuilder& task) {
        task.map("own", 256_KiB).touch("own", Access::read).touch("own", drawn(Access::write, 100));
        task.spawn("beside", TaskKind::thread, [](auto& beside) { beside.compute(20ms); });
        task.fork("child", [](auto& child) { child.touch("own", drawn(Access::write, 60)).compute(1ms); });
        task.touch("own", drawn(Access::write, 60)).protect("own", {true, false, false}).unmap("own");
        task.wait("child").join("beside");
    });
    scenario.task("large", TaskKind::process, [](ProgramBuilder& task) {
        Mapping file;
        file.kind = RegionKind::file;
        file.size = 512_KiB;
        file.writes_to_file = true;
        file.cold = true;
        task.map("file", file).touch("file", drawn(Access::write, 200));
        task.map("much", 2_MiB).touch("much", Access::write).sleep(400ms).touch("much", Access::read).sleep(1s);
    });
    scenario.task("second", TaskKind::process, [](ProgramBuilder& task) {
        task.sleep(300ms).map("some", 1500_KiB).touch("some", Access::write);
        task.sleep(300ms).map("more", 1000_KiB).touch("more", Access::write);
    });
    Trace trace;
    const Report report = traced(scenario.build(), trace);
    REQUIRE(report.outcome == Outcome::completed);
    const Told told = told_by(trace);
    std::uint64_t minor = 0;
    std::uint64_t major = 0;
    for (std::size_t kind = 0; kind < fault_kinds; ++kind)
        (kind >= static_cast<std::size_t>(FaultKind::swap_in) ? major : minor) += told.faults[kind];
    CHECK(minor == report.counters.minor_faults);
    CHECK(major == report.counters.major_faults);
    CHECK(told.transferred[0] == report.counters.pages_swapped_in);
    CHECK(told.transferred[1] == report.counters.pages_swapped_out);
    CHECK(told.transferred[2] == report.counters.pages_written_back);
    CHECK(told.kills == report.counters.out_of_memory_kills);
    CHECK(told.shootdowns == report.counters.tlb_shootdowns);
    // None of them is there by chance.
    CHECK(minor > 0);
    CHECK(major > 0);
    CHECK(told.transferred[0] > 0);
    CHECK(told.transferred[1] > 0);
    CHECK(told.transferred[2] > 0);
    CHECK(told.kills > 0);
    CHECK(told.shootdowns > 0);
}

TEST_CASE("a touch of a million pages is told step by step, with where its faults are") {
    const Scenario scenario =
        ScenarioBuilder("large")
            .task("A", TaskKind::process, [](auto& task) { task.map("b", 4096_MiB).touch("b", Access::read); })
            .build();
    Trace trace;
    const Report report = traced(scenario, trace);
    CHECK(report.counters.minor_faults == 1 << 20);
    const Told told = told_by(trace);
    CHECK(told.faults[static_cast<std::size_t>(FaultKind::zero_page)] == 1 << 20);
    CHECK(told.events < (1 << 20) / 16);
    std::int64_t address = 0;
    for (const TraceEvent& event : trace.events) {
        if (event.kind != EventKind::faulted) continue;
        CHECK(event.task == 0);
        if (address > 0) REQUIRE(event.value == address); // where the step before ended
        address = event.value + std::int64_t{event.count} * base_page.count;
    }
}

TEST_CASE("recording changes nothing of what is simulated") {
    const Scenario scenario =
        ScenarioBuilder("same")
            .task("A", TaskKind::process,
                  [](ProgramBuilder& task) { task.map("b", 1_MiB).touch("b", drawn(Access::write, 500)).unmap("b"); })
            .build();
    Trace trace;
    CHECK(traced(scenario, trace) == sim::simulate(scenario, reference_profile()));
}
