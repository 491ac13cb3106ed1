#include "lab/differences/differences.hpp"

#include "formats/json/report_json.hpp"
#include "lab/suite/validation_json.hpp"
#include "models/errors.hpp"
#include "tests/lab/suite/sample.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

static Report report_of(Duration makespan, std::initializer_list<Duration> turnarounds) {
    Report report;
    report.scenario = "one";
    report.executor = "simulation";
    report.makespan = makespan;
    report.counters.voluntary_switches = 3;
    report.counters_known = {"voluntary_switches"};
    int number = 0;
    for (const Duration turnaround : turnarounds) {
        TaskReport& task = report.tasks.emplace_back();
        task.name = std::string(1, static_cast<char>('A' + number++));
        task.kind = TaskKind::process;
        task.instances = 1;
        task.turnaround.add(turnaround);
    }
    return report;
}

static lab::Difference named(const std::vector<lab::Difference>& rows, std::string_view about, std::string_view name) {
    const auto row =
        std::ranges::find_if(rows, [&](const lab::Difference& one) { return one.about == about && one.name == name; });
    REQUIRE(row != rows.end());
    return *row;
}

TEST_CASE("two reports differ by figures of the run, of each kind of task and of each task") {
    const auto rows = lab::differences(report_of(10ms, {10ms, 4ms}), report_of(12ms, {12ms, 8ms}));
    CHECK(std::abs(named(rows, "", "makespan").relative().value() - 0.2) < 1e-12);
    CHECK(named(rows, "", "voluntary_switches").relative() == 0);
    CHECK(std::abs(named(rows, "every process", "turnaround").first.value() - 0.007) < 1e-12);
    CHECK(std::abs(named(rows, "task B", "turnaround").relative().value() - 1) < 1e-12);
    CHECK(std::ranges::none_of(rows, [](const lab::Difference& row) { return row.name == "forks"; })); // not known
}

TEST_CASE("a task that only one report has differs from nothing") {
    const auto rows = lab::differences(report_of(10ms, {10ms}), report_of(10ms, {10ms, 4ms}));
    CHECK_FALSE(named(rows, "task B", "turnaround").first.has_value());
    CHECK_FALSE(named(rows, "task B", "turnaround").relative().has_value());
}

TEST_CASE("two validations differ by what was measured and by their errors") {
    const lab::Validation first = lab::sample_validation();
    lab::Validation second = first;
    second.scenarios[0].rows[0].measured = 4.1;
    second.scenarios.pop_back();
    const auto rows = lab::differences(first, second);
    CHECK(std::abs(named(rows, "two-hogs", "makespan").relative().value() - 1) < 1e-12);
    CHECK(named(rows, "two-hogs", "makespan error").relative() == 0);
    CHECK(std::ranges::none_of(rows, [](const lab::Difference& row) { return row.about.starts_with("yield-ring"); }));
}

TEST_CASE("documents are told apart by what they say they are, and unlike ones are not compared") {
    const lab::Document report = lab::parse_document(formats::report_to_json(report_of(1ms, {1ms})), "a");
    const lab::Document validation = lab::parse_document(lab::validation_to_json(lab::sample_validation()), "b");
    CHECK(std::holds_alternative<Report>(report));
    CHECK(std::holds_alternative<lab::Validation>(validation));
    CHECK_THROWS_AS(lab::differences(report, validation), InputError);
    CHECK_THROWS_AS(lab::parse_document("[]", "c"), InputError);
    CHECK_THROWS_AS(lab::parse_document(R"({"kind": "recipe"})", "d"), InputError);
}
