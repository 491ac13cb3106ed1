// Stacks, forbidden references and limits of memory done for real, in the words and numbers of the simulator.
#include "native/execute/memory_groups.hpp"
#include "tests/native/runner/native_run.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <unistd.h>

using namespace switchyard;
using namespace switchyard::native;
using namespace switchyard::size_literals;

static bool has_note(const Report& report, std::string_view note) {
    return std::ranges::find(report.notes, note) != report.notes.end();
}

static Report run_process(const ProgramBuilder::Body& program, const SegmentSizes& segments = {}, Bytes limit = {}) {
    return run_natively(ScenarioBuilder("memory")
                            .task("A", TaskKind::process, program,
                                  [&](TaskTemplate& task) {
                                      task.memory = segments;
                                      task.memory_limit = limit;
                                  })
                            .build());
}

static Touch downwards(Bytes length) {
    Touch touch;
    touch.access = Access::write;
    touch.pattern = AccessPattern::downwards;
    touch.part.length = length;
    return touch;
}

TEST_CASE("a stack grows by being touched, page by page, and below its end is a guard") {
    SegmentSizes segments;
    segments.stack = 64_KiB;
    const Report whole =
        run_process([](auto& task) { task.touch("stack", downwards(64_KiB)).observe("whole", "stack"); }, segments);
    CHECK(whole.counters.crashes == 0);
    REQUIRE(whole.observations.size() == 1);
    CHECK(whole.observations[0].figures.minor_faults == 16);
    CHECK(whole.observations[0].figures.resident == 64 << 10);
    const Report beyond =
        run_process([](auto& task) { task.touch("stack", downwards(68_KiB)).observe("whole"); }, segments);
    CHECK(beyond.counters.crashes == 1);
    CHECK(has_note(beyond, "A died: stack guard at 0xffffffff000, in or beside its region 'stack'"));
}

TEST_CASE("a new image has a stack of its own, whatever the limit of the old one was") {
    SegmentSizes segments;
    segments.stack = 16_KiB;
    const Report report = run_process(
        [](auto& task) {
            task.touch("stack", downwards(16_KiB));
            task.exec([](auto& image) { image.touch("stack", downwards(16_KiB)).observe("image", "stack"); });
        },
        segments);
    CHECK(report.counters.crashes == 0);
    REQUIRE(report.observations.size() == 1);
    CHECK(report.observations[0].figures.resident == 16 << 10);
}

TEST_CASE("a reference nobody permits is reported with its address and why, as the simulator does") {
    SegmentSizes text;
    text.text = 64_KiB;
    Touch third;
    third.access = Access::write;
    third.part.offset = 8_KiB;
    CHECK(has_note(run_process([&](auto& task) { task.touch("text", third); }, text),
                   "A died: write to read-only region at 0x100000002000, in or beside its region 'text'"));
    CHECK(has_note(run_process([](auto& task) {
                       Mapping secret;
                       secret.size = 16_KiB;
                       secret.permissions = {false, false, false};
                       task.map("secret", secret).touch("secret", Access::read);
                   }),
                   "A died: read of a region without read permission at 0x100000000000, in or beside its region "
                   "'secret'"));
    CHECK(has_note(run_process([](auto& task) {
                       task.map("torn", 64_KiB).unmap("torn", 16_KiB, 4_KiB).touch("torn", Access::read);
                   }),
                   "A died: no region here at 0x100000004000, in or beside its region 'torn'"));
    CHECK(has_note(run_process([](auto& task) {
                       Mapping log;
                       log.kind = RegionKind::file;
                       log.size = 16_KiB;
                       task.map("log", log).remap("log", 32_KiB).touch("log", Access::read);
                   }),
                   "A died: beyond the end of the file at 0x100000404000, in or beside its region 'log'"));
    const Report child = run_process([](auto& task) {
        task.map("freed", 16_KiB);
        task.fork("child", [](auto& program) { program.unmap("freed").touch("freed", Access::read); });
        task.wait("child").touch("freed", Access::read);
    });
    CHECK(child.counters.crashes == 1);
    CHECK(has_note(child, "A/child died: touched its region 'freed', which is not mapped"));
    CHECK(task_of(child, "A").finished == 1);
}

