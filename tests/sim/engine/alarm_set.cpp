// Alarms against an ordered set, over long random histories of setting, moving, clearing and going off, with many ties.
#include "sim/engine/alarm_set.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

using namespace switchyard;
using namespace switchyard::sim;

namespace {

// What the set must do: (time, order of setting) -> subject.
struct Reference {
    std::set<std::pair<std::pair<Time, std::uint64_t>, EventSlot>> order;
    std::vector<std::pair<Time, std::uint64_t>> keys;
    std::uint64_t count = 0;

    explicit Reference(std::size_t subjects) : keys(subjects) {}
    void clear(EventSlot subject) { order.erase({keys[subject], subject}); }
    void set(EventSlot subject, Time at) {
        clear(subject);
        keys[subject] = {at, ++count};
        order.insert({keys[subject], subject});
    }
    EventSlot pop() {
        const EventSlot subject = order.begin()->second;
        order.erase(order.begin());
        return subject;
    }
};

} // namespace

TEST_CASE("alarms go off in the order of their times, and of one time in the order they were set") {
    const std::size_t subjects = GENERATE(1U, 2U, 5U, 16U, 100U);
    // The second begins shortly before the numbers run out: what is set then keeps its order in the next round.
    const std::uint64_t first_number = GENERATE(std::uint64_t{0}, EventSequence::limit - 777);
    AlarmSet alarms(subjects);
    EventSequence sequence({}, first_number);
    Reference reference(subjects);
    std::mt19937_64 random(subjects);
    Time now{};
    for (int step = 0; step < 5000; ++step) {
        const auto subject = static_cast<EventSlot>(random() % subjects);
        switch (random() % 8) {
        case 0:
            alarms.clear(subject);
            reference.clear(subject);
            break;
        case 1:
        case 2:
            if (alarms.empty()) break;
            now = alarms.next_time();
            REQUIRE(now == reference.order.begin()->first.first);
            REQUIRE(alarms.pop() == reference.pop());
            break;
        default: {
            const Time at = now + Duration{static_cast<std::int64_t>(random() % 6)};
            alarms.set(subject, at, sequence);
            reference.set(subject, at);
        }
        }
        REQUIRE(alarms.empty() == reference.order.empty());
        REQUIRE(alarms.next_time() == (alarms.empty() ? never : reference.order.begin()->first.first));
    }
}
