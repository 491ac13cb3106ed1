#include "models/machine/profile.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cmath>
#include <set>

using namespace std::chrono_literals;
using namespace switchyard;

static Duration time_of(const CostProfile& profile, Cost cost, const Amounts& amounts = {}) {
    REQUIRE(profile[cost].has_value());
    return Duration{evaluate(*profile[cost], amounts)};
}

static bool is_time(Cost cost) { return describe(cost).unit == CostUnit::picoseconds; }

TEST_CASE("every cost has a name of its own, by which it is found") {
    std::set<std::string_view> names;
    for (int i = 0; i < costs; ++i) {
        const auto cost = static_cast<Cost>(i);
        CHECK_FALSE(describe(cost).about.empty());
        CHECK(cost_named(describe(cost).name) == cost);
        names.insert(describe(cost).name);
    }
    CHECK(names.size() == costs);
    CHECK_FALSE(cost_named("switch.thread").has_value());
}

TEST_CASE("the textbook's machine: a switch costs 0.1 s and nothing else costs anything") {
    const CostProfile textbook = textbook_profile();
    CHECK(textbook.hz == 0);
    for (int i = 0; i < costs; ++i) {
        const auto cost = static_cast<Cost>(i);
        const bool is_switch =
            cost == Cost::switch_context || cost == Cost::switch_coroutine || cost == Cost::switch_fiber;
        INFO(describe(cost).name);
        CHECK(textbook[cost].has_value() == is_time(cost));
        if (is_time(cost)) CHECK(time_of(textbook, cost, {Quantity::pages, 1'000}) == (is_switch ? 100ms : 0ms));
    }
}

TEST_CASE("on the free machine no time goes anywhere but into work") {
    const CostProfile free = free_profile();
    CHECK(free.hz == 0);
    for (int i = 0; i < costs; ++i)
        if (const auto cost = static_cast<Cost>(i); is_time(cost)) CHECK(time_of(free, cost) == 0s);
}

// Whole figures, as a stopwatch sees them: the marginal laws must add up to what was measured.
TEST_CASE("the reference machine's laws add up to what was measured on it") {
    const CostProfile reference = reference_profile();
    const auto of = [&](Cost cost, std::int64_t pages = 0) {
        return time_of(reference, cost, {Quantity::pages, pages});
    };
    const Duration call = of(Cost::system_call);
    const Duration thread_switch = of(Cost::switch_context);
    const Duration process_switch = thread_switch + of(Cost::switch_address_space);

    CHECK(call == 77ns);
    CHECK(call + thread_switch == 461ns); // sched_yield
    CHECK(call + process_switch == 576ns);
    CHECK(2 * call + of(Cost::wake_up) + thread_switch == 833ns);                           // futex hop
    CHECK(2 * call + of(Cost::wake_up) + process_switch == 948ns);                          // not fitted
    CHECK(2 * call + of(Cost::wake_up) + thread_switch + of(Cost::pipe_transfer) == 909ns); // pipe hop
    CHECK(of(Cost::switch_coroutine) == Duration{1'500});
    CHECK(of(Cost::switch_fiber) == Duration{3'500});
    CHECK(of(Cost::thread_create) + of(Cost::thread_exit) + 2 * thread_switch + of(Cost::wake_up) == 7'200ns);
    CHECK(of(Cost::fork) + of(Cost::process_exit) + 2 * process_switch + of(Cost::wake_up) == 78us);
    CHECK(of(Cost::vfork) + 2 * thread_switch + of(Cost::wake_up) + call == 9'900ns);

    // fork + exit + wait over resident size, in MiB and ms: a straight line meets them within what a table of medians
    // is worth.
    struct Measured {
        std::int64_t mebibytes;
        double milliseconds;
    };
    for (const Measured& measured : {Measured{16, 0.23}, {256, 3.4}, {2048, 25}}) {
        const std::int64_t pages = measured.mebibytes * 256;
        const Duration predicted = of(Cost::fork, pages) + of(Cost::process_exit, pages);
        INFO(measured.mebibytes << " MiB: " << seconds(predicted) * 1e3 << " ms");
        CHECK(std::abs(seconds(predicted) * 1e3 / measured.milliseconds - 1) < 0.25);
    }
}

TEST_CASE("the reference machine says where its figures come from, and leaves away what nobody measured") {
    const CostProfile reference = reference_profile();
    CHECK(reference.hz == 250);
    CHECK_FALSE(reference.origin.kernel.empty());
    for (int i = 0; i < costs; ++i) {
        const auto cost = static_cast<Cost>(i);
        INFO(describe(cost).name);
        if (!reference[cost]) continue;
        CHECK_FALSE(reference[cost]->origin.probe.empty());
        CHECK(evaluate(*reference[cost]) > 0);
    }
    CHECK_FALSE(reference[Cost::coroutine_create].has_value());
}

TEST_CASE("built-in profiles are found by their names") {
    for (const std::string_view name : built_in_profiles()) {
        const std::optional<CostProfile> profile = built_in_profile(name);
        REQUIRE(profile.has_value());
        CHECK(profile->name == name);
    }
    CHECK(built_in_profile("textbook") == textbook_profile());
    CHECK(built_in_profile("reference") == reference_profile());
    CHECK_FALSE(built_in_profile("textboook").has_value());
}