TEST_CASE("what a task did in memory is known without an observation, what its process had with one") {
    const Report plain = run_process([](auto& task) { task.map("b", 8_MiB).touch("b", Access::write); });
    const MemoryFigures& known = task_of(plain, "A").memory;
    CHECK(*known[MemoryFigure::minor_faults] >= 2048);
    CHECK(*known[MemoryFigure::minor_faults] < 2048 + 200);
    CHECK(*known[MemoryFigure::peak_resident] >= 7 << 20);
    CHECK(*known[MemoryFigure::peak_resident] < 9 << 20);
    CHECK_FALSE(known[MemoryFigure::resident]);
    CHECK_FALSE(known[MemoryFigure::fault_anonymous]); // the kernel does not say
    CHECK_FALSE(known[MemoryFigure::tlb_misses]);
    const Report observed =
        run_process([](auto& task) { task.map("b", 8_MiB).touch("b", Access::write).observe("end"); });
    const MemoryFigures& exact = task_of(observed, "A").memory;
    CHECK(exact[MemoryFigure::minor_faults] == 2048);
    CHECK(exact[MemoryFigure::resident] == 8 << 20);
    CHECK(exact[MemoryFigure::proportional] == 8 << 20);
    CHECK(exact[MemoryFigure::shared] == 0);
}

static std::set<std::filesystem::path> groups_left(const MemoryHierarchy& hierarchy) {
    std::set<std::filesystem::path> left;
    for (const auto& entry : std::filesystem::directory_iterator(hierarchy.mount))
        if (entry.path().filename().string() == "switchyard-memory-" + std::to_string(getpid())) left.insert(entry);
    return left;
}

TEST_CASE("who wants more memory than its limit is killed, who does not is not; nothing of the limits is left") {
    const auto run = [](Bytes size) {
        return run_process([&](auto& task) { task.map("b", size).touch("b", Access::write).observe("end", "b"); }, {},
                           8_MiB);
    };
    MemoryHierarchy hierarchy;
    try {
        hierarchy = find_memory_hierarchy();
        if (access(hierarchy.mount.c_str(), W_OK) != 0) throw SystemError("not ours to change");
    } catch (const SystemError&) {
        CHECK_THROWS_AS(run(6_MiB), InputError); // says why it cannot run natively
        return;
    }
    const Report fits = run(6_MiB);
    CHECK(task_of(fits, "A").finished == 1);
    CHECK(fits.counters.out_of_memory_kills == 0);
    CHECK(fits.observations[0].figures.minor_faults == 1536);
    CHECK(groups_left(hierarchy).empty());
    const Report killed = run(32_MiB);
    CHECK(killed.outcome == Outcome::completed);
    CHECK(task_of(killed, "A").finished == 0);
    CHECK(killed.counters.out_of_memory_kills == 1);
    CHECK(task_of(killed, "A").memory.empty()); // it took what was known along
    CHECK(groups_left(hierarchy).empty());
}

TEST_CASE("a machine without the memory controller says what is missing") {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("switchyard-mounts-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder / "second");
    const auto says = [&](const std::string& mounts) {
        std::ofstream(folder / "mounts") << mounts;
        try {
            const MemoryHierarchy found = find_memory_hierarchy(folder / "mounts");
            return found.mount.string() + (found.is_first_version ? " 1" : " 2");
        } catch (const SystemError& error) {
            return std::string(error.what());
        }
    };
    const std::string second = (folder / "second").string();
    CHECK(says("tmpfs /tmp tmpfs rw 0 0\n").find("no control groups") == 0);
    CHECK(says("cgroup /c cgroup rw,memory 0 0\n") == "/c 1");
    CHECK(says("cgroup /c cgroup rw,cpu 0 0\ncgroup2 " + second + " cgroup2 rw 0 0\n") ==
          second + " does not have the memory controller");
    std::ofstream(folder / "second" / "cgroup.controllers") << "cpu memory";
    CHECK(says("cgroup2 " + second + " cgroup2 rw 0 0\n").find("+memory") != std::string::npos);
    std::ofstream(folder / "second" / "cgroup.subtree_control") << "memory";
    CHECK(says("cgroup2 " + second + " cgroup2 rw 0 0\n") == second + " 2");
    std::filesystem::remove_all(folder);
}
