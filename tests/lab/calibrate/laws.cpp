#include "lab/calibrate/laws.hpp"

#include "native/probes/probe.hpp"
#include "tests/lab/calibrate/synthetic.hpp"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <set>

using namespace switchyard;
using namespace switchyard::lab;
using Catch::Approx;

namespace {

double value(const FittedLaws& fitted, Cost cost, Amounts amounts = {}) {
    const std::optional<Law>& law = fitted.law[static_cast<std::size_t>(cost)];
    REQUIRE(law.has_value());
    return static_cast<double>(evaluate(*law, amounts));
}

ProbeSummary& probe(std::vector<ProbeSummary>& probes, std::string_view name) {
    return *std::find_if(probes.begin(), probes.end(), [&](const ProbeSummary& p) { return p.probe == name; });
}

void set_to(ProbeSummary& probe, double value) {
    probe.median = value;
    for (std::optional<double>& round : probe.rounds) round = value;
}

bool mentions(const std::vector<std::string>& sentences, std::string_view what) {
    return std::any_of(sentences.begin(), sentences.end(),
                       [&](const std::string& sentence) { return sentence.find(what) != std::string::npos; });
}

} // namespace

TEST_CASE("every cost has a law, made of probes there are and of costs before it", "[laws]") {
    std::set<Cost> known;
    for (const MarginalLaw& law : marginal_laws()) {
        INFO(describe(law.cost).name);
        CHECK_FALSE(law.readings.empty());
        for (const Reading& reading : law.readings) {
            CHECK(native::probe_named(reading.probe) != nullptr);
            if (!reading.minus.empty()) CHECK(native::probe_named(reading.minus) != nullptr);
        }
        for (const Part& part : law.excludes) CHECK(known.contains(part.cost));
        CHECK(known.insert(law.cost).second);
    }
    CHECK(known.size() == static_cast<std::size_t>(costs));
}

TEST_CASE("the costs of a known machine are found again from its probes", "[laws]") {
    const KnownMachine known;
    const FittedLaws fitted = fit_laws(probes_of(known));
    CHECK(fitted.warnings.empty());
    using enum Cost;
    CHECK(value(fitted, system_call) == known.system_call);
    CHECK(value(fitted, switch_context) == known.context);
    CHECK(value(fitted, switch_address_space) == known.address_space);
    CHECK(value(fitted, wake_up) == known.wake_up);
    CHECK(value(fitted, switch_coroutine) == known.coroutine);
    CHECK(value(fitted, switch_fiber) == known.fiber);
    CHECK(value(fitted, coroutine_create) == known.coroutine_create);
    CHECK(value(fitted, fiber_create) == known.fiber_create);
    CHECK(value(fitted, thread_create) == known.thread_create);
    CHECK(value(fitted, thread_exit) == known.thread_exit);
    CHECK(value(fitted, fork) == Approx(known.fork_base).epsilon(1e-9));
    CHECK(value(fitted, fork, {Quantity::pages, 1000}) == Approx(known.fork_base + 1000 * known.fork_page));
    CHECK(value(fitted, process_exit) == Approx(known.exit_base).epsilon(1e-9));
    CHECK(value(fitted, process_exit, {Quantity::pages, 1000}) == Approx(known.exit_base + 1000 * known.exit_page));
    CHECK(value(fitted, fork_table) == known.fork_table);
    CHECK(value(fitted, fork_huge_page) == known.fork_huge_page);
    CHECK(value(fitted, fork_region) == known.fork_region);
    CHECK(value(fitted, fork_descriptor) == known.fork_descriptor);
    CHECK(value(fitted, process_exit_table) == known.exit_table);
    CHECK(value(fitted, process_exit_huge_page) == known.exit_huge_page);
    CHECK(value(fitted, process_exit_region) == known.exit_region);
    CHECK(value(fitted, process_exit_descriptor) == known.exit_descriptor);
    CHECK(value(fitted, process_reap) == known.reap);
    CHECK(value(fitted, switch_preempted) == known.preempted);
    CHECK(value(fitted, futex) == known.futex);
    CHECK(value(fitted, tcp_acknowledgement) == Approx(known.acknowledgement).epsilon(1e-9));
    CHECK(value(fitted, futex_shared) == known.futex_shared);
    CHECK(value(fitted, wake_up_remote_busy) == known.wake_up_remote_busy);
    CHECK(value(fitted, wake_up_interrupt) == known.wake_up_interrupt);
    CHECK(value(fitted, timer_slack) == known.timer_slack);
    CHECK(value(fitted, vfork) == known.vfork);
    CHECK(value(fitted, exec) == Approx(known.exec).epsilon(1e-6));
    CHECK(value(fitted, sleep_overshoot) == known.overshoot);
    CHECK(value(fitted, timer_wake_up_idle) == known.timer_idle);
    CHECK(value(fitted, timer_wake_up_busy) == known.timer_busy);
    CHECK(value(fitted, yield) == known.yield);
    CHECK(value(fitted, tick) == known.tick);
    CHECK(value(fitted, interruptions) == known.interruptions);
    CHECK(value(fitted, thread_kernel) == 4096);
    CHECK(value(fitted, migration) == known.migration);
}

