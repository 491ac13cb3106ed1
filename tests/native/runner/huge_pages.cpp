// Explicit huge pages for real: set aside where there are too few, given back, and missed in the simulator's words.
#include "models/errors.hpp"
#include "native/execute/huge_page_reserve.hpp"
#include "tests/native/runner/native_run.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

using namespace switchyard;
using namespace switchyard::native;
using namespace switchyard::size_literals;

namespace {

Scenario mapping_scenario(std::uint32_t set_aside, Bytes size, Bytes page, bool reserve = true) {
    MachineMemory memory;
    (page == large_page ? memory.large_pages : memory.huge_pages) = set_aside;
    Mapping mapping;
    mapping.size = size;
    mapping.page_size = page;
    mapping.reserve = reserve;
    return ScenarioBuilder("huge")
        .memory(memory)
        .task("A", TaskKind::process,
              [&](ProgramBuilder& task) { task.map("b", mapping).touch("b", Access::write).observe("end", "b"); })
        .build();
}

// A folder like /sys/kernel/mm/hugepages, in which nothing happens by itself.
class Pools {
public:
    Pools() { std::filesystem::create_directories(large()); }
    ~Pools() { std::filesystem::remove_all(folder); }
    void set(const char* name, long number) const { std::ofstream(large() / name) << number; }
    [[nodiscard]] long size() const {
        long number = -1;
        std::ifstream(large() / "nr_hugepages") >> number;
        return number;
    }
    [[nodiscard]] std::filesystem::path large() const { return folder / "hugepages-2048kB"; }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("switchyard-pools-" + std::to_string(getpid()));
};

std::string refusal(const Scenario& scenario, const Pools& pools) {
    try {
        const HugePageReserve reserve(scenario, pools.folder, pools.folder);
    } catch (const InputError& error) {
        return error.message();
    }
    return "";
}

} // namespace

TEST_CASE("huge pages that are free are enough; those somebody reserved are not free") {
    const Pools pools;
    pools.set("nr_hugepages", 6);
    pools.set("free_hugepages", 6);
    pools.set("resv_hugepages", 2);
    CHECK(refusal(mapping_scenario(4, 8_MiB, large_page), pools).empty());
    CHECK(refusal(mapping_scenario(5, 8_MiB, large_page), pools).find("wants 5 huge pages of 2 MiB, of which 4 are") !=
          std::string::npos);
    CHECK(pools.size() == 6); // whatever was tried is undone
    CHECK(refusal(mapping_scenario(1, 1_GiB, huge_page), pools).find("wants 1 huge pages of 1 GiB, of which 0 are") !=
          std::string::npos);
}

TEST_CASE("what a killed starter has left set aside the next one gives back") {
    const Pools pools;
    pools.set("nr_hugepages", 9);
    pools.set("free_hugepages", 9);
    pools.set("resv_hugepages", 0);
    const pid_t gone = fork();
    REQUIRE(gone >= 0);
    if (gone == 0) _exit(0);
    REQUIRE(waitpid(gone, nullptr, 0) == gone);
    const std::filesystem::path record = pools.folder / ("switchyard-huge-pages-" + std::to_string(gone));
    const auto [text, left] = GENERATE(std::pair{"added 5", 4}, // of 9
                                       std::pair{"adding 5 to 7", 7}, std::pair{"adding 5 to 9", 9},
                                       std::pair{"adding 5 to 2", 4}, std::pair{"add", 9});
    CAPTURE(text);
    std::ofstream(record) << text;
    CHECK(refusal(mapping_scenario(2, 4_MiB, large_page), pools).empty());
    const bool may = geteuid() == 0;
    CHECK(pools.size() == (may ? left : 9));
    CHECK(std::filesystem::exists(record) == !may);
}

TEST_CASE("explicit huge pages are one fault each, in no resident set, and a bus error where none is left") {
    std::ifstream pool("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
    long before = -1;
    if (!(pool >> before)) SKIP("this kernel has no huge pages of 2 MiB");
    try {
        const Report report = run_natively(mapping_scenario(4, 8_MiB, large_page));
        CHECK(report.observations[0].figures.minor_faults == 4);
        CHECK(report.observations[0].figures.hugetlb == (8_MiB).count);
        CHECK(report.observations[0].figures.resident == 0);
        if (before == 0) { // else there may be more of them than this wants
            const Report none = run_natively(mapping_scenario(2, 8_MiB, large_page, false));
            CHECK(none.counters.crashes == 1);
            CHECK(std::ranges::find(none.notes,
                                    "A died: no huge page is left at 0x100000400000, in or beside its region "
                                    "'b'") != none.notes.end());
        }
    } catch (const InputError& error) {
        CHECK(error.message().find("cannot run natively") != std::string::npos);
    }
    long after = -1;
    std::ifstream("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages") >> after;
    CHECK(after == before);
}
