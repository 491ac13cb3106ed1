// The event queue against an ordered set, over long random histories of scheduling, cancelling, moving and firing: with
// heavy ties, with times of every skew, and with populations that cross the boundary between heap and ladder both ways.
#include "sim/engine/event_queue.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace switchyard;
using namespace switchyard::sim;

using Random = std::mt19937_64;

struct Delays {
    std::string name;
    std::function<std::int64_t(Random&)> draw;
};

std::int64_t exponential(Random& random, double mean) {
    return static_cast<std::int64_t>(-std::log((static_cast<double>(random() >> 11U) + 1) * 0x1p-53) * mean);
}

const std::vector<Delays>& all_delays() {
    static const std::vector<Delays> delays{
        {"all equal", [](Random&) { return std::int64_t{1000}; }},
        {"all now", [](Random&) { return std::int64_t{0}; }},
        {"heavy ties", [](Random& random) { return static_cast<std::int64_t>(random() % 4) * 1000; }},
        {"uniform", [](Random& random) { return static_cast<std::int64_t>(random() % 1'000'000); }},
        {"exponential", [](Random& random) { return exponential(random, 1e6); }},
        {"bimodal",
         [](Random& random) { return exponential(random, 100) + (random() % 10 == 0 ? 1'000'000'000'000 : 0); }},
        {"outliers",
         [](Random& random) {
             return random() % 20 == 0 ? std::int64_t{1} << 62 : static_cast<std::int64_t>(random() % 5000);
         }},
        {"every magnitude", [](Random& random) { return static_cast<std::int64_t>(random() >> (4 + random() % 60)); }},
        {"ever sooner, then ever later",
         [sooner = std::int64_t{1'000'000}](Random&) mutable {
             sooner = sooner == 1 ? 1'000'000 : sooner - 1;
             return sooner * 7;
         }},
    };
    return delays;
}

// What the queue must do: (time, order of scheduling) -> subject.
class Reference {
public:
    void schedule(Time at, std::uint32_t subject) {
        const auto key = std::pair(at, count_++);
        pending_.emplace(key, subject);
        keys_[subject] = key;
    }
    bool cancel(std::uint32_t subject) {
        const auto found = keys_.find(subject);
        if (found == keys_.end()) return false;
        pending_.erase(found->second);
        keys_.erase(found);
        return true;
    }
    std::pair<Time, std::uint32_t> pop() {
        const auto first = pending_.begin();
        const std::pair result(first->first.first, first->second);
        keys_.erase(first->second);
        pending_.erase(first);
        return result;
    }
    [[nodiscard]] Time next_time() const { return pending_.empty() ? never : pending_.begin()->first.first; }
    [[nodiscard]] std::size_t size() const { return pending_.size(); }

private:
    std::map<std::pair<Time, std::uint64_t>, std::uint32_t> pending_;
    std::map<std::uint32_t, std::pair<Time, std::uint64_t>> keys_;
    std::uint64_t count_ = 0;
};

// Runs a queue and the reference side by side, steering the population towards one target size after another.
class History {
public:
    History(std::uint64_t seed, const Delays& delays, EventOrder order)
        : random_(seed), draw_(delays.draw), queue_(order) {}

    void run(std::size_t steps) {
        std::size_t target = 0;
        for (std::size_t step = 0; step < steps; ++step) {
            if (step % 4000 == 0) target = std::vector<std::size_t>{5, 100, 300, 2000, 3000}[random_() % 5];
            const bool grow = reference_.size() < target ? random_() % 8 != 0 : random_() % 8 == 0;
            if (grow) {
                schedule();
            } else if (random_() % 2 == 0) {
                fire();
            } else {
                cancel();
            }
            if (random_() % 3 == 0) reschedule();
            if (random_() % 16 == 0 && queue_.next_time() != reference_.next_time()) fail("next_time");
            if (queue_.size() != reference_.size()) fail("size");
        }
        while (reference_.size() > 0) fire();
        if (queue_.pop()) fail("an event too many");
    }

private:
    static void fail(const std::string& what) { FAIL(what); }

