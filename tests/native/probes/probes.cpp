#include "native/measurement/foreign_load.hpp"
#include "native/probes/run.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>
#include <unistd.h>

using namespace switchyard;
using namespace switchyard::native;

namespace {

ProbeRun brief_run() {
    static const TimeStampScale scale = calibrate_time_stamps();
    ProbeRun run{scale, 2e6, 0};
    if (const std::vector<int> cpus = allowed_cpus(); cpus.size() > 1) run.other_cpu = cpus.front();
    return run;
}

int some_cpu() { return allowed_cpus().back(); }

double first_figure(std::string_view probe) {
    const ProbeResult result = run_probe(*probe_named(probe), brief_run(), some_cpu());
    REQUIRE_FALSE(result.samples.empty());
    return result.samples.front().value;
}

// What a kernel may be built without, or a container forbid.
bool is_not_everywhere(std::string_view probe) {
    return probe.starts_with("message_queue") || probe.starts_with("system_v_queue") || probe.starts_with("tcp") ||
           probe.starts_with("io_uring");
}

Probe probe_of(std::vector<Sample> (*measure)(const ProbeRun&)) {
    return {.name = "test",
            .about = "a probe of a test",
            .unit = CostUnit::picoseconds,
            .bracketing = Bracketing::gated,
            .least_of = 1,
            .weight = 1,
            .over = std::nullopt,
            .amounts = {},
            .measure = measure};
}

} // namespace

TEST_CASE("every probe has a name of its own, a sequence and amounts in order", "[probes]") {
    std::set<std::string_view> names;
    for (const Probe& probe : probes()) {
        INFO(probe.name);
        CHECK(names.insert(probe.name).second);
        CHECK(probe_named(probe.name) == &probe);
        CHECK_FALSE(probe.about.empty());
        CHECK(probe.measure != nullptr);
        CHECK(probe.least_of >= 1);
        CHECK(probe.over.has_value() == !probe.amounts.empty());
        for (std::size_t i = 1; i < probe.amounts.size(); ++i) CHECK(probe.amounts[i - 1] < probe.amounts[i]);
        if (probe.unit == CostUnit::bytes) CHECK(probe.bracketing == Bracketing::none);
    }
    CHECK(probe_named("no such probe") == nullptr);
}

TEST_CASE("every probe yields finite samples, bracketed where its cost is in cycles", "[probes]") {
    for (const Probe& probe : probes()) {
        INFO(probe.name);
        ProbeRun run = brief_run();
        run.amount = probe.amounts.empty() ? 0 : probe.amounts.front();
        const ProbeResult result = run_probe(probe, run, some_cpu());
        if (probe.needs_two_processors && !run.other_cpu) continue;
        if (probe.name == "fault_huge" && result.samples.empty()) continue; // where there are no huge pages
        if (probe.name.ends_with("tick") && result.samples.empty())
            continue; // where no tick can be told apart it says so
        if (probe.name.starts_with("yield") && result.samples.empty()) continue;     // where tasks do not take turns
        if (probe.name == "protect_interrupted" && result.samples.empty()) continue; // where others have the processors
        if (is_not_everywhere(probe.name) && result.samples.empty()) continue;       // communication.cpp is strict
        CHECK(result.failure.empty());
        CHECK_FALSE(result.samples.empty());
        // Kernel stacks are counted for the whole machine: another program's end can outweigh ours.
        const bool of_whole_machine = probe.name.ends_with("_kernel");
        // The difference of two forks, or of a cold and a warm walk, can be less than what one of them was disturbed
        // by.
        const bool is_difference =
            probe.about.find("longer for each") != std::string_view::npos || probe.name.starts_with("refill");
        for (const Sample& sample : result.samples) {
            REQUIRE(std::isfinite(sample.value));
            if (!of_whole_machine && !is_difference) REQUIRE(sample.value > 0);
            if (probe.bracketing == Bracketing::gated) REQUIRE(sample.iteration_picoseconds > 0);
            REQUIRE(sample.disagreement >= 0);
        }
    }
}

