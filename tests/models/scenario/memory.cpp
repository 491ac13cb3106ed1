#include "models/errors.hpp"
#include "models/scenario/memory_validation.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <set>
#include <string>

using namespace switchyard;
using namespace switchyard::size_literals;

static Scenario process(const ProgramBuilder::Body& program, const std::function<void(TaskTemplate&)>& adjust = {}) {
    return ScenarioBuilder("memory").task("A", TaskKind::process, program, adjust).build();
}

static Touch written(Bytes offset, Bytes length) {
    Touch touch;
    touch.access = Access::write;
    touch.part.offset = offset;
    touch.part.length = length;
    return touch;
}

TEST_CASE("kinds of regions, segments, advice and patterns have names of their own") {
    std::set<std::string_view> names;
    for (int i = 0; i < region_kinds; ++i) names.insert(name_of(static_cast<RegionKind>(i)));
    for (int i = 0; i < segments; ++i) {
        names.insert(name_of(static_cast<Segment>(i)));
        CHECK(segment_named(name_of(static_cast<Segment>(i))) == static_cast<Segment>(i));
    }
    CHECK(names.size() == region_kinds + segments);
    names.clear();
    for (int i = 0; i < advices; ++i) names.insert(name_of(static_cast<Advice>(i)));
    CHECK(names.size() == advices);
    names.clear();
    for (int i = 0; i < access_patterns; ++i) names.insert(name_of(static_cast<AccessPattern>(i)));
    CHECK(names.size() == access_patterns);
    CHECK_FALSE(segment_named("buffer"));
}

TEST_CASE("regions lie one behind the other, each at a page table of its own") {
    RegionPlacement placement;
    constexpr std::uint64_t table = 2 << 20;
    CHECK(placement.place(1_MiB, 0) == first_placement);
    CHECK(placement.place(2_MiB, 5) == first_placement + 2 * table + 5 * 4096);
    CHECK(placement.place(4_KiB, 511) == first_placement + 5 * table + 511 * 4096); // 2 MiB from page 5 on reach beyond
    CHECK(placement.place(4_KiB, 0) == first_placement + 7 * table);
    CHECK(placement.place(2_GiB, 0, base_page, huge_page) == first_placement + 512 * table);
    CHECK(placement.place(4_KiB, 0) == first_placement + (3 * 512 + 1) * table);
    CHECK(first_placement % (std::uint64_t{1} << 39) == 0);
}

TEST_CASE("memory operations keep their operands beside the code") {
    const Program program = process([](auto& task) {
                                task.map("a", 8_KiB).map("b", 4_KiB, RegionKind::shared).touch("a", Access::write);
                                task.unmap("b").observe("seen", "a");
                            })
                                .tasks[0]
                                .program;
    CHECK(program.memory.regions == std::vector<std::string>{"a", "b"});
    REQUIRE(program.code.size() == 6);
    CHECK(program.code[1].kind == OperationKind::map);
    CHECK(program.memory.mappings[program.code[1].object].kind == RegionKind::shared);
    CHECK(program.memory.touches[program.code[2].object].access == Access::write);
    CHECK(program.memory.parts[program.code[3].object].region == 1);
    CHECK(program.memory.observations[program.code[4].object].name == "seen");
}

TEST_CASE("a computation keeps its working set beside the code") {
    const Program program = process([](auto& task) {
                                using namespace std::chrono_literals;
                                task.map("a", 8_KiB).compute(1s).compute_over("a", 2s).compute_over(64_KiB, 3s);
                            })
                                .tasks[0]
                                .program;
    CHECK(program.code[1].object == no_object);
    REQUIRE(program.working_sets.size() == 2);
    CHECK(program.working_sets[program.code[2].object] == WorkingSet{0, {}});
    CHECK(program.working_sets[program.code[3].object] == WorkingSet{no_region, 64_KiB});
    Program other = program;
    other.working_sets[1].size = 32_KiB;
    CHECK_FALSE(other == program);
}

