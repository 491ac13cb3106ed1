#include "sim/engine/event_queue.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <set>
#include <vector>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;

namespace {

struct Customer {
    std::uint32_t kind;
    std::uint32_t number;
    std::uint64_t value;
};

using Numbers = EventQueue<std::uint32_t>;

// What is left, in the order it fires.
std::vector<std::uint32_t> drain(Numbers& queue) {
    std::vector<std::uint32_t> fired;
    while (const auto event = queue.pop()) fired.push_back(event->payload);
    return fired;
}

// Schedules 0 .. count - 1 at one instant and returns them as they fire.
std::vector<std::uint32_t> ties(EventOrder order, std::uint32_t count, Time at) {
    Numbers queue(order);
    for (std::uint32_t number = 0; number < count; ++number) queue.schedule(at, number);
    return drain(queue);
}

std::vector<std::uint32_t> counting(std::uint32_t count) {
    std::vector<std::uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0U);
    return numbers;
}

} // namespace

TEST_CASE("Events fire in the order of their instants, and the clock is where they are", "[event_queue]") {
    EventQueue<Customer> queue;
    queue.schedule(Time{3ns}, {3, 30, 300});
    queue.schedule(Time{1ns}, {1, 10, 100});
    queue.schedule_after(2ns, {2, 20, 200});

    for (std::uint32_t expected = 1; expected <= 3; ++expected) {
        CHECK(queue.next_time() == Time{expected * 1ns});
        const auto event = queue.pop();
        REQUIRE(event);
        CHECK(event->time == Time{expected * 1ns});
        CHECK(queue.now() == event->time);
        CHECK(event->payload.kind == expected);
        CHECK(event->payload.number == expected * 10);
        CHECK(event->payload.value == expected * 100);
    }
    CHECK(queue.empty());
    CHECK_FALSE(queue.pop());
    CHECK(queue.next_time() == never);
    CHECK(queue.now() == Time{3ns}); // nothing happened since
}

TEST_CASE("Events of one instant fire in the order they were scheduled", "[event_queue]") {
    for (const std::uint32_t count : {2U, 100U, 5000U}) CHECK(ties({}, count, Time{1s}) == counting(count));

    GIVEN("an event that is moved to the instant it already has") {
        Numbers queue;
        const EventHandle moved = queue.schedule(Time{1ns}, 0);
        queue.schedule(Time{1ns}, 1);
        REQUIRE(queue.reschedule(moved, Time{1ns}));
        THEN("it goes behind the others, as if scheduled now") {
            CHECK(drain(queue) == std::vector<std::uint32_t>{1, 0});
        }
    }
}

TEST_CASE("The past is closed, and time is finite", "[event_queue]") {
    Numbers queue;
    const EventHandle late = queue.schedule(Time{20ns}, 2);
    queue.schedule(Time{10ns}, 1);
    REQUIRE(queue.pop());

    CHECK_THROWS_AS(queue.schedule(Time{9ns}, 0), ScheduledInPast);
    CHECK_THROWS_AS(queue.schedule_after(-1ns, 0), ScheduledInPast);
    CHECK_THROWS_AS(queue.reschedule(late, Time{9ns}), ScheduledInPast);
    CHECK_THROWS_AS(queue.advance_to(Time{9ns}), ScheduledInPast);
    CHECK_THROWS_AS(queue.schedule_after(Duration::max(), 0), TimeOverflow);
    CHECK(queue.size() == 1); // none of it left a trace

    SECTION("the present is open") {
        queue.schedule(queue.now(), 5);
        CHECK(queue.pop()->payload == 5);
    }
    SECTION("so is the last instant there is") {
        queue.schedule(never, 6);
        CHECK(drain(queue) == std::vector<std::uint32_t>{2, 6});
    }
}

