#include "models/report/report.hpp"

#include "models/report/violation.hpp"

#include <catch2/catch_test_macros.hpp>
#include <set>

using namespace switchyard;

static MemoryFigures figures(std::int64_t references, std::int64_t major, std::int64_t resident, std::int64_t peak) {
    MemoryFigures some;
    some[MemoryFigure::references] = references;
    some[MemoryFigure::major_faults] = major;
    some[MemoryFigure::fault_swap_in] = major;
    some[MemoryFigure::resident] = resident;
    some[MemoryFigure::peak_resident] = peak;
    return some;
}

TEST_CASE("of several instances' memory, what they did is added up, sizes are averaged, peaks are the highest") {
    MemoryFigureSum sum;
    CHECK(sum.together().empty());
    sum.add(figures(3000, 7, 4096, 8192));
    sum.add(figures(1000, 2, 8193, 9000));
    const MemoryFigures together = sum.together();
    CHECK(together[MemoryFigure::references] == 4000);
    CHECK(together[MemoryFigure::fault_swap_in] == 9);
    CHECK(together[MemoryFigure::major_faults_per_thousand] == 2); // 9 of 4000, rounded down
    CHECK(together[MemoryFigure::resident] == 6144);
    CHECK(together[MemoryFigure::peak_resident] == 9000);
    CHECK_FALSE(together[MemoryFigure::swapped]);
}

TEST_CASE("what one instance does not know of its memory is not known of all") {
    MemoryFigureSum sum;
    sum.add(figures(10, 1, 4096, 4096));
    sum.add({});
    CHECK(sum.together().empty());
}

TEST_CASE("figures of memory have names of their own, and are metrics of tasks; kinds of faults also of all tasks") {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < memory_figures; ++i)
        CHECK(names.insert(describe(static_cast<MemoryFigure>(i)).name).second);
    Report report;
    report.tasks.resize(2);
    report.tasks[0].name = "A";
    report.tasks[0].memory = figures(3000, 7, 4096, 8192);
    report.tasks[1].name = "B";
    CHECK(metric(report, "task.A.memory.peak_resident") == Metric{MetricUnit::bytes, 8192});
    CHECK(metric(report, "task.A.memory.faults.swap_in") == Metric{MetricUnit::count, 7});
    CHECK_FALSE(metric(report, "task.B.memory.faults.swap_in"));
    CHECK_FALSE(metric(report, "faults.swap_in")); // one of them does not know
    report.tasks[1].memory = figures(100, 5, 0, 0);
    CHECK(metric(report, "faults.swap_in") == Metric{MetricUnit::count, 12});
    CHECK_FALSE(metric(report, "faults.copy"));
}

TEST_CASE("a forbidden reference is said in one line") {
    CHECK(describe_violation("A", ViolationReason::stack_guard, 0x7000, "stack") ==
          "A died: stack guard at 0x7000, in or beside its region 'stack'");
    CHECK(describe_unmapped("A/child", "buffer") == "A/child died: touched its region 'buffer', which is not mapped");
}
