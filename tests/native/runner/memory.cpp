// Memory operations done for real: what the kernel says is what the rules of its memory management say.
#include "tests/native/runner/native_run.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace switchyard::size_literals;

static Report run_process(const ProgramBuilder::Body& program) {
    return run_natively(ScenarioBuilder("memory").task("A", TaskKind::process, program).build());
}

static const ObservedFigures& seen(const Report& report, std::string_view name) {
    const auto row = std::ranges::find(report.observations, name, &ObservationReport::name);
    REQUIRE(row != report.observations.end());
    REQUIRE(row->count > 0);
    return row->figures;
}

TEST_CASE("touching N pages for the first time is N faults and 4 N KiB") {
    const Report report = run_process([](auto& task) {
        task.map("memory", 400_KiB).observe("mapped", "memory").touch("memory", Access::write);
        task.observe("written", "memory").touch("memory", Access::write).observe("again", "memory");
    });
    CHECK(report.outcome == Outcome::completed);
    CHECK(seen(report, "mapped").minor_faults == 0);
    CHECK(seen(report, "mapped").page_tables == 0);
    CHECK(seen(report, "written").minor_faults == 100);
    CHECK(seen(report, "written").resident == 400 << 10);
    CHECK(seen(report, "written").private_ == 400 << 10);
    CHECK(seen(report, "written").anonymous == 400 << 10);
    CHECK(seen(report, "written").page_tables == 3 * 4096); // one of each level: nothing else is near
    CHECK(seen(report, "again").minor_faults == 0);
    CHECK(seen(report, "again").page_tables == 0);
    CHECK(report.counters.minor_faults == 100);
}

