#include "sim/engine/simulation.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;

namespace {

using Log = std::vector<std::string>;

std::string stamp(const Simulation& simulation, const std::string& name) {
    return std::to_string(simulation.now().time_since_epoch() / 1ns) + " " + name;
}

SimulatedProcess ticking(Simulation& simulation, Log& log, std::string name, Duration period) {
    for (;;) {
        log.push_back(stamp(simulation, name));
        co_await simulation.sleep(period);
    }
}

SimulatedProcess sleeping(Simulation& simulation, Duration length) { co_await simulation.sleep(length); }

SimulatedProcess waiting(Simulation& simulation, Log& log, std::string name, Event& event) {
    co_await event;
    log.push_back(stamp(simulation, name));
}

SimulatedProcess failing(Simulation& simulation, Duration after) {
    co_await simulation.sleep(after);
    throw std::runtime_error("out of paper");
}

} // namespace

TEST_CASE("Two clocks tick", "[simulation]") {
    Simulation simulation;
    Log log;
    ticking(simulation, log, "slow", 2ns);
    ticking(simulation, log, "fast", 1ns);

    CHECK(log.empty()); // nothing runs before the simulation does
    CHECK(simulation.run_until(Time{4ns}) == WaitOutcome::paused);
    CHECK(simulation.now() == Time{4ns});
    CHECK(log == Log{"0 slow", "0 fast", "1 fast", "2 slow", "2 fast", "3 fast", "4 slow", "4 fast"});
    CHECK_THROWS_AS(simulation.run_until(Time{3ns}), ScheduledInPast);
}

TEST_CASE("A run ends when nothing is due", "[simulation]") {
    Simulation simulation;
    Log log;
    CHECK(simulation.run() == WaitOutcome::finished);

    SECTION("and all have finished") {
        const SimulatedProcess process = sleeping(simulation, 5ns);
        CHECK_FALSE(process.done());
        CHECK(simulation.processes() == 1);
        CHECK(simulation.run() == WaitOutcome::finished);
        CHECK(process.done());
        CHECK(simulation.processes() == 0);
        CHECK(simulation.now() == Time{5ns});
    }
    SECTION("or some are deadlocked") {
        Event never_triggered;
        waiting(simulation, log, "a", never_triggered);
        waiting(simulation, log, "b", never_triggered);
        sleeping(simulation, 5ns);
        CHECK(simulation.run() == WaitOutcome::deadlocked);
        CHECK(simulation.processes() == 2);
        CHECK(simulation.waiting() == 2);
        AND_THEN("help from outside gets them going again") {
            CHECK(never_triggered.trigger());
            CHECK(simulation.waiting() == 0);
            CHECK(simulation.run() == WaitOutcome::finished);
            CHECK(log == Log{"5 a", "5 b"});
        }
    }
    SECTION("and can be taken step by step") {
        sleeping(simulation, 5ns);
        CHECK(simulation.step()); // it starts
        CHECK(simulation.now() == Time{});
        CHECK(simulation.step()); // it wakes up
        CHECK(simulation.now() == Time{5ns});
        CHECK_FALSE(simulation.step());
    }
}

TEST_CASE("An event wakes everyone who waits for it, in the order they came", "[simulation]") {
    Simulation simulation;
    Log log;
    Event event;
    for (const char* name : {"a", "b", "c"}) waiting(simulation, log, name, event);
    simulation.after(7ns, [&] {
        CHECK(event.trigger());
        CHECK_FALSE(event.trigger());
        log.push_back("triggered");
        waiting(simulation, log, "late", event);
    });
    CHECK(simulation.run() == WaitOutcome::finished);
    CHECK(log == Log{"triggered", "7 a", "7 b", "7 c", "7 late"});
    CHECK(event.triggered());

    SECTION("once reset it can happen again") {
        event.reset();
        waiting(simulation, log, "d", event);
        CHECK(simulation.run() == WaitOutcome::deadlocked);
        event.trigger();
        CHECK(simulation.run() == WaitOutcome::finished);
        CHECK(log.back() == "7 d");
    }
}