TEST_CASE("A handle names its event and no other", "[event_queue]") {
    Numbers queue;
    const EventHandle event = queue.schedule(Time{1ns}, 1);

    SECTION("while it is pending it can be read, moved and cancelled, once") {
        CHECK(queue.pending(event));
        CHECK(*queue.find(event) == 1);
        CHECK(queue.reschedule(event, Time{5ns}));
        CHECK(queue.next_time() == Time{5ns});
        CHECK(queue.cancel(event));
        CHECK_FALSE(queue.cancel(event));
        CHECK(queue.empty());
        CHECK_FALSE(queue.pop());
    }
    SECTION("once it has fired the handle is stale, whoever has the slot now") {
        REQUIRE(queue.pop());
        const EventHandle other = queue.schedule(Time{2ns}, 2);
        CHECK(other.slot == event.slot);
        CHECK_FALSE(queue.pending(event));
        CHECK_FALSE(queue.cancel(event));
        CHECK_FALSE(queue.reschedule(event, Time{3ns}));
        CHECK(queue.find(event) == nullptr);
        CHECK(queue.pending(other));
    }
    SECTION("a handle that never named anything is harmless") {
        CHECK_FALSE(queue.cancel({}));
        CHECK_FALSE(queue.pending({}));
    }
}

TEST_CASE("Popping can stop at a limit", "[event_queue]") {
    Numbers queue;
    queue.schedule(Time{10ns}, 1);
    const EventHandle cancelled = queue.schedule(Time{15ns}, 2);
    queue.schedule(Time{20ns}, 3);
    queue.cancel(cancelled);

    CHECK_FALSE(queue.pop(Time{9ns}));
    CHECK(queue.now() == Time{});
    CHECK(*queue.next() == 1);
    CHECK(queue.pop(Time{10ns})->payload == 1);
    CHECK(*queue.next() == 3);
    CHECK(queue.now() == Time{10ns});
    CHECK_FALSE(queue.pop(Time{19ns}));
    queue.advance_to(Time{19ns});
    CHECK(queue.now() == Time{19ns});
    CHECK(queue.pop(Time{20ns})->payload == 3);
    CHECK(queue.next() == nullptr);
}

TEST_CASE("Removing from the middle never lets time run backwards", "[event_queue]") {
    // In a heap whose left side is late and whose right side is early, what fills a gap on the left comes from the
    // right, and has to rise above where the gap was.
    Numbers queue;
    std::vector<EventHandle> events;
    for (const int instant : {1000, 0, 100, 1, 2, 3, 101, 102, 103, 104, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}) {
        events.push_back(queue.schedule(Time{Duration{instant}}, 0));
    }
    for (std::size_t removed = 0; removed < events.size(); removed += 3) queue.cancel(events[removed]);
    Time last{};
    while (const auto event = queue.pop()) {
        CHECK(event->time >= last);
        last = event->time;
    }
}

TEST_CASE("Shuffled ties are a permutation the seed determines", "[event_queue]") {
    for (const std::uint32_t count : {100U, 5000U}) {
        const auto one = ties({.shuffle_seed = 1}, count, Time{1ns});
        CHECK(one == ties({.shuffle_seed = 1}, count, Time{1ns}));
        CHECK(one != ties({.shuffle_seed = 2}, count, Time{1ns}));
        CHECK(one != counting(count));
        CHECK(std::set(one.begin(), one.end()).size() == count);
    }
    SECTION("either of two simultaneous events may come first") {
        int reversed = 0;
        for (std::uint64_t seed = 0; seed < 1000; ++seed) reversed += ties({.shuffle_seed = seed}, 2, Time{})[0] == 1;
        CHECK(reversed > 420);
        CHECK(reversed < 580);
    }
    SECTION("different instants are not shuffled") {
        Numbers queue({.shuffle_seed = 3});
        for (std::uint32_t number = 0; number < 1000; ++number) queue.schedule(Time{number * 1ns}, number);
        CHECK(drain(queue) == counting(1000));
    }
}

