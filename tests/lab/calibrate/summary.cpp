#include "lab/calibrate/summary.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::lab;
using Catch::Approx;
using native::Bracketing;
using native::Probe;
using native::Sample;

namespace {

Probe probe(Bracketing bracketing, std::size_t least_of = 1, CostUnit unit = CostUnit::picoseconds) {
    return {.name = "test",
            .about = "",
            .unit = unit,
            .bracketing = bracketing,
            .least_of = least_of,
            .weight = 1,
            .over = std::nullopt,
            .amounts = {},
            .measure = nullptr};
}

// A record of these samples, one list a round.
ProbeRecord record_of(const Probe& probe, const std::vector<std::vector<Sample>>& rounds,
                      std::vector<std::string> failures = {}) {
    ProbeRecord record{&probe, 0, {}, std::move(failures)};
    for (const std::vector<Sample>& round : rounds) record.rounds.push_back(figure_of(probe, round));
    return record;
}

} // namespace

TEST_CASE("time is brought to nominal speed and to picoseconds", "[summary]") {
    const Probe gated = probe(Bracketing::gated);
    // The same operation at 1 ns and at 1.25 ns an iteration.
    const ProbeRecord record = record_of(gated, {{{100, 1000, 0}}, {{125, 1250, 0}}, {{100, 1000, 0}}});
    const auto summary = summarise(record, 1000);
    REQUIRE(summary);
    CHECK(summary->median == Approx(100'000));
    CHECK(summary->disagreement == Approx(0));
    CHECK(summary->warning.empty());
    CHECK(summary->samples == 3);
}

TEST_CASE("timers and memory are not brought to any speed", "[summary]") {
    const Probe timer = probe(Bracketing::none);
    CHECK(summarise(record_of(timer, {{{100, 500, 0}}}), 1000)->median == Approx(100'000));
    const Probe memory = probe(Bracketing::none, 1, CostUnit::bytes);
    CHECK(summarise(record_of(memory, {{{4096, 0, 0}}}), 1000)->median == Approx(4096));
}

TEST_CASE("samples whose brackets disagree are dropped, but not around fork", "[summary]") {
    const std::vector<Sample> samples{{100, 1000, 0}, {500, 1000, 0.02}, {102, 1000, 0.005}, {900, 1000, 0.5}};
    const Probe gated = probe(Bracketing::gated);
    const auto kept = summarise(record_of(gated, {samples}), 1000);
    CHECK(kept->median == Approx(101'000));
    CHECK(kept->dropped == 2);
    CHECK(kept->samples == 2);
    const Probe forking = probe(Bracketing::normalised);
    CHECK(summarise(record_of(forking, {samples}), 1000)->dropped == 0);
}

TEST_CASE("where nearly all brackets disagree the round is kept, with a warning", "[summary]") {
    const Probe gated = probe(Bracketing::gated);
    const auto summary = summarise(record_of(gated, {{{100, 1000, 0.5}, {104, 1000, 0.5}}}), 1000);
    REQUIRE(summary);
    CHECK(summary->median == Approx(102'000));
    CHECK(summary->warning == "the processor's speed changed during nearly every sample of a round");
}

TEST_CASE("of long operations the least of each group counts", "[summary]") {
    const Probe forking = probe(Bracketing::normalised, 3);
    const std::vector<Sample> samples{{80, 1000, 0},  {200, 1000, 0}, {90, 1000, 0},
                                      {300, 1000, 0}, {82, 1000, 0},  {99, 1000, 0}};
    CHECK(summarise(record_of(forking, {samples}), 1000)->median == Approx(81'000));
}

TEST_CASE("rounds that disagree say so; failed rounds are counted", "[summary]") {
    const Probe gated = probe(Bracketing::gated);
    const auto apart = summarise(record_of(gated, {{{100, 1000, 0}}, {{130, 1000, 0}}, {{100, 1000, 0}}}), 1000);
    CHECK(apart->warning == "rounds disagree by 30 %");
    CHECK(apart->interval == Interval{100'000, 130'000});

    const auto failed = summarise(record_of(gated, {{{100, 1000, 0}}, {}, {{100, 1000, 0}}}, {"no memory"}), 1000);
    CHECK(failed->warning == "1 of 3 rounds failed: no memory");
    CHECK(failed->rounds.size() == 3);
    CHECK_FALSE(failed->rounds[1].has_value());

    CHECK_FALSE(summarise(record_of(gated, {{}, {}}, {"a", "b"}), 1000).has_value());
}

TEST_CASE("nominal speed is the median over rounds of their agreeing brackets", "[summary]") {
    const Probe gated = probe(Bracketing::gated);
    const std::vector<ProbeRecord> records{
        record_of(gated, {{{1, 1000, 0}, {1, 9999, 0.5}}, {{1, 1020, 0}}}),
        record_of(gated, {{{1, 1010, 0}, {1, 1010, 0}}}),
        record_of(gated, {{}}),
    };
    CHECK(nominal_iteration_picoseconds(records) == Approx(1010));
    CHECK(nominal_iteration_picoseconds(std::vector<ProbeRecord>{}) == 0);
}
