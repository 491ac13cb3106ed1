#include "models/report/report.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;

static ObservedFigures figures(std::int64_t faults, std::int64_t resident) {
    ObservedFigures seen;
    seen.minor_faults = faults;
    seen.resident = resident;
    return seen;
}

TEST_CASE("of several observations, differences are added up and sizes averaged") {
    ObservationSum sum;
    sum.add(figures(3, 4096));
    sum.add(figures(5, 8192));
    const ObservationReport row = sum.report("seen", "A");
    CHECK(row.count == 2);
    CHECK(row.figures.minor_faults == 8);
    CHECK(row.figures.resident == 6144);
    CHECK_FALSE(row.figures.huge.has_value());
}

TEST_CASE("what one of several observations does not know is not known") {
    ObservationSum sum;
    sum.add(figures(3, 4096));
    sum.add({});
    CHECK_FALSE(sum.report("seen", "A").figures.minor_faults.has_value());
    CHECK(ObservationSum().report("never", "A").count == 0);
}

TEST_CASE("an observation's figures are metrics") {
    Report report;
    ObservationSum sum;
    sum.add(figures(3, 4096));
    report.observations.push_back(sum.report("after.write", "A"));
    CHECK(metric(report, "memory.after.write.minor_faults") == Metric{MetricUnit::count, 3});
    CHECK(metric(report, "memory.after.write.resident") == Metric{MetricUnit::bytes, 4096});
    CHECK_FALSE(metric(report, "memory.after.write.huge").has_value());
    CHECK(text_of(Metric{MetricUnit::bytes, -8192}) == "-8 KiB");
    CHECK(parse_metric(MetricUnit::bytes, "-8KiB").value == -8192);
}
