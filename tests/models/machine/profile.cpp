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

TEST_CASE("every way to communicate has a cost of its own") {
    for (const std::string_view name :
         {"pipe.transfer", "fifo.transfer", "message_queue.transfer", "system_v_queue.transfer", "unix_stream.transfer",
          "unix_datagram.transfer", "tcp.transfer", "eventfd.transfer", "signal.delivery", "epoll.wait",
          "epoll.control", "io_uring.submit", "io_uring.completion", "memory.copy", "wake_up.remote"}) {
        INFO(name);
        const std::optional<Cost> cost = cost_named(name);
        REQUIRE(cost.has_value());
        CHECK(is_time(*cost));
    }
}

TEST_CASE("on the reference machine more bytes take longer, kinds differ as everybody finds") {
    const CostProfile reference = reference_profile();
    const auto of = [&](Cost cost, std::int64_t bytes) { return time_of(reference, cost, {Quantity::bytes, bytes}); };
    for (const Cost cost :
         {Cost::pipe_transfer, Cost::fifo_transfer, Cost::message_queue_transfer, Cost::system_v_queue_transfer,
          Cost::unix_stream_transfer, Cost::unix_datagram_transfer, Cost::tcp_transfer, Cost::memory_copy}) {
        INFO(describe(cost).name);
        for (std::int64_t bytes = 4096; bytes < (1 << 24); bytes *= 4) CHECK(of(cost, bytes) < of(cost, 4 * bytes));
    }
    CHECK(of(Cost::pipe_transfer, 1) < of(Cost::unix_stream_transfer, 1));
    CHECK(of(Cost::unix_stream_transfer, 1) < of(Cost::tcp_transfer, 1));
    CHECK(of(Cost::memory_copy, 1 << 20) * 2 <
          of(Cost::pipe_transfer, 1 << 20) + 224 * time_of(reference, Cost::pipe_page)); // in, and out again
    const auto idle = [&](std::int64_t microseconds) {
        return time_of(reference, Cost::wake_up_remote, {Quantity::idle_microseconds, microseconds});
    };
    CHECK(idle(0) == idle(10));
    CHECK(idle(10) < idle(4'000));
    CHECK(idle(4'000) == idle(1'000'000));
}

TEST_CASE("on the reference machine a switch takes longer among many, by more than twice what it takes between two") {
    const CostProfile reference = reference_profile();
    for (const Cost cost :
         {Cost::switch_displaced, Cost::switch_address_space_displaced, Cost::switch_coroutine_displaced}) {
        INFO(describe(cost).name);
        const auto after = [&](std::int64_t others) {
            return time_of(reference, cost, {Quantity::others_since, others});
        };
        CHECK(after(1) == 0ns);
        CHECK(after(9) <= after(99));
        CHECK(after(99'999) > 0ns);
        CHECK(after(99'999) == after(1'000'000));
    }
    const Duration among_many = time_of(reference, Cost::switch_displaced, {Quantity::others_since, 999});
    CHECK(among_many > 2 * time_of(reference, Cost::switch_context));
    CHECK(among_many < 3 * time_of(reference, Cost::switch_context));
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

TEST_CASE("the reference machine knows every cost, with its interval and where it comes from") {
    const CostProfile reference = reference_profile();
    CHECK(reference.hz == 250);
    CHECK(reference.iteration_picoseconds > 0);
    CHECK_FALSE(reference.origin.kernel.empty());
    for (int i = 0; i < costs; ++i) {
        const auto cost = static_cast<Cost>(i);
        INFO(describe(cost).name);
        REQUIRE(reference[cost].has_value());
        const Law& law = *reference[cost];
        const bool is_table = law.kind == Law::Kind::table;
        const double figure = from_fixed_point(is_table ? law.points.back().value : law.base);
        CHECK(figure > 0);
        REQUIRE(law.interval.has_value());
        CHECK(law.interval->low <= figure + 1);
        CHECK(law.interval->high >= figure - 1);
        CHECK_FALSE(law.origin.probe.empty());
        CHECK(law.origin.samples > 0);
    }
}

TEST_CASE("the reference machine has the orders of size everybody finds") {
    const CostProfile reference = reference_profile();
    const auto of = [&](Cost cost, std::int64_t pages = 0) {
        return time_of(reference, cost, {Quantity::pages, pages});
    };
    CHECK(of(Cost::switch_coroutine) * 10 < of(Cost::switch_context)); // user space against the kernel
    CHECK(of(Cost::thread_create) * 5 < of(Cost::fork));
    CHECK(of(Cost::fork, 65536) > 10 * of(Cost::fork)); // 256 MiB against next to nothing
    CHECK(of(Cost::vfork) < of(Cost::fork));
    CHECK(of(Cost::exec) > of(Cost::fork));
}

TEST_CASE("the reference machine has the orders of size everybody finds for memory", "[profile]") {
    const CostProfile reference = reference_profile();
    const auto of = [&](Cost cost, std::int64_t pages = 0) {
        return time_of(reference, cost, {Quantity::pages, pages});
    };
    CHECK(of(Cost::fault_zero_page) < of(Cost::fault_anonymous)); // no frame, nothing to clear
    CHECK(of(Cost::fault_reuse) < of(Cost::fault_copy));
    CHECK(of(Cost::fault_anonymous) < of(Cost::fault_copy));
    CHECK(of(Cost::fault_huge) > 10 * of(Cost::fault_anonymous));  // 512 pages at once are dearer than one,
    CHECK(of(Cost::fault_huge) < 512 * of(Cost::fault_anonymous)); // and cheaper than 512
    CHECK(of(Cost::fault_page_cache, 16) < 16 * of(Cost::fault_page_cache, 1));
    CHECK(of(Cost::memory_unmap, 65536) > 100 * of(Cost::memory_unmap));
    CHECK(of(Cost::walk_level) * 10 < of(Cost::fault_zero_page)); // hardware against the kernel
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