TEST_CASE("A process can wait for another's end", "[simulation]") {
    Simulation simulation;
    Log log;
    auto parent = [](Simulation& sim, Log& out) -> SimulatedProcess {
        const SimulatedProcess child = sleeping(sim, 3ns);
        co_await child;
        out.push_back(stamp(sim, "child done"));
        co_await child; // again: at once
        co_await SimulatedProcess{};
        out.push_back(stamp(sim, "still"));
    };
    const SimulatedProcess process = parent(simulation, log);
    CHECK(simulation.run() == WaitOutcome::finished);
    CHECK(process.done());
    CHECK(log == Log{"3 child done", "3 still"});
}

TEST_CASE("all_of waits for the last, any_of for the first", "[simulation]") {
    Simulation simulation;
    Log log;
    Event early;
    Event late;
    simulation.at(Time{10ns}, [&] { early.trigger(); });
    simulation.at(Time{20ns}, [&] { late.trigger(); });

    auto all = [](Simulation& sim, Log& out, Event& one, Event& two, Duration alarm) -> SimulatedProcess {
        co_await all_of(one, two, sim.sleep(alarm), sleeping(sim, 1ns));
        out.push_back(stamp(sim, "all"));
    };
    auto any = [](Simulation& sim, Log& out, Event& one, Event& two, Duration alarm) -> SimulatedProcess {
        const std::size_t first = co_await any_of(one, two, sim.sleep(alarm), sim.sleep(alarm + 1ns));
        out.push_back(stamp(sim, "any " + std::to_string(first)));
    };
    SECTION("all: an event is last") {
        all(simulation, log, early, late, 15ns);
        simulation.run();
        CHECK(log == Log{"20 all"});
    }
    SECTION("all: the alarm is last") {
        all(simulation, log, late, early, 25ns);
        simulation.run();
        CHECK(log == Log{"25 all"});
    }
    SECTION("any: an event is first, and the others are forgotten") {
        any(simulation, log, late, early, 15ns);
        simulation.run();
        CHECK(log == Log{"10 any 1"});
        CHECK(simulation.now() == Time{20ns});
    }
    SECTION("any: the alarm is first") {
        any(simulation, log, late, early, 5ns);
        simulation.run();
        CHECK(log == Log{"5 any 2"});
    }
    SECTION("what has happened already is not waited for") {
        simulation.run_until(Time{10ns});
        any(simulation, log, late, early, 5ns);
        simulation.run_until(Time{12ns});
        CHECK(log == Log{"10 any 1"});
        simulation.run();
        all(simulation, log, late, early, 0ns);
        simulation.run();
        CHECK(log.back() == "21 all");
    }
    SECTION("two at one instant count once") {
        any(simulation, log, late, late, 30ns);
        simulation.run();
        CHECK(log == Log{"20 any 0"});
    }
}

TEST_CASE("An exception that leaves a process comes out of the run", "[simulation]") {
    Simulation simulation;
    Log log;
    const SimulatedProcess process = failing(simulation, 3ns);
    auto observer = [](Simulation& sim, Log& out, SimulatedProcess observed) -> SimulatedProcess {
        co_await observed;
        out.push_back(stamp(sim, "observed"));
    };
    observer(simulation, log, process);
    CHECK_THROWS_AS(simulation.run(), std::runtime_error);
    CHECK(simulation.now() == Time{3ns});
    CHECK(process.done());
    CHECK(simulation.run() == WaitOutcome::finished); // the others go on
    CHECK(log == Log{"3 observed"});

    SECTION("before the first wait, from a callback, and while others fail too") {
        auto at_once = [](Simulation&) -> SimulatedProcess {
            throw std::logic_error("at once");
            co_return;
        };
        at_once(simulation);
        simulation.after(0ns, [] { throw std::domain_error("in a callback"); });
        CHECK_THROWS_AS(simulation.run(), std::logic_error);
        CHECK_THROWS_AS(simulation.run(), std::domain_error);
        CHECK(simulation.run() == WaitOutcome::finished);
    }
    SECTION("what a process awaits wrongly, it can catch") {
        auto backwards = [](Simulation& sim, Log& out) -> SimulatedProcess {
            try {
                co_await sim.sleep(-1ns);
            } catch (const ScheduledInPast&) {
                out.push_back("past");
            }
            try {
                co_await sim.sleep(Duration::max());
            } catch (const TimeOverflow&) {
                out.push_back("overflow");
            }
        };
        backwards(simulation, log);
        CHECK(simulation.run() == WaitOutcome::finished);
        CHECK(log == Log{"3 observed", "past", "overflow"});
    }
}

