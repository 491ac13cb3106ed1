// Computing over working sets for real. How long that takes is not for a test to say; that it is all done is.
#include "tests/native/runner/native_run.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace switchyard::size_literals;
using namespace std::chrono_literals;

namespace {

Mapping present(Bytes size) {
    Mapping mapping;
    mapping.size = size;
    mapping.populate = true;
    return mapping;
}

} // namespace

TEST_CASE("every kind of task computes over memory of its own, and so do its children") {
    for (const TaskKind kind : {TaskKind::process, TaskKind::thread, TaskKind::coroutine, TaskKind::fiber}) {
        INFO(name_of(kind));
        const Report report = run_natively(
            ScenarioBuilder("own")
                .task(
                    "A", kind,
                    [&](ProgramBuilder& task) {
                        task.compute_over(64_KiB, 300us).compute_over(256_KiB, 5us);
                        if (kind == TaskKind::process)
                            task.fork("c", [](auto& child) { child.compute_over(512_KiB, 300us); }).wait("c");
                        else
                            task.spawn("c", kind, [](auto& child) { child.compute_over(512_KiB, 300us); }).join("c");
                    },
                    [](TaskTemplate& task) { task.count = 2; })
                .build());
        CHECK(report.outcome == Outcome::completed);
        CHECK(report.tasks[0].finished == 2);
        CHECK(report.counters.crashes == 0);
        CHECK(report.makespan > 0s);
    }
}

TEST_CASE("threads of a process compute over one region, and none of its pages faults") {
    const Report report = run_natively(
        ScenarioBuilder("region")
            .semaphore("mapped")
            .task("A", TaskKind::thread,
                  [](auto& task) {
                      task.map("region", present(256_KiB)).release("mapped");
                      task.compute_over("region", 1ms).observe("seen", "region");
                  })
            .task("B", TaskKind::thread, [](auto& task) { task.acquire("mapped").compute_over("region", 1ms); })
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.crashes == 0);
    REQUIRE(report.observations.size() == 1);
    CHECK(report.observations[0].figures.resident == 256 << 10);
}

TEST_CASE("whoever computes over what is not mapped any more crashes") {
    const Report report =
        run_natively(ScenarioBuilder("gone")
                         .task("A", TaskKind::process,
                               [](auto& task) {
                                   task.map("region", present(64_KiB)).compute_over("region", 100us).unmap("region");
                                   task.compute_over("region", 100us).compute(1s);
                               })
                         .build());
    CHECK(report.counters.crashes == 1);
    CHECK(report.tasks[0].finished == 0);
}