TEST_CASE("a working set is one there is, and has a size") {
    using namespace std::chrono_literals;
    CHECK_THROWS_MATCHES(ProgramBuilder().compute_over(Bytes{}, 1s), InputError, says("write 1B or more"));
    CHECK_THROWS_MATCHES(ProgramBuilder().compute_over(most_region_size + Bytes{1}, 1s), InputError, says("at most"));
    CHECK_THROWS_MATCHES(ProgramBuilder().compute_over("", 1s), InputError, says("needs a name"));
    CHECK_THROWS_MATCHES(process([](auto& task) { task.map("buffer", 4_KiB).compute_over("bufer", 1s); }), InputError,
                         says("compute: no region is called 'bufer' in this process (did you mean 'buffer'?)"));
    CHECK_THROWS_MATCHES(process([](auto& task) { task.compute_over("heap", 1s); }), InputError,
                         says("compute: this process has no heap"));
    Program program = process([](auto& task) { task.compute_over(64_KiB, 3s); }).tasks[0].program;
    program.code[0].object = 1;
    CHECK_THROWS_MATCHES(check_working_set(program, program.code[0]), InputError, says("its operands do not exist"));
}

TEST_CASE("operands that mean nothing are refused") {
    Mapping mapping;
    mapping.size = Bytes{-1};
    ProgramBuilder program;
    CHECK_THROWS_MATCHES(program.map("b", mapping), InputError, says("a size of -1 bytes"));
    mapping.size = 4_KiB;
    mapping.kind = RegionKind::shared;
    mapping.huge = true;
    CHECK_THROWS_MATCHES(ProgramBuilder().map("b", mapping), InputError, says("huge pages are for anonymous"));
    CHECK_THROWS_MATCHES(ProgramBuilder().map("stack", 4_KiB), InputError, says("is a segment"));
    CHECK_THROWS_MATCHES(ProgramBuilder().unmap("text"), InputError, says("it stays"));
    CHECK_THROWS_MATCHES(ProgramBuilder().remap("heap", 4_KiB), InputError, says("by 'brk'"));
    CHECK_THROWS_MATCHES(ProgramBuilder().touch("b", written(Bytes{-1}, {})), InputError, says("cannot be negative"));
    CHECK_THROWS_MATCHES(ProgramBuilder().observe(""), InputError, says("needs a name"));
    Touch touch;
    touch.pattern = AccessPattern::strided;
    CHECK_THROWS_MATCHES(ProgramBuilder().touch("b", touch), InputError, says("needs a 'stride'"));
    touch.pattern = AccessPattern::phases;
    touch.count = 3;
    CHECK_THROWS_MATCHES(ProgramBuilder().touch("b", touch), InputError, says("'working_set'"));
}

TEST_CASE("what is touched lies within its region, where its size is known") {
    const auto touching = [](Touch touch) { return [touch](auto& task) { task.map("b", 8_KiB).touch("b", touch); }; };
    CHECK_NOTHROW(process(touching(written(4_KiB, 4_KiB))));
    CHECK_THROWS_MATCHES(process(touching(written(4_KiB, 8_KiB))), InputError, says("lies beyond"));
    CHECK_THROWS_MATCHES(process(touching(written(8_KiB, {}))), InputError, says("lies beyond"));
    CHECK_NOTHROW(process([](auto& task) { task.map("b", 8_KiB).remap("b", 64_KiB).touch("b", written(16_KiB, {})); }));
    CHECK_THROWS_MATCHES(process([](auto& task) { task.touch("b", Access::read); }), InputError, says("'map' it"));
}

TEST_CASE("a listed page lies within what is touched") {
    Touch touch;
    CHECK_NOTHROW(process([&](auto& task) { task.map("b", 8_KiB).touch("b", touch, {"pages", {0, 1, 1}}); }));
    CHECK_THROWS_MATCHES(process([&](auto& task) {
                             task.map("b", 8_KiB).touch("b", touch, {"pages", {0, 2}});
                         }),
                         InputError, says("'pages' has page 2"));
}

TEST_CASE("a region is mapped once at a time") {
    CHECK_THROWS_MATCHES(process([](auto& task) { task.map("b", 4_KiB).map("b", 4_KiB); }), InputError,
                         says("mapped already"));
    CHECK_NOTHROW(process([](auto& task) { task.map("b", 4_KiB).unmap("b").map("b", 4_KiB); }));
    // In a child that has a copy of it; not in one that begins anew.
    CHECK_THROWS_MATCHES(
        process([](auto& task) { task.map("b", 4_KiB).fork("c", [](auto& child) { child.map("b", 4_KiB); }); }),
        InputError, says("mapped already"));
    CHECK_NOTHROW(process([](auto& task) {
        task.map("b", 4_KiB).fork("c", [](auto& child) { child.exec([](auto& image) { image.map("b", 4_KiB); }); });
    }));
    CHECK_NOTHROW(
        process([](auto& task) { task.fork("c", [](auto& child) { child.map("b", 4_KiB); }).map("b", 4_KiB); }));
    // What another thread does first is not known beforehand.
    CHECK_NOTHROW(ScenarioBuilder("two")
                      .task("A", TaskKind::thread, [](auto& task) { task.map("b", 4_KiB); })
                      .task("B", TaskKind::thread, [](auto& task) { task.unmap("b").map("b", 4_KiB); })
                      .build());
}