TEST_CASE("a fork's child copies what it writes, and shares the rest with its parent") {
    Touch part;
    part.access = Access::write;
    part.part.length = 120_KiB;
    const Report report = run_natively(
        ScenarioBuilder("copy on write")
            .semaphore("written")
            .semaphore("seen")
            .task("A", TaskKind::process,
                  [&](auto& task) {
                      task.map("memory", 400_KiB).touch("memory", Access::write);
                      task.fork("child", [&](auto& child) {
                          child.touch("memory", Access::read).observe("read", "memory").touch("memory", part);
                          child.observe("copied", "memory").release("written").acquire("seen");
                      });
                      task.acquire("written").observe("shared", "memory");
                      task.touch("memory", part).observe("reuse", "memory").release("seen").wait("child");
                  })
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(seen(report, "read").minor_faults == 0);
    CHECK(seen(report, "copied").minor_faults == 30);
    CHECK(seen(report, "copied").private_ == 120 << 10);
    CHECK(seen(report, "shared").minor_faults == 100); // its own first writes, and none since
    CHECK(seen(report, "shared").shared == 280 << 10);
    CHECK(seen(report, "shared").private_ == 120 << 10);
    CHECK(seen(report, "shared").proportional == (120 + 140) << 10);
    CHECK(seen(report, "reuse").minor_faults == 30);
}

TEST_CASE("what the runner itself does in a fork's child is not counted") {
    const Report report = run_process([](auto& task) {
        task.map("memory", 400_KiB).touch("memory", Access::write);
        task.fork("child", [](auto& child) { child.unmap("memory").observe("unmapped").brk(4096).observe("grown"); });
        task.wait("child").observe("parent");
    });
    CHECK(report.outcome == Outcome::completed);
    CHECK(seen(report, "unmapped").minor_faults == 0);
    CHECK(seen(report, "grown").minor_faults == 0);
    CHECK(seen(report, "parent").minor_faults == 100);
    CHECK(report.counters.minor_faults == 100);
}

TEST_CASE("a vfork's child touches its parent's own memory") {
    const Report report = run_process([](auto& task) {
        task.map("memory", 40_KiB).vfork("child", [](auto& child) {
            child.touch("memory", Access::write).observe("child", "memory");
        });
        task.wait("child").touch("memory", Access::write).observe("parent", "memory");
    });
    CHECK(seen(report, "child").minor_faults == 10);
    CHECK(seen(report, "parent").minor_faults == 0);
    CHECK(seen(report, "parent").private_ == 40 << 10);
}

TEST_CASE("threads of a process see the same regions") {
    const Report report =
        run_natively(ScenarioBuilder("threads")
                         .semaphore("mapped")
                         .task("A", TaskKind::thread, [](auto& task) { task.map("memory", 40_KiB).release("mapped"); })
                         .task("B", TaskKind::thread,
                               [](auto& task) {
                                   task.acquire("mapped").touch("memory", Access::write);
                                   task.observe("written", "memory");
                               })
                         .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(seen(report, "written").minor_faults == 10);
    CHECK(seen(report, "written").resident == 40 << 10);
}

TEST_CASE("cached pages of a file are mapped sixteen at a time") {
    Mapping file;
    file.kind = RegionKind::file;
    file.size = 400_KiB;
    const Report report = run_process([&](auto& task) {
        task.map("file", file).touch("file", Access::read).observe("read", "file");
        task.touch("file", Access::write).observe("copied", "file");
    });
    CHECK(*seen(report, "read").minor_faults + *seen(report, "read").major_faults == 7);
    CHECK(seen(report, "read").resident == 400 << 10);
    CHECK(seen(report, "copied").minor_faults == 100);
    CHECK(seen(report, "copied").anonymous == 400 << 10);
}

TEST_CASE("the heap grows and shrinks, segments are there from the beginning") {
    const Report report = run_natively(ScenarioBuilder("segments")
                                           .task(
                                               "A", TaskKind::process,
                                               [](auto& task) {
                                                   task.touch("heap", Access::write).observe("first", "heap");
                                                   task.brk(40'960).touch("heap", Access::write);
                                                   task.observe("grown", "heap").brk(-40'960).observe("shrunk", "heap");
                                                   task.touch("bss", Access::write).observe("bss", "bss");
                                                   task.touch("text", Access::read).observe("text", "text");
                                               },
                                               [](auto& task) {
                                                   task.memory = {64_KiB, {}, 20_KiB, 12_KiB, {}};
                                               })
                                           .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(seen(report, "first").minor_faults == 3);
    CHECK(seen(report, "grown").minor_faults == 10);
    CHECK(seen(report, "grown").resident == 52 << 10);
    CHECK(seen(report, "shrunk").resident == 12 << 10);
    CHECK(seen(report, "bss").minor_faults == 5);
    CHECK(seen(report, "text").resident == 64 << 10);
}

TEST_CASE("what permissions forbid, and what is not mapped, kills the process; others live") {
    const auto run = [](const ProgramBuilder::Body& program) {
        return run_natively(ScenarioBuilder("crash")
                                .task("A", TaskKind::process, program)
                                .task("B", TaskKind::process, [](auto& task) { task.system_call(); })
                                .build());
    };
    for (const Report& report :
         {run([](auto& task) {
              task.map("memory", 40_KiB).protect("memory", {true, false, false}).touch("memory", Access::write);
          }),
          run([](auto& task) { task.map("memory", 40_KiB).unmap("memory").touch("memory", Access::read); })}) {
        CHECK(report.outcome == Outcome::completed);
        CHECK(report.counters.crashes == 1);
        CHECK(task_of(report, "A").finished == 0);
        CHECK(task_of(report, "B").finished == 1);
    }
}

TEST_CASE("a region that moves keeps its pages; DONTNEED takes them") {
    const Report report = run_process([](auto& task) {
        Touch first;
        first.access = Access::write;
        first.part.length = 40_KiB;
        task.map("memory", 40_KiB).touch("memory", Access::write).remap("memory", 80_KiB);
        task.observe("moved", "memory").touch("memory", first).observe("rewritten", "memory");
        task.advise("memory", Advice::dontneed).observe("none", "memory");
        task.touch("memory", first).observe("again", "memory");
    });
    CHECK(seen(report, "moved").minor_faults == 10);
    CHECK(seen(report, "moved").resident == 40 << 10);
    CHECK(seen(report, "rewritten").minor_faults == 0);
    CHECK(seen(report, "none").resident == 0);
    CHECK(seen(report, "again").minor_faults == 10);
}

TEST_CASE("observations of all instances are one row") {
    const Report report = run_natively(ScenarioBuilder("three")
                                           .task(
                                               "A", TaskKind::process,
                                               [](auto& task) {
                                                   task.map("memory", 40_KiB).touch("memory", Access::write);
                                                   task.observe("written", "memory");
                                               },
                                               [](auto& task) { task.count = 3; })
                                           .build());
    REQUIRE(report.observations.size() == 1);
    CHECK(report.observations[0].count == 3);
    CHECK(report.observations[0].task == "A");
    CHECK(report.observations[0].figures.minor_faults == 30);   // added up
    CHECK(report.observations[0].figures.resident == 40 << 10); // the mean
}
