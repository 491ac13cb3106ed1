#include "sim/kernel/record_table.hpp"

#include "models/machine/profile.hpp"
#include "sim/kernel/boot.hpp"
#include "sim/kernel/instant.hpp"

#include <catch2/catch_test_macros.hpp>
#include <set>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

struct Thing {
    int value = 0;
    bool over = false;
};

} // namespace

TEST_CASE("Records of what is over are used again, a block at once, and never one that lasts") {
    sim::RecordTable<Thing> table{{.over = true}};
    for (int i = 0; i < 128; ++i) table.push_back({.value = i});
    const Thing* const first = &table[0];
    const Thing* const lasts = &table[100];
    for (std::uint32_t id = 0; id < 128; ++id)
        if (id != 100) table.retire(id);
    CHECK(table.has_retired());
    CHECK(table[5].value == 5); // as long as somebody may be at reading it
    table.reuse_retired();
    CHECK_FALSE(table.has_retired());
    CHECK(table[5].over);
    CHECK(table[63].over);
    CHECK(table[64].value == 64);
    CHECK(&table[100] == lasts);
    for (int i = 128; i < 192; ++i) table.push_back({.value = i});
    CHECK(&table[128] == first);
    CHECK(table[128].value == 128);
    CHECK_FALSE(table[191].over);
    CHECK(table[5].over);
    CHECK(table[100].value == 100);
    CHECK(table.size() == 192);
}

TEST_CASE("A server that starts a task or a process for each request keeps no records of those that have ended") {
    for (const ServerModel model :
         {ServerModel::event_loop, ServerModel::thread_per_request, ServerModel::process_per_request}) {
        Server server;
        server.model = model;
        server.requests = 3000;
        server.load.gaps = Distribution::exponential(1e9);
        const Scenario scenario =
            ScenarioBuilder("server")
                .cores(2)
                .scheduler("eevdf", {})
                .server(server, [](ProgramBuilder& request) { request.compute(Distribution::exponential(1e7)); })
                .build();
        const CostProfile profile = reference_profile();
        const std::unique_ptr<sim::Kernel> kernel = sim::boot(scenario, profile, {}, nullptr);
        while (kernel->live_tasks > 0) REQUIRE(sim::next_instant(*kernel) > 0);
        std::set<const sim::Task*> records;
        for (TaskId id = 0; id < kernel->tasks.size(); ++id) records.insert(&kernel->tasks[id]);
        INFO(name_of(model));
        CHECK(kernel->tasks.size() > 3000);
        CHECK(records.size() < 1000);
        std::set<const sim::Process*> processes;
        for (sim::ProcessId id = 0; id < kernel->processes.size(); ++id) processes.insert(&kernel->processes[id]);
        CHECK(processes.size() < 1000);
    }
}
