// switchyard policies, switchyard life-cycle: what the simulator knows, printed.
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "sim/kernel/life_cycle.hpp"
#include "sim/sched/registry.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::cli {

// Of a word those there are, otherwise the type.
static std::string type_of(const sim::ParameterDescription& parameter) {
    if (parameter.words.empty()) return std::string(name_of(parameter.type));
    std::string words(parameter.words);
    std::ranges::replace(words, ' ', '|');
    return words;
}

std::function<int()> add_policies(CLI::App&, std::stop_token) {
    return [] {
        Table table({{"policy", Align::left},
                     {"parameter", Align::left},
                     {"type", Align::left},
                     {"default", Align::left},
                     {"what", Align::left}});
        for (const sim::SchedulerDescription& policy : sim::schedulers()) {
            table.add({{std::string(policy.name), Colour::bold}, {}, {}, {}, {std::string(policy.about)}});
            for (const auto& parameter : policy.parameters)
                table.add({{},
                           {std::string(parameter.name)},
                           {type_of(parameter)},
                           {std::string(parameter.default_value)},
                           {std::string(parameter.about)}});
        }
        fmt::print("{}", table.text(wants_colour()));
        return succeeded;
    };
}

std::function<int()> add_life_cycle(CLI::App&, std::stop_token) {
    return [] {
        fmt::print("{}", sim::life_cycle_graph());
        return succeeded;
    };
}

} // namespace switchyard::cli