TEST_CASE("Ties never run out of numbers", "[event_queue]") {
    for (const std::uint32_t count : {10U, 5000U}) {
        for (const std::uint64_t left : {1U, 3U, 4999U}) {
            INFO(count << " events, " << left << " numbers left");
            const EventOrder nearly_used_up{.first_sequence = EventSequence::limit - left};
            CHECK(ties(nearly_used_up, count, Time{1ns}) == counting(count));

            auto shuffled = ties({.shuffle_seed = 1, .first_sequence = EventSequence::limit - left}, count, Time{1ns});
            std::ranges::sort(shuffled);
            CHECK(shuffled == counting(count));
        }
    }
    GIVEN("events in every structure, some cancelled, when the numbers run out") {
        Numbers queue({.first_sequence = EventSequence::limit - 3100});
        std::vector<EventHandle> events;
        for (std::uint32_t number = 0; number < 3000; ++number) {
            events.push_back(queue.schedule(Time{(number * 7919U % 1000U) * 1ns}, number));
        }
        for (std::size_t number = 0; number < 3000; number += 3) queue.cancel(events[number]);
        for (std::uint32_t number = 3000; number < 4000; ++number) queue.schedule(Time{500ns}, number);
        THEN("handles and order survive") {
            CHECK(queue.cancel(events[1]));
            CHECK_FALSE(queue.cancel(events[0]));
            std::size_t fired = 0;
            std::pair<Time, std::uint32_t> last{};
            while (const auto event = queue.pop()) {
                const std::pair key(event->time, event->payload); // scheduled in the order of their numbers
                CHECK(last < key);
                last = key;
                ++fired;
            }
            CHECK(fired == 2999);
        }
    }
}

TEST_CASE("More events than slots is an error, not a wrong answer", "[.slow][event_queue]") {
    Numbers queue;
    for (std::size_t count = 0; count < event_limit; ++count) queue.schedule(Time{1ns}, 0);
    CHECK_THROWS_AS(queue.schedule(Time{1ns}, 0), std::length_error);
    CHECK(queue.size() == event_limit);
}

TEST_CASE("Memory follows what is pending, not how long it goes on", "[event_queue]") {
    std::mt19937_64 random(3);
    const auto delay = [&] { return Duration{static_cast<std::int64_t>(random() % 1'000'000)}; };

    GIVEN("a timeout that is set far ahead and always cancelled, over and over") {
        for (const std::uint32_t population : {1U, 50U, 2000U}) {
            Numbers queue;
            for (std::uint32_t number = 0; number < population; ++number) queue.schedule_after(delay(), number);
            std::size_t early = 0;
            for (std::uint32_t round = 0; round < 400'000; ++round) {
                queue.cancel(queue.schedule_after(1s, 0));
                queue.schedule_after(delay(), queue.pop()->payload);
                if (round == 40'000) early = queue.memory();
            }
            INFO(population << " pending");
            CHECK(queue.memory() <= early + early / 4); // a table may still settle
            CHECK(queue.memory() <= 200 * std::size_t{population} + 12'000);
        }
    }
    GIVEN("one event moved about without end") {
        Numbers queue;
        const EventHandle moved = queue.schedule(Time{1s}, 0);
        for (int round = 0; round < 400'000; ++round) queue.reschedule(moved, Time{1s} + delay());
        CHECK(queue.memory() < 12'000);
        CHECK(queue.size() == 1);
    }
    GIVEN("many events") {
        for (const std::uint32_t population : {1000U, 30'000U, 300'000U}) {
            Numbers plain;
            EventQueue<Customer> queue;
            for (std::uint32_t number = 0; number < population; ++number) queue.schedule_after(delay(), {});
            for (std::uint32_t round = 0; round < 3 * population; ++round) {
                queue.schedule_after(delay(), queue.pop()->payload);
            }
            INFO(population << " pending");
            CHECK(queue.memory() < 100 * std::size_t{population});
        }
    }
}