TEST_CASE("memory that is touched is less than the memory set aside for it", "[probes]") {
    CHECK(first_figure("thread_resident") < first_figure("thread_reserved"));
    CHECK(first_figure("fiber_resident") <= first_figure("fiber_reserved"));
    CHECK(first_figure("coroutine_resident") < first_figure("fiber_reserved"));
}

TEST_CASE("a probe runs pinned, in a process of its own", "[probes]") {
    const Probe probe = probe_of([](const ProbeRun&) {
        return std::vector<Sample>{{static_cast<double>(getpid()), static_cast<double>(allowed_cpus().size()),
                                    static_cast<double>(allowed_cpus().front())}};
    });
    const ProbeResult result = run_probe(probe, brief_run(), some_cpu());
    REQUIRE(result.samples.size() == 1);
    CHECK(result.samples.front().value != static_cast<double>(getpid()));
    CHECK(result.samples.front().iteration_picoseconds == 1);
    CHECK(result.samples.front().disagreement == some_cpu());
}

TEST_CASE("a probe that needs two processors says so where there is one", "[probes]") {
    ProbeRun run = brief_run();
    run.other_cpu.reset();
    for (const Probe& probe : probes())
        if (probe.needs_two_processors) CHECK(run_probe(probe, run, some_cpu()).failure == "needs two processors");
}

TEST_CASE("a probe that fails says why", "[probes]") {
    const Probe thrower =
        probe_of([](const ProbeRun&) -> std::vector<Sample> { throw std::runtime_error("not on this machine"); });
    CHECK(run_probe(thrower, brief_run(), some_cpu()).failure == "not on this machine");
    const Probe silent = probe_of([](const ProbeRun&) { return std::vector<Sample>{}; });
    CHECK(run_probe(silent, brief_run(), some_cpu()).failure == "took no usable sample");
    const Probe crashing = probe_of([](const ProbeRun&) -> std::vector<Sample> { std::abort(); });
    CHECK(run_probe(crashing, brief_run(), some_cpu()).failure == "killed by Aborted");
}

TEST_CASE("probes of forks are measured by the runner's program, and say where it is missing", "[probes]") {
    const char* const named = std::getenv("SWITCHYARD_RUNNER");
    const std::string before = named == nullptr ? "" : named;
    setenv("SWITCHYARD_RUNNER", "/no/such/runner", 1);
    const ProbeResult without = run_probe(*probe_named("fork_call"), brief_run(), some_cpu());
    before.empty() ? unsetenv("SWITCHYARD_RUNNER") : setenv("SWITCHYARD_RUNNER", before.c_str(), 1);
    CHECK(without.samples.empty());
    CHECK(without.failure.find("/no/such/runner") != std::string::npos);
    const ProbeResult with = run_probe(*probe_named("fork_call"), brief_run(), some_cpu());
    CHECK(with.failure.empty());
    CHECK(with.samples.size() >= 5);
}

TEST_CASE("what could not be isolated comes back with the samples", "[probes]") {
    const Probe probe = probe_of([](const ProbeRun&) { return std::vector<Sample>{{1, 2, 3}, {4, 5, 6}}; });
    const ProbeResult result = run_probe(probe, brief_run(), 100'000);
    REQUIRE(result.samples.size() == 2);
    CHECK(result.samples.back().value == 4);
    REQUIRE_FALSE(result.notes.empty());
    CHECK(result.notes.back().starts_with("not pinned to processors 100000"));
}

TEST_CASE("a probe stops on request", "[probes]") {
    std::stop_source source;
    source.request_stop();
    const Probe endless = probe_of([](const ProbeRun&) -> std::vector<Sample> {
        for (;;) pause();
    });
    CHECK(run_probe(endless, brief_run(), some_cpu(), source.get_token()).stopped);
}