TEST_CASE("threads of one process know each other's regions, other processes do not") {
    const auto reader = [](auto& task) { task.touch("b", Access::read); };
    const auto writer = [](auto& task) { task.map("b", 4_KiB); };
    CHECK_NOTHROW(
        ScenarioBuilder("one").task("A", TaskKind::thread, writer).task("B", TaskKind::thread, reader).build());
    CHECK_THROWS_MATCHES(
        ScenarioBuilder("two").task("A", TaskKind::process, writer).task("B", TaskKind::process, reader).build(),
        InputError, says("no region is called 'b'"));
}

TEST_CASE("segments are touched where a process has them") {
    const auto touches = [](auto& task) { task.touch("bss", Access::write); };
    CHECK_THROWS_MATCHES(process(touches), InputError, says("has no bss"));
    CHECK_NOTHROW(process(touches, [](auto& task) { task.memory.bss = 4_KiB; }));
    CHECK_NOTHROW(process([](auto& task) { task.brk(4096).touch("heap", Access::write); }));
    CHECK_THROWS_MATCHES(process(touches, [](auto& task) { task.memory.bss = Bytes{-1}; }), InputError,
                         says("its bss cannot be"));
}

TEST_CASE("observations have names that metrics can be asked by") {
    const auto observes = [](auto& task) { task.map("b", 4_KiB).observe("seen", "b"); };
    CHECK_THROWS_MATCHES(
        ScenarioBuilder("two").task("A", TaskKind::process, observes).task("B", TaskKind::process, observes).build(),
        InputError, says("both observe 'seen'"));
    const auto expecting = [&](const char* metric, const char* value) {
        return ScenarioBuilder("one").task("A", TaskKind::process, observes).expect(metric, value).build();
    };
    CHECK_NOTHROW(expecting("memory.seen.minor_faults", "3"));
    CHECK_NOTHROW(expecting("memory.seen.page_tables", "-8KiB"));
    CHECK_THROWS_MATCHES(expecting("memory.sen.resident", "4KiB"), InputError, says("did you mean 'seen'"));
    CHECK_THROWS_MATCHES(expecting("memory.seen.residend", "4KiB"), InputError, says("did you mean 'resident'"));
    CHECK_THROWS_MATCHES(
        ScenarioBuilder("fiber").task("A", TaskKind::fiber, [](auto& task) { task.observe("x"); }).build(), InputError,
        says("cannot observe"));
}

TEST_CASE("the regions of all programs have one numbering, segments first") {
    const Scenario scenario = ScenarioBuilder("two")
                                  .task("A", TaskKind::thread, [](auto& task) { task.map("x", 4_KiB).map("y", 4_KiB); })
                                  .task("B", TaskKind::thread, [](auto& task) { task.touch("y", Access::read); })
                                  .build();
    const RegionNumbering numbering = number_regions(scenario);
    CHECK(numbering.names == std::vector<std::string>{"text", "data", "bss", "heap", "stack", "x", "y"});
    CHECK(numbering.of_program[0] == std::vector<std::uint32_t>{5, 6});
    CHECK(numbering.of_program[1] == std::vector<std::uint32_t>{6});
    CHECK(KnownSizes(scenario).of(1, 6) == 4_KiB);
    CHECK_FALSE(KnownSizes(scenario).of(1, 0).has_value());
}

TEST_CASE("only a stack can be touched beyond its end, and only downwards") {
    const auto build = [](std::string_view region, Bytes offset) {
        Touch touch;
        touch.pattern = AccessPattern::downwards;
        touch.part = {.offset = offset, .length = Bytes{128 << 10}};
        return ScenarioBuilder("downwards")
            .task(
                "A", TaskKind::process, [&](ProgramBuilder& task) { task.touch(region, touch); },
                [](TaskTemplate& task) { task.memory.stack = task.memory.bss = Bytes{64 << 10}; })
            .build();
    };
    CHECK_NOTHROW(build("stack", {}));
    CHECK_THROWS_MATCHES(build("stack", Bytes{4096}), InputError, says("leave 'offset' away"));
    CHECK_THROWS_MATCHES(build("bss", {}), InputError, says("lies beyond"));
}