    Time draw_time() {
        const std::int64_t now = queue_.now().time_since_epoch().count();
        const std::int64_t room = never.time_since_epoch().count() - now;
        return Time{Duration{now + std::min(draw_(random_), room)}};
    }
    void schedule() {
        const Time at = draw_time();
        const auto subject = static_cast<std::uint32_t>(events_.size());
        reference_.schedule(at, subject);
        events_.push_back(queue_.schedule(at, subject));
    }
    // Some event there ever was, mostly a recent one.
    std::uint32_t any_subject() {
        const std::size_t recent = std::min<std::size_t>(events_.size(), random_() % 4 == 0 ? events_.size() : 2500);
        return static_cast<std::uint32_t>(events_.size() - 1 - random_() % recent);
    }
    void cancel() {
        if (events_.empty()) return;
        const std::uint32_t subject = any_subject();
        if (queue_.cancel(events_[subject]) != reference_.cancel(subject)) fail("cancel");
        if (queue_.pending(events_[subject])) fail("still pending");
    }
    void reschedule() {
        if (events_.empty()) return;
        const std::uint32_t subject = any_subject();
        const Time at = draw_time();
        const bool moved = queue_.reschedule(events_[subject], at);
        if (moved != reference_.cancel(subject)) fail("reschedule");
        if (moved) reference_.schedule(at, subject);
    }
    void fire() {
        if (reference_.size() == 0) return;
        const auto event = queue_.pop();
        if (!event) fail("no event");
        if (std::pair(event->time, event->payload) != reference_.pop()) fail("not the earliest event");
        if (queue_.now() != event->time) fail("clock");
    }

    Random random_;
    std::function<std::int64_t(Random&)> draw_;
    EventQueue<std::uint32_t> queue_;
    Reference reference_;
    std::vector<EventHandle> events_; // by subject
};

} // namespace

TEST_CASE("The event queue fires what an ordered set would", "[event_queue]") {
    for (const Delays& delays : all_delays()) {
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            INFO(delays.name << ", seed " << seed);
            History(seed, delays, {}).run(40'000);
        }
    }
}

TEST_CASE("Renumbering in mid-flight changes no order", "[event_queue]") {
    for (const Delays& delays : all_delays()) {
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            for (const std::uint64_t before_the_end : {1U, 50U, 2500U, 9000U}) {
                INFO(delays.name << ", seed " << seed << ", " << before_the_end << " numbers left");
                History(seed, delays, {.first_sequence = EventSequence::limit - before_the_end}).run(15'000);
            }
        }
    }
}

TEST_CASE("A shuffled queue still fires by time, and everything once", "[event_queue]") {
    for (const Delays& delays : all_delays()) {
        for (const std::uint64_t first : {std::uint64_t{0}, EventSequence::limit - 3000}) {
            INFO(delays.name << ", from sequence number " << first);
            Random random(7);
            EventQueue<std::uint32_t> queue({.shuffle_seed = 7, .first_sequence = first});
            std::map<std::uint32_t, Time> due;
            std::vector<EventHandle> events;
            for (std::uint32_t step = 0; step < 20'000; ++step) {
                const std::size_t target = step / 5000 % 2 == 0 ? 3000 : 20;
                const std::int64_t room = (never - queue.now()).count();
                const Time at = queue.now() + Duration{std::min(delays.draw(random), room)};
                if (due.size() < target || random() % 8 == 0) {
                    due[static_cast<std::uint32_t>(events.size())] = at;
                    events.push_back(queue.schedule(at, static_cast<std::uint32_t>(events.size())));
                }
                const auto some = static_cast<std::uint32_t>(random() % events.size());
                if (queue.reschedule(events[some], at)) due[some] = at;
                if (random() % 2 != 0 && due.size() < target) continue;
                const auto event = queue.pop();
                if (!event || due.at(event->payload) != event->time) FAIL("fired at another time than it was due");
                due.erase(event->payload);
                if (std::ranges::any_of(due, [&](auto& other) { return other.second < event->time; }) && step % 64 == 0)
                    FAIL("something was due earlier");
            }
            while (const auto event = queue.pop()) due.erase(event->payload);
            REQUIRE(due.empty());
        }
    }
}
