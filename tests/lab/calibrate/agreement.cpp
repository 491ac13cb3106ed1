#include "lab/calibrate/agreement.hpp"

#include "native/probes/probe.hpp"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::lab;
using Catch::Approx;

namespace {

double read(std::string_view command, const std::string& output) {
    const auto found = std::ranges::find(other_benchmarks(), command, &OtherBenchmark::command);
    REQUIRE(found != other_benchmarks().end());
    return found->nanoseconds(output);
}

} // namespace

TEST_CASE("what other programs print is understood", "[agreement]") {
    CHECK(read("perf bench -f simple syscall basic -l 2000000", "0.210000\n") == Approx(105));
    CHECK(read("perf bench -f simple sched pipe -T -l 200000", "0.452\n") == Approx(1130)); // two hops a round trip
    CHECK(read("perf bench -f simple mem memcpy -f default -s 64KB -l 100000",
               "# function 'default' (of glibc)\n40000000000.0\n") == Approx(1638.4));
    CHECK(read("lat_syscall null", "Simple syscall: 0.0770 microseconds\n") == Approx(77));
    CHECK(read("lat_pipe", "Pipe latency: 2.0180 microseconds\n") == Approx(1009));
    CHECK_FALSE(read("perf bench -f simple syscall fork -l 2000", "Unknown benchmark: fork\n") > 0);
}

TEST_CASE("every benchmark of others has a probe that does the same", "[agreement]") {
    for (const OtherBenchmark& benchmark : other_benchmarks()) {
        const native::Probe* const probe = native::probe_named(benchmark.probe);
        REQUIRE(probe != nullptr);
        if (benchmark.amount > 0) CHECK(std::ranges::find(probe->amounts, benchmark.amount) != probe->amounts.end());
    }
}

TEST_CASE("agreement is the ratio of medians, where there are any", "[agreement]") {
    Agreement one;
    CHECK_FALSE(one.ratio().has_value());
    one.ours = {110, 100, 900};
    one.theirs = {100, 100, 100};
    CHECK(*one.ratio() == Approx(1.1));
}
