// OSTEP, "The Abstraction: The Process" (cpu-intro/process-run.py): processes that compute and wait for I/O.
#include "tests/oracles/machine.hpp"
#include "tests/oracles/oracle.hpp"

#include <catch2/catch_test_macros.hpp>
#include <charconv>
#include <fmt/format.h>

using namespace switchyard;
using namespace switchyard::oracles;

namespace {

struct Instructions {
    std::vector<std::string> labels; // by operation: what a process is called that executes it
    std::vector<int> amounts;        // ticks of computation; 0: wait for the I/O
};

// "c3,i,c2"
Instructions instructions_of(const std::string& text) {
    Instructions found;
    const auto add = [&](const char* label, int amount) {
        found.labels.emplace_back(label);
        found.amounts.push_back(amount);
    };
    for (std::size_t at = 0; at < text.size(); at = std::min(text.find(',', at), text.size() - 1) + 1) {
        if (text[at] == 'c') {
            int amount = 0;
            std::from_chars(text.data() + at + 1, text.data() + text.size(), amount);
            add("RUN:cpu", amount);
        } else {
            add("RUN:io", 1);
            add("BLOCKED", 0);
            add("RUN:io_done", 1);
        }
    }
    return found;
}

Json play(const Json& input) {
    const bool on_end = input.at("switch") == "SWITCH_ON_END";
    const bool at_once = input.at("io_done") == "IO_RUN_IMMEDIATE";
    ScenarioBuilder builder("process-run.py");
    builder.scheduler("multiprogramming",
                      {{"switch_on", on_end ? "end" : "wait"}, {"woken", at_once ? "at_once" : "later"}});
    std::vector<Instructions> programs;
    for (const Json& text : input.at("programs")) {
        programs.push_back(instructions_of(text));
        builder.task(fmt::format("{}", programs.size()), TaskKind::process, [&](ProgramBuilder& program) {
            for (const int amount : programs.back().amounts) {
                if (amount > 0)
                    program.compute(tick * amount);
                else
                    program.sleep(ticks(input.at("io_length")));
            }
        });
    }

    TextbookMachine machine(builder);
    Json trace = Json::array();
    int busy = 0;
    int with_io = 0;
    std::size_t seen = 0; // of the kernel's trace
    for (std::int64_t t = 0;; ++t) {
        machine.run_to(at_tick(t));
        if (machine.is_over()) break;
        bool completed = false;
        for (; seen < machine.trace().events.size(); ++seen)
            completed |= machine.trace().events[seen].kind == EventKind::ready && t > 0;
        Json states = Json::array();
        int in_flight = 0;
        for (TaskId id = 0; id < programs.size(); ++id) {
            const sim::Task& task = machine.kernel().tasks[id];
            switch (task.state) {
            case sim::State::running: states.push_back(programs[id].labels.at(task.counter)); break;
            case sim::State::blocked: states.push_back("BLOCKED"), ++in_flight; break;
            case sim::State::terminated: states.push_back("DONE"); break;
            default: states.push_back("READY"); break;
            }
        }
        const bool is_busy = machine.running() != no_task;
        busy += is_busy;
        with_io += in_flight > 0;
        trace.push_back({{"t", t + 1},
                         {"io_completed_now", completed},
                         {"state", std::move(states)},
                         {"cpu_busy", is_busy},
                         {"ios_in_flight", in_flight}});
    }
    return {{"stats", {{"total_time", trace.size()}, {"cpu_busy", busy}, {"io_busy", with_io}}}, {"trace", trace}};
}

} // namespace

TEST_CASE("OSTEP's process-run.py: multiprogramming") {
    check_played("ostep process-run", read_cases("scheduling/ostep", "process-run-"), play);
}
