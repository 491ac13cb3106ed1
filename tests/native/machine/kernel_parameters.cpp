#include "native/machine/kernel_parameters.hpp"

#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <map>

using namespace switchyard;
using namespace switchyard::native;

namespace {

std::string value(const KernelReading& reading, std::string_view name) {
    const KernelParameter* const found = find_parameter(reading.parameters, name);
    return found == nullptr ? "absent" : found->value;
}

} // namespace

TEST_CASE("a kernel that says everything is read completely, in the words of scenarios", "[machine]") {
    const formats::ScratchFolder root;
    const std::map<std::string, std::string> files{
        {"sys/kernel/debug/sched/base_slice_ns", "2800000"},
        {"sys/kernel/debug/sched/tunable_scaling", "1"},
        {"sys/kernel/debug/sched/migration_cost_ns", "250000"},
        {"sys/kernel/debug/sched/nr_migrate", "8"},
        {"sys/kernel/debug/sched/features", "PLACE_LAG NO_RUN_TO_PARITY HRTICK NO_HRTICK_DL"},
        {"sys/kernel/debug/sched/preempt", "none voluntary full (lazy)"},
        {"sys/kernel/debug/sched/fair_server/cpu0/runtime", "30000000"},
        {"sys/kernel/debug/sched/fair_server/cpu0/period", "500000000"},
        {"proc/sys/kernel/sched_rr_timeslice_ms", "40"},
        {"proc/sys/kernel/sched_rt_runtime_us", "-1"},
        {"proc/sys/kernel/sched_rt_period_us", "2000000"},
        {"proc/sys/kernel/sched_cfs_bandwidth_slice_us", "3000"},
        {"proc/sys/kernel/sched_autogroup_enabled", "1"},
        {"proc/sys/kernel/numa_balancing", "2"},
        {"proc/sys/vm/overcommit_memory", "2"},
        {"sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never"},
        {"sys/kernel/mm/transparent_hugepage/defrag", "always defer [defer+madvise] madvise never"},
        {"sys/devices/system/cpu/cpuidle/current_driver", "intel_idle"},
        {"sys/devices/system/cpu/cpuidle/current_governor", "teo"},
        {"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance"},
    };
    for (const auto& [name, text] : files) root.write(name, text + "\n");
    const KernelReading reading = read_kernel_parameters({root / "", "6.14.2-generic", "#1 SMP PREEMPT", 8});
    CHECK(reading.notes.empty());
    CHECK(value(reading, "fair") == "eevdf-6.12");
    CHECK(value(reading, "base_slice") == "700 us"); // 2.8 ms is four times that with eight processors
    CHECK(value(reading, "tunable_scaling") == "log");
    CHECK(value(reading, "migration_cost") == "250 us");
    CHECK(value(reading, "nr_migrate") == "8");
    CHECK(value(reading, "place_lag") == "yes");
    CHECK(value(reading, "run_to_parity") == "no");
    CHECK(value(reading, "hrtick") == "yes");
    CHECK(value(reading, "hrtick_dl") == "no");
    CHECK(value(reading, "preemption") == "lazy");
    CHECK(value(reading, "fair_server") == "yes");
    CHECK(value(reading, "fair_server_runtime") == "30 ms");
    CHECK(value(reading, "fair_server_period") == "500 ms");
    CHECK(value(reading, "rr_slice") == "40 ms");
    CHECK(value(reading, "rt_runtime") == "2 s"); // no limit
    CHECK(value(reading, "rt_period") == "2 s");
    CHECK(value(reading, "bandwidth_slice") == "3 ms");
    CHECK(value(reading, "autogroup") == "yes");
    CHECK(value(reading, "numa_balancing") == "yes");
    CHECK(value(reading, "overcommit_memory") == "never");
    CHECK(value(reading, "transparent_huge_pages") == "always");
    CHECK(value(reading, "transparent_huge_pages_defrag") == "defer+madvise");
    CHECK(value(reading, "idle_driver") == "intel_idle");
    CHECK(value(reading, "idle_governor") == "teo");
    CHECK(value(reading, "frequency_governor") == "performance");
    CHECK(value(reading, "online_processors") == "8");
}

TEST_CASE("what a kernel does not say is absent, and one note names it", "[machine]") {
    const formats::ScratchFolder root;
    root.write("proc/self/sched", "cat (7, #threads: 1)\n----\nse.exec_start   :   33.04\nse.slice   :   1400000\n");
    root.write("sys/kernel/debug/sched/preempt", ""); // there, and empty
    const KernelReading reading = read_kernel_parameters({root / "", "6.18.44", "#1 SMP PREEMPT_DYNAMIC", 2});
    CHECK(value(reading, "fair") == "eevdf-6.17");
    CHECK(value(reading, "base_slice") == "700 us"); // by the slice this process has
    CHECK(value(reading, "preemption") == "dynamic");
    CHECK(value(reading, "fair_server") == "yes");
    CHECK(value(reading, "autogroup") == "no"); // not built in
    for (const char* const name : {"run_to_parity", "migration_cost", "rr_slice", "transparent_huge_pages"})
        CHECK(value(reading, name) == "absent");
    REQUIRE(reading.notes.size() == 1);
    for (const char* const name : {"run_to_parity", "migration_cost", "rr_slice", "transparent_huge_pages"})
        CHECK(reading.notes.front().find(name) != std::string::npos);
    CHECK(reading.notes.front().find("base_slice") == std::string::npos);

    CHECK(value(read_kernel_parameters({root / "", "6.1.0", "#1", 2}), "fair") == "cfs");
    CHECK(value(read_kernel_parameters({root / "", "6.1.0", "#1", 2}), "base_slice") == "absent");
}

TEST_CASE("this machine's kernel says something", "[machine]") {
    const KernelReading reading = read_kernel_parameters();
    CHECK(value(reading, "online_processors") != "absent");
    CHECK(value(reading, "timer_slack") != "absent");
}
