// Every sweep that comes with Switchyard, as far as is quickly computed.
#include "lab/sweep/description.hpp"
#include "lab/sweep/plan.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <filesystem>

using namespace switchyard;
using namespace switchyard::lab;

TEST_CASE("Every shipped sweep says what it asks, and its first and last points are computed") {
    std::size_t sweeps = 0;
    for (const auto& entry : std::filesystem::directory_iterator(SWITCHYARD_SOURCE_DIR "/scenarios/sweeps")) {
        if (entry.path().extension() != ".yaml") continue;
        ++sweeps;
        INFO(entry.path().string());
        const SweepPlan plan(formats::read_sweep(entry.path().string()));
        CHECK(plan.sweep().about.find('?') != std::string::npos);
        PointComputer computer(plan);
        for (const std::uint64_t cell : {std::uint64_t{0}, plan.cells() - 1}) {
            const auto result = computer.compute({cell, 0});
            REQUIRE(result);
            INFO(result->reason);
            CHECK(result->status == PointStatus::done);
            for (const double value : result->values) CHECK(std::isfinite(value));
        }
        CHECK(describe(plan).find("cells\n") != std::string::npos);
    }
    CHECK(sweeps == 8);
}
