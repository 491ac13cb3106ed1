#include "lab/calibrate/load_gate.hpp"

#include "native/measurement/child.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

using namespace switchyard;
using namespace switchyard::lab;
using namespace std::chrono_literals;

namespace {

native::LoadReading at(double seconds, double busy, double own) {
    const auto time =
        std::chrono::steady_clock::time_point{} +
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
    return {busy, own, time, 2};
}

} // namespace

TEST_CASE("samples are taken again where others had more than a fiftieth and than the clock can tell", "[load]") {
    const native::LoadReading begin = at(0, 0, 0);
    CHECK_FALSE(is_disturbed(begin, at(1, 1, 1)));          // all of it was ours
    CHECK_FALSE(is_disturbed(begin, at(1, 1.05, 1)));       // 2.5 %, but of 10 ms steps
    CHECK(is_disturbed(begin, at(1, 1.07, 1)));             // 3.5 %
    CHECK_FALSE(is_disturbed(begin, at(0.01, 0.03, 0.01))); // two of those steps
    CHECK(is_disturbed(begin, at(0.02, 0.05, 0.01)));
    CHECK(is_disturbed(begin, at(10, 6, 5)));
}

TEST_CASE("who uses the processors is named", "[load]") {
    const LoadOfOthers load{0.43, {{71, "cc1plus", 0.8}, {72, "ld", 0.06}}};
    const std::vector<int> both{0, 1}, one{3};
    CHECK(text_of(load, both) ==
          "other programs use 43 % of processors 0, 1: cc1plus (71) 80 % of one, ld (72) 6 % of one");
    CHECK(text_of({0.12, {}}, one) == "other programs use 12 % of processor 3");
}

TEST_CASE("the busiest processes come first, and this one does not count", "[load]") {
    native::ProcessTimes before, after;
    before.processes = {{10, {"a", 1}}, {11, {"b", 1}}, {getpid(), {"me", 0}}};
    after.processes = {{10, {"a", 1.5}}, {11, {"b", 1}}, {12, {"c", 1.8}}, {getpid(), {"me", 2}}};
    after.time = before.time + 2s;
    const auto busy = native::busiest_processes(before, after, 3);
    REQUIRE(busy.size() == 2); // one did nothing
    CHECK(busy[0].name == "c");
    CHECK(busy[0].share == 0.9);
    CHECK(busy[1].process == 10);
    CHECK(native::busiest_processes(before, after, 1).size() == 1);
}

TEST_CASE("processes are read with the times they used", "[load]") {
    const native::ProcessTimes now = native::read_process_times();
    REQUIRE(now.processes.contains(getpid()));
    CHECK(now.processes.at(getpid()).name.starts_with("test_"));
    const std::vector<int> cpus{0};
    const LoadOfOthers load = watch_load(cpus, 20ms);
    CHECK(load.share >= 0);
    CHECK(load.share <= 1);
}
