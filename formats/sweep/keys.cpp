#include "formats/sweep/keys.hpp"

#include <array>

namespace switchyard::formats {

namespace {

using enum ValueType;

constexpr MapDescription choices_map{
    .name = "'choices'",
    .about = "whole alternatives by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", texts, "the changes it consists of, as of --set: [server.model=event-loop]"},
};
constexpr std::array parameter_keys{
    KeyDescription{"path", text, "the place in the scenario, as of --set; by default the parameter's name"},
    KeyDescription{"scale", text,
                   "a law of the profile that is multiplied instead: switch.context, or all of switch.*"},
    KeyDescription{"values", figures, "the values it has"},
    KeyDescription{"range", figures, "from where to where, in equal steps"},
    KeyDescription{"log", figures, "from where to where, in equal ratios"},
    KeyDescription{"step", figure, "of a range: from one value to the next"},
    KeyDescription{"points", integer, "of a range or log: how many values, both ends among them"},
    KeyDescription{"from", text, "a file below the sweep's folder with the values: a JSON list, or a value a line"},
    KeyDescription{"choices", map, "whole alternatives by name", false, &choices_map},
};
constexpr MapDescription parameter_map{.name = "a parameter", .about = "what is varied", .keys = parameter_keys};
constexpr MapDescription parameters_map{
    .name = "'parameters'",
    .about = "what is varied, by path or by a name of its own",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", values_or_map, "its values, or how they come about", false, &parameter_map},
};
constexpr std::array until_keys{
    KeyDescription{"metric", text, "one of the sweep's, whose interval is looked at", true},
    KeyDescription{"within", share, "how much of the mean half the interval's width may be", true},
    KeyDescription{"confidence", share, "of the interval: 95% by default"},
};
constexpr MapDescription until_map{.name = "'until'", .about = "when there are enough", .keys = until_keys};
constexpr std::array replications_keys{
    KeyDescription{"at_least", integer, "how many every cell has: 3 by default"},
    KeyDescription{"at_most", integer, "how many no cell has more of", true},
    KeyDescription{"until", map, "when there are enough", true, &until_map},
};
constexpr MapDescription replications_map{
    .name = "'replications'", .about = "runs of each cell under seeds of their own", .keys = replications_keys};
constexpr std::array budget_keys{
    KeyDescription{"events", integer, "simulated: the same on every machine"},
    KeyDescription{"time", time, "of the computer that simulates"},
};
constexpr MapDescription budget_map{
    .name = "'budget'", .about = "how much a point may take before it is given up", .keys = budget_keys};
constexpr MapDescription metrics_map{
    .name = "'metrics'",
    .about = "what is kept of every point, by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", text, "a figure of the report, or an expression over several"},
};
constexpr std::array sweep_keys{
    KeyDescription{"name", text, "by default the file's name"},
    KeyDescription{"about", text, "the question it asks"},
    KeyDescription{"scenario", name_or_map, "the base: a file relative to this one, or written here", true},
    KeyDescription{"profile", text, "the cost profile; by default the scenario's, else reference"},
    KeyDescription{"parameters", map, "what is varied", false, &parameters_map},
    KeyDescription{"design", text, "grid (by default), paired, latin_hypercube or sobol"},
    KeyDescription{"samples", integer, "of latin_hypercube and sobol: how many cells"},
    KeyDescription{"replications", integer_or_map, "runs of each cell under seeds of their own: 1 by default", false,
                   &replications_map},
    KeyDescription{"random_numbers", text, "common (by default): the same seeds in every cell; or independent"},
    KeyDescription{"seed", integer, "from which all seeds are drawn: 1 by default"},
    KeyDescription{"metrics", values_or_map,
                   "what is kept of every point: a list of figures, or a map name: expression", true, &metrics_map},
    KeyDescription{"budget", map, "how much a point may take", false, &budget_map},
};

} // namespace

constexpr MapDescription sweep_map{.name = "a sweep", .about = "a whole file", .keys = sweep_keys};

} // namespace switchyard::formats