TEST_CASE("the costs of a known machine's memory are found again from its probes", "[laws]") {
    const KnownMachine known;
    const FittedLaws fitted = fit_laws(probes_of(known));
    using enum Cost;
    const auto over = [](std::int64_t pages) { return Amounts{Quantity::pages, pages}; };
    const auto since = [](std::int64_t pages) { return Amounts{Quantity::pages_since, pages}; };
    CHECK(value(fitted, fault_anonymous, since(1000)) == Approx(known.fault_anonymous + 1000 * known.fault_since));
    CHECK(value(fitted, fault_anonymous, since(10)) == value(fitted, fault_anonymous, since(64)));
    CHECK(value(fitted, fault_anonymous, since(1 << 20)) == value(fitted, fault_anonymous, since(16384)));
    CHECK(value(fitted, fault_zero_page) == known.fault_zero_page);
    CHECK(value(fitted, fault_after_zero_page) == known.fault_after_zero_page);
    CHECK(value(fitted, fault_copy, since(1000)) == Approx(known.fault_copy + 1000 * known.fault_since));
    CHECK(value(fitted, fault_reuse) == known.fault_reuse);
    CHECK(value(fitted, fault_shared) == known.fault_shared);
    CHECK(value(fitted, fault_page_cache, over(8)) == Approx(known.fault_file_base + 8 * known.fault_file_page));
    CHECK(value(fitted, disk_read, over(8)) == Approx(known.disk_read_base + 8 * known.disk_read_page));
    CHECK(value(fitted, disk_write, over(8)) == Approx(known.disk_write_base + 8 * known.disk_write_page));
    CHECK(value(fitted, fault_huge) == known.fault_huge);
    CHECK(value(fitted, memory_map) == known.map);
    CHECK(value(fitted, memory_unmap, over(1000)) == Approx(known.unmap_base + 1000 * known.unmap_page));
    CHECK(value(fitted, memory_protect, over(1000)) == Approx(known.protect_base + 1000 * known.protect_page));
    CHECK(value(fitted, tlb_invalidate, over(10)) == Approx(known.invalidate_base + 10 * known.invalidate_page));
    CHECK(value(fitted, tlb_shootdown) == known.shootdown);
    CHECK(value(fitted, tlb_shootdown_interrupted, over(10)) ==
          Approx(known.interrupted_base + 10 * known.interrupted_page));
    CHECK(value(fitted, memory_reference) == known.reference);
    CHECK(value(fitted, walk_level) == known.walk_level);
    CHECK(value(fitted, atomic_operation) == known.atomic_operation);
    CHECK(value(fitted, cache_line_transfer) == known.cache_line_transfer);
}

TEST_CASE("what messages take on a known machine is found again from its probes", "[laws]") {
    const KnownMachine known;
    const FittedLaws fitted = fit_laws(probes_of(known));
    using enum Cost;
    struct Row {
        Cost cost;
        double base;
        double byte;
    };
    for (const Row& row : {Row{pipe_transfer, known.transfer_base, known.transfer_byte},
                           {fifo_transfer, known.fifo_base, known.fifo_byte},
                           {message_queue_transfer, known.message_queue_base, known.message_queue_byte},
                           {system_v_queue_transfer, known.system_v_queue_base, known.system_v_queue_byte},
                           {unix_stream_transfer, known.unix_stream_base, known.unix_stream_byte},
                           {unix_datagram_transfer, known.unix_datagram_base, known.unix_datagram_byte},
                           {tcp_transfer, known.tcp_base, known.tcp_byte},
                           {memory_copy, known.copy_base, known.copy_byte}}) {
        INFO(describe(row.cost).name);
        for (const std::int64_t bytes : {1, 1000, 65536, 262144, 4 << 20})
            CHECK(value(fitted, row.cost, {Quantity::bytes, bytes}) ==
                  Approx(row.base + row.byte * static_cast<double>(bytes)).margin(2));
    }
    CHECK(value(fitted, eventfd_transfer) == known.eventfd);
    CHECK(value(fitted, signal_delivery) == known.signal);
    CHECK(value(fitted, epoll_wait) == known.epoll_wait);
    CHECK(value(fitted, epoll_control) == known.epoll_control);
    CHECK(value(fitted, io_uring_submit) == known.io_uring_submit);
    CHECK(value(fitted, io_uring_completion) == known.io_uring_completion);
    CHECK(value(fitted, wake_up_remote, {Quantity::idle_microseconds, 100}) == known.wake_up_remote);
}

