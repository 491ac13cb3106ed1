#include "cli/report_text.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;

TEST_CASE("observations are a table, with a column for each figure that somebody knows") {
    Report report;
    CHECK(cli::report_text(report, false).find("observed") == std::string::npos);
    ObservedFigures seen;
    seen.minor_faults = 1000;
    seen.page_tables = -8192;
    report.observations.push_back({"after write", "A", 2, seen});
    const std::string text = cli::report_text(report, false);
    CHECK(text.find("observed     task  times  minor faults  page tables\n") != std::string::npos);
    CHECK(text.find("after write  A         2          1000       -8 KiB\n") != std::string::npos);
    CHECK(text.find("huge") == std::string::npos);
}
