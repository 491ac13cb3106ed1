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

TEST_CASE("memory is told task by task, faults by kind; what is 0 everywhere is left out") {
    Report report;
    for (const char* name : {"A", "B"}) {
        TaskReport& task = report.tasks.emplace_back();
        task.name = name;
        for (std::size_t kind = 0; kind < fault_kinds_reported; ++kind) task.memory[fault_figure(kind)] = 0;
        task.memory[MemoryFigure::fault_after_zero_page] = 12;
        task.memory[MemoryFigure::resident] = 8192;
    }
    const std::string text = cli::report_text(report, false);
    CHECK(text.find("faults       after zero page\n") != std::string::npos);
    CHECK(text.find("all of them               24\n") != std::string::npos);
    CHECK(text.find("memory  resident\n") != std::string::npos);
    CHECK(text.find("B          8 KiB\n") != std::string::npos);
    CHECK(text.find("swapped") == std::string::npos);
}

TEST_CASE("who polled is told, with what share of its time on the processor that was") {
    Report report;
    for (const char* name : {"A", "B"}) {
        TaskReport& task = report.tasks.emplace_back();
        task.name = name;
        task.cpu.add(std::chrono::milliseconds{4});
    }
    CHECK(cli::report_text(report, false).find("polled") == std::string::npos);
    report.tasks[1].polling = std::chrono::milliseconds{3};
    report.counters.callbacks = 7;
    const std::string text = cli::report_text(report, false);
    CHECK(text.find("polled       for  share of cpu\n") != std::string::npos);
    CHECK(text.find("B       3.000 ms       75.00 %\n") != std::string::npos);
    CHECK(text.find("callbacks 7") != std::string::npos);
}