TEST_CASE("A process can be cancelled, whatever it waits for", "[simulation]") {
    Simulation simulation;
    Log log;
    Event event;
    const SimulatedProcess sleeper = sleeping(simulation, 10ns);
    const SimulatedProcess waiter = waiting(simulation, log, "never", event);
    const SimulatedProcess callback = simulation.at(Time{5ns}, [&] { log.push_back("never"); });
    auto observer = [](Simulation& sim, Log& out, SimulatedProcess observed) -> SimulatedProcess {
        co_await observed;
        out.push_back(stamp(sim, "gone"));
    };
    observer(simulation, log, sleeper);
    simulation.run_until(Time{2ns});

    CHECK(sleeper.done() == false);
    for (SimulatedProcess process : {sleeper, waiter, callback}) {
        CHECK(process.cancel());
        CHECK_FALSE(process.cancel());
        CHECK(process.done());
    }
    event.trigger();
    CHECK(simulation.run() == WaitOutcome::finished);
    CHECK(simulation.now() == Time{2ns});
    CHECK(log == Log{"2 gone"});

    SECTION("but not by itself") {
        SimulatedProcess self;
        auto suicidal = [](Simulation& sim, SimulatedProcess& me) -> SimulatedProcess {
            co_await sim.sleep(1ns);
            me.cancel();
        };
        self = suicidal(simulation, self);
        CHECK_THROWS_AS(simulation.run(), std::logic_error);
    }
    SECTION("and its handle does not name whoever has its place now") {
        const SimulatedProcess next = sleeping(simulation, 1ns);
        CHECK(sleeper.done());
        CHECK_FALSE(next.done());
        CHECK(next != sleeper);
    }
}

TEST_CASE("A simulation takes its processes with it", "[simulation]") {
    const auto token = std::make_shared<int>(0);
    auto holder = [](Simulation& sim, std::shared_ptr<int>, Event* event) -> SimulatedProcess {
        if (event != nullptr) co_await any_of(*event, sim.sleep(1s));
        co_await sim.sleep(1s);
    };
    SECTION("sleeping, waiting, or never started") {
        SimulatedProcess outlives;
        {
            Event event;
            Simulation simulation;
            holder(simulation, token, nullptr);
            holder(simulation, token, &event);
            simulation.run_until(Time{1ns});
            outlives = holder(simulation, token, nullptr);
            CHECK(token.use_count() == 4);
        }
        CHECK(token.use_count() == 1);
    }
    SECTION("an event may go before those who wait for it") {
        Simulation simulation;
        {
            Event event;
            auto forsaken = [](Simulation&, std::shared_ptr<int>, Event& awaited) -> SimulatedProcess {
                co_await awaited;
            };
            forsaken(simulation, token, event);
            CHECK(simulation.run() == WaitOutcome::deadlocked);
        }
        CHECK(simulation.run() == WaitOutcome::deadlocked);
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
}

TEST_CASE("A simulation does not run inside itself", "[simulation]") {
    Simulation simulation;
    simulation.after(1ns, [&] { simulation.run(); });
    CHECK_THROWS_AS(simulation.run(), std::logic_error);
}

TEST_CASE("Member functions and objects can be processes", "[simulation]") {
    struct Shop {
        int sold = 0;
        SimulatedProcess open(Simulation& simulation, int customers) {
            for (; sold < customers; ++sold) co_await simulation.sleep(1min);
        }
    } shop;
    Simulation simulation;
    shop.open(simulation, 3);
    CHECK(simulation.run() == WaitOutcome::finished);
    CHECK(shop.sold == 3);
    CHECK(simulation.now() == Time{3min});
}

TEST_CASE("A shuffled simulation resumes simultaneous processes in another order", "[simulation]") {
    const auto order = [](EventOrder chosen) {
        Simulation simulation(chosen);
        Log log;
        for (const char* name : {"a", "b", "c", "d", "e", "f"}) ticking(simulation, log, name, 1ns);
        simulation.run_until(Time{3ns});
        return log;
    };
    CHECK(order({}) == order({}));
    CHECK(order({.shuffle_seed = 1}) == order({.shuffle_seed = 1}));
    CHECK(order({.shuffle_seed = 1}) != order({}));
    CHECK(order({.shuffle_seed = 1}) != order({.shuffle_seed = 2}));
}