TEST_CASE("what others displace is what a ring takes more than two do", "[laws]") {
    const KnownMachine known;
    const FittedLaws fitted = fit_laws(probes_of(known));
    struct Row {
        Cost cost;
        double each;
    };
    for (const Row& row : {Row{Cost::switch_displaced, known.displaced},
                           {Cost::switch_address_space_displaced, known.space_displaced},
                           {Cost::switch_coroutine_displaced, known.coroutine_displaced}}) {
        INFO(describe(row.cost).name);
        const auto after = [&](std::int64_t others) {
            return value(fitted, row.cost, {Quantity::others_since, others});
        };
        CHECK(after(0) == 0);
        CHECK(after(1) == 0);
        CHECK(after(2) == Approx(row.each).margin(1));
        CHECK(after(50) == Approx(49 * row.each).margin(1)); // between two that were measured
        CHECK(after(100'000) == after(99));
    }
}

TEST_CASE("a law through the figures says where they fall", "[laws]") {
    std::vector<ProbeSummary> probes = probes_of({});
    set_to(*std::find_if(probes.begin(), probes.end(),
                         [](const ProbeSummary& p) { return p.probe == "tcp_alone" && p.amount == 4096; }),
           KnownMachine{}.tcp_base / 2);
    const FittedLaws fitted = fit_laws(probes);
    CHECK(mentions(fitted.warnings, "tcp.transfer: more of it took up to"));
    CHECK(value(fitted, Cost::tcp_transfer, {Quantity::bytes, 4096}) == value(fitted, Cost::tcp_transfer));
}

TEST_CASE("a constant cost measured at several amounts is as uncertain as they differ", "[laws]") {
    std::vector<ProbeSummary> probes = probes_of({});
    set_to(probe(probes, "visit_many_pages"),
           KnownMachine{}.reference + 2 * KnownMachine{}.walk_level); // the first of two amounts
    const FittedLaws fitted = fit_laws(probes);
    const Law& law = *fitted.law[static_cast<std::size_t>(Cost::walk_level)];
    CHECK(value(fitted, Cost::walk_level) == 1.5 * KnownMachine{}.walk_level);
    CHECK(law.interval == Interval{KnownMachine{}.walk_level, 2 * KnownMachine{}.walk_level});
    CHECK(mentions(fitted.warnings, "walk.level: 2 readings of it range from 16 to 32 ns"));
}

TEST_CASE("where there is one processor, a migration and a shootdown are not known", "[laws]") {
    std::vector<ProbeSummary> probes = probes_of({});
    std::erase_if(probes, [](const ProbeSummary& p) { return native::probe_named(p.probe)->needs_two_processors; });
    const FittedLaws fitted = fit_laws(probes);
    CHECK_FALSE(fitted.law[static_cast<std::size_t>(Cost::migration)].has_value());
    CHECK_FALSE(fitted.law[static_cast<std::size_t>(Cost::tlb_shootdown)].has_value());
    CHECK(fitted.law[static_cast<std::size_t>(Cost::tlb_invalidate)].has_value());
    CHECK(mentions(fitted.warnings, "migration: not measured"));
}

TEST_CASE("a law says what it was measured by", "[laws]") {
    const FittedLaws fitted = fit_laws(probes_of({}));
    const Origin& origin = fitted.law[static_cast<std::size_t>(Cost::fork)]->origin;
    CHECK(origin.probe == "fork_call");
    CHECK(origin.samples == 400); // four sizes
    CHECK(origin.rounds == 3);
    CHECK(origin.warning.empty());
}

TEST_CASE("intervals go through the subtraction", "[laws]") {
    // Rounds that are fast or slow as a whole: each cost scatters as they do, and not more for being a difference.
    const KnownMachine known;
    const FittedLaws fitted = fit_laws(probes_of(known, {0.98, 1, 1.02}));
    const Interval context = fitted.law[static_cast<std::size_t>(Cost::switch_context)]->interval.value();
    CHECK(context.low == Approx(0.98 * known.context));
    CHECK(context.high == Approx(1.02 * known.context));
    const Interval protect = fitted.law[static_cast<std::size_t>(Cost::memory_protect)]->interval.value();
    CHECK(protect.low == Approx(0.98 * known.protect_base));
    CHECK(protect.high == Approx(1.02 * known.protect_base));
    // Of a table, whose last value it is of.
    const double most = known.fork_base + 131072 * known.fork_page;
    const Interval fork = fitted.law[static_cast<std::size_t>(Cost::fork)]->interval.value();
    CHECK(fork.low == Approx(0.98 * most));
    CHECK(fork.high == Approx(1.02 * most));
    CHECK(fit_laws(probes_of(known, {0.98, 1, 1.02})).law == fitted.law);
}

TEST_CASE("a cost that comes out negative is held at 0, and says so", "[laws]") {
    std::vector<ProbeSummary> probes = probes_of({});
    set_to(probe(probes, "futex_thread"), 300'000); // less than two system calls, a switch and two words touched
    const FittedLaws fitted = fit_laws(probes);
    CHECK(value(fitted, Cost::wake_up) == 0);
    CHECK(mentions(fitted.warnings, "wake_up: came out at -378.0 ns and was held at 0"));
    // What follows is computed from what will be charged.
    CHECK(value(fitted, Cost::vfork) == KnownMachine{}.vfork + KnownMachine{}.wake_up);
}

TEST_CASE("of three readings of the address space one that is off does not count", "[laws]") {
    std::vector<ProbeSummary> probes = probes_of({});
    set_to(probe(probes, "pipe_process"), 10'000);
    const FittedLaws fitted = fit_laws(probes);
    CHECK(value(fitted, Cost::switch_address_space) == KnownMachine{}.address_space);
    CHECK(mentions(fitted.warnings, "switch.address_space: 3 readings of it range from"));
    CHECK(fitted.law[static_cast<std::size_t>(Cost::switch_address_space)]->interval->low == 0);
}

TEST_CASE("a fit through points that lie on no line says so", "[laws]") {
    std::vector<ProbeSummary> probes = probes_of({});
    set_to(*std::find_if(probes.begin(), probes.end(),
                         [](const ProbeSummary& p) { return p.probe == "memory_protect" && p.amount == 64; }),
           60'000'000);
    CHECK(mentions(fit_laws(probes).warnings, "memory.protect: no straight line"));
}

TEST_CASE("without its probe a law is absent, and so is what is computed from it", "[laws]") {
    std::vector<ProbeSummary> probes = probes_of({});
    std::erase_if(probes, [](const ProbeSummary& p) { return p.probe == "futex_thread" || p.probe == "tick"; });
    const FittedLaws fitted = fit_laws(probes);
    CHECK_FALSE(fitted.law[static_cast<std::size_t>(Cost::tick)].has_value());
    CHECK_FALSE(fitted.law[static_cast<std::size_t>(Cost::wake_up)].has_value());
    CHECK_FALSE(fitted.law[static_cast<std::size_t>(Cost::thread_exit)].has_value());
    CHECK(fitted.law[static_cast<std::size_t>(Cost::switch_context)].has_value());
    CHECK(mentions(fitted.warnings, "tick: not measured"));
    CHECK(mentions(fitted.warnings, "thread.exit: not measured"));
}

TEST_CASE("a probe's own warning goes with its law", "[laws]") {
    std::vector<ProbeSummary> probes = probes_of({});
    probe(probes, "tick").warning = "rounds disagree by 30 %";
    const FittedLaws fitted = fit_laws(probes);
    CHECK(fitted.law[static_cast<std::size_t>(Cost::tick)]->origin.warning == "probe tick: rounds disagree by 30 %");
    CHECK(mentions(fitted.warnings, "tick: probe tick: rounds disagree by 30 %"));
}

TEST_CASE("a table goes from nothing through the figures themselves", "[laws]") {
    const KnownMachine known;
    std::vector<ProbeSummary> probes = probes_of(known);
    const auto refill = [](const FittedLaws& fitted, std::int64_t bytes) {
        return value(fitted, Cost::cache_refill, {Quantity::bytes, bytes});
    };
    const FittedLaws fitted = fit_laws(probes);
    CHECK(refill(fitted, 0) == 0);
    CHECK(refill(fitted, 1024) == known.refill * 1024);
    CHECK(refill(fitted, 4096) == known.refill * 4096);
    CHECK(refill(fitted, 131072) == known.refill * known.refill_rise * 131072);
    CHECK(refill(fitted, 1048576) == known.refill * known.refill_rise * 1048576);
    CHECK(refill(fitted, 1 << 30) == Approx(known.refill * known.refill_rise * (1 << 30))); // and on as steeply
    CHECK(value(fitted, Cost::cache_private) == known.cache_private);

    // Of more than the cache holds, others displace nothing: that does not make less of it any cheaper.
    ProbeSummary& largest = *std::find_if(probes.begin(), probes.end(), [](const ProbeSummary& one) {
        return one.probe == "refill_shared" && one.amount == 1048576;
    });
    set_to(largest, 1000);
    const FittedLaws held = fit_laws(probes);
    CHECK(refill(held, 131072) == refill(fitted, 131072));
    CHECK(refill(held, 1048576) == refill(fitted, 131072));
    CHECK(mentions(held.warnings, "cache.refill"));
}

TEST_CASE("what is held out changes no law, and judges it", "[laws]") {
    const KnownMachine known;
    std::vector<ProbeSummary> probes = probes_of(known);
    const FittedLaws without = fit_laws(probes);
    const auto hold_out = [&](std::string_view name, std::int64_t amount, double value) {
        ProbeSummary summary = probe(probes, name);
        summary.amount = amount;
        summary.held_out = true;
        summary.interval = {value, value};
        set_to(summary, value);
        probes.push_back(summary);
    };
    const double fork = known.fork_base + 2048 * known.fork_page + 4 * known.fork_table;
    hold_out("fork_call", 2048, fork * 1.25); // a law that knew of it would be another one
    hold_out("pipe_alone", 65536 * 2, 1e9);
    const FittedLaws with = fit_laws(probes);
    for (int i = 0; i < costs; ++i) {
        const auto& one = without.law[static_cast<std::size_t>(i)];
        const auto& other = with.law[static_cast<std::size_t>(i)];
        REQUIRE(one.has_value());
        REQUIRE(other.has_value());
        CHECK(one->base == other->base);
        CHECK(one->terms == other->terms);
        CHECK(one->points == other->points);
        CHECK(one->interval == other->interval);
        CHECK(one->origin.samples == other->origin.samples);
    }
    const Origin& origin = with.law[static_cast<std::size_t>(Cost::fork)]->origin;
    REQUIRE(origin.points.size() == 5);
    const MeasuredPoint& point = origin.points[2]; // in the order of the amounts
    CHECK(point.at == 2048);
    CHECK(point.held_out);
    CHECK(point.seen == Approx(fork * 1.25));
    CHECK(point.error == Approx(-0.2).epsilon(1e-6)); // a fifth less than was seen
    CHECK(quality_of_fit(origin).points == 4);
    CHECK(quality_of_fit(origin).largest_error < 1e-6);
    CHECK(quality_of_fit(origin, true).largest_error == Approx(0.2).epsilon(1e-6));
    CHECK(mentions(with.warnings, "pipe.transfer: between the amounts it was fitted to it is off by"));
    CHECK_FALSE(mentions(without.warnings, "between the amounts"));
}

TEST_CASE("every law says what was measured, and how much of it is its own", "[laws]") {
    const KnownMachine known;
    const FittedLaws fitted = fit_laws(probes_of(known));
    for (const MarginalLaw& row : marginal_laws()) {
        const Origin& origin = fitted.law[static_cast<std::size_t>(row.cost)]->origin;
        INFO(describe(row.cost).name);
        CHECK_FALSE(origin.points.empty());
        std::uint64_t samples = 0;
        for (const MeasuredPoint& point : origin.points) samples += point.samples;
        CHECK(samples == origin.samples);
        CHECK(quality_of_fit(origin).largest_error < 0.05);
    }
    const MeasuredPoint& wake_up = fitted.law[static_cast<std::size_t>(Cost::wake_up)]->origin.points.front();
    CHECK(wake_up.probe == "futex_thread");
    CHECK(wake_up.value == Approx(known.wake_up));
    CHECK(wake_up.seen ==
          Approx(known.wake_up + known.context + 2 * (known.system_call + known.futex + known.atomic_operation)));
    const auto pairs = fitted.law[static_cast<std::size_t>(Cost::switch_address_space)]->origin.points;
    REQUIRE(pairs.size() == 3); // one of each reading
    CHECK(pairs[1].probe == "futex_process");
}
