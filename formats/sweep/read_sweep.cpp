#include "formats/sweep/read_sweep.hpp"

#include "formats/files.hpp"
#include "formats/scenario/check.hpp"
#include "formats/scenario/read_scenario.hpp"
#include "formats/scenario/values.hpp"
#include "formats/sweep/keys.hpp"
#include "formats/sweep/parameters.hpp"
#include "formats/yaml/read_yaml.hpp"
#include "models/sweep/design.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <set>

namespace switchyard::formats {

namespace {

constexpr std::int64_t most_replications = 1'000'000;

SweepDesign read_design(const Node& tree) {
    constexpr std::array<std::string_view, 4> words{"grid", "paired", "latin_hypercube", "sobol"};
    const Node* design = tree.find("design");
    return design ? static_cast<SweepDesign>(read_word(*design, "design", words)) : SweepDesign::grid;
}

bool is_drawn(SweepDesign design) { return design == SweepDesign::latin_hypercube || design == SweepDesign::sobol; }

void read_samples(const Node& tree, Sweep& sweep) {
    const Node* samples = tree.find("samples");
    if (!is_drawn(sweep.design)) {
        if (samples) throw InputError("'samples' belongs to design latin_hypercube or sobol", samples->key_location());
        return;
    }
    if (!samples)
        throw InputError("this design draws its cells: say how many with 'samples'", tree.find("design")->location());
    const std::uint64_t most = sweep.design == SweepDesign::sobol ? most_sobol_samples : most_cells;
    sweep.samples = static_cast<std::uint64_t>(read_integer(*samples, 1, static_cast<std::int64_t>(most)));
}

double read_part(const Node& node) {
    const double part = read_share(node);
    if (part <= 0 || part >= 1)
        throw InputError(fmt::format("'{}' is more than 0% and less than 100%", node.key), node.location());
    return part;
}

Replications read_replications(const Node& node) {
    Replications replications;
    if (node.is_scalar()) {
        replications.at_least = replications.at_most =
            static_cast<std::uint32_t>(read_integer(node, 1, most_replications));
        return replications;
    }
    replications.at_most = static_cast<std::uint32_t>(read_integer(*node.find("at_most"), 2, most_replications));
    const Node* at_least = node.find("at_least");
    replications.at_least =
        at_least ? static_cast<std::uint32_t>(read_integer(*at_least, 2, std::int64_t{replications.at_most}))
                 : std::min(3U, replications.at_most);
    const Node& until = *node.find("until");
    StoppingRule rule;
    rule.metric = until.find("metric")->text;
    rule.where = until.find("metric")->location();
    rule.within = read_part(*until.find("within"));
    if (const Node* confidence = until.find("confidence")) rule.confidence = read_part(*confidence);
    replications.until = std::move(rule);
    return replications;
}

std::vector<SweepMetric> read_metrics(const Node& node) {
    std::vector<SweepMetric> metrics;
    for (const Node& child : node.children)
        metrics.push_back({node.is_map() ? child.key : child.text, child.text, child.location()});
    if (metrics.empty()) throw InputError("a sweep keeps something: 'metrics' is empty", node.location());
    return metrics;
}

std::string in_lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

// Each is a column of the results, whose names do not tell upper from lower case.
void check_names(const Sweep& sweep) {
    std::set<std::string> names(std::begin(other_columns), std::end(other_columns));
    const auto add = [&](const std::string& name, const SourceLocation& where, std::string_view how) {
        if (!names.insert(in_lower_case(name)).second)
            throw InputError(fmt::format("results have a column '{}' already: {}", name, how), where);
    };
    for (const SweepParameter& parameter : sweep.parameters)
        add(parameter.name, parameter.where,
            parameter.target == ParameterTarget::seed ? "call it 'seeds'"
                                                      : "give the parameter another name, and its place as 'path'");
    for (const SweepMetric& metric : sweep.metrics)
        add(metric.name, metric.where, "give the metric another name (metrics: {name: expression})");
}

PointBudget read_budget(const Node& node) {
    PointBudget budget;
    if (const Node* events = node.find("events"))
        budget.events = static_cast<std::uint64_t>(read_integer(*events, 1, std::numeric_limits<std::int64_t>::max()));
    if (const Node* time = node.find("time")) {
        budget.seconds = seconds(read_time(*time));
        if (*budget.seconds <= 0) throw InputError("a budget is more than nothing", time->location());
    }
    return budget;
}

void check_seeds(const Sweep& sweep) {
    const auto seeds = std::ranges::find(sweep.parameters, ParameterTarget::seed, &SweepParameter::target);
    if (seeds != sweep.parameters.end() && sweep.replications.at_most > 1)
        throw InputError(
            fmt::format("'{}' says every run's seed: there is nothing for replications to vary", seeds->name),
            seeds->where);
}

Sweep sweep_of(const Node& tree, const std::string& file_name) {
    Sweep sweep;
    sweep.file = file_name;
    sweep.name = std::filesystem::path(file_name).stem().string();
    if (const Node* name = tree.find("name")) sweep.name = name->text;
    if (const Node* about = tree.find("about")) sweep.about = about->text;
    if (const Node* profile = tree.find("profile")) sweep.profile = profile->text;
    sweep.design = read_design(tree);
    read_samples(tree, sweep);
    if (const Node* parameters = tree.find("parameters"))
        for (const Node& parameter : parameters->children)
            sweep.parameters.push_back(read_parameter(parameter, is_drawn(sweep.design)));
    if (const Node* replications = tree.find("replications")) sweep.replications = read_replications(*replications);
    if (const Node* seed = tree.find("seed")) sweep.seed = read_unsigned(*seed);
    if (const Node* numbers = tree.find("random_numbers")) {
        constexpr std::array<std::string_view, 2> words{"common", "independent"};
        sweep.common_random_numbers = read_word(*numbers, "way to draw seeds", words) == 0;
    }
    sweep.metrics = read_metrics(*tree.find("metrics"));
    if (const Node* budget = tree.find("budget")) sweep.budget = read_budget(*budget);
    check_names(sweep);
    check_seeds(sweep);
    static_cast<void>(count_cells(sweep));
    return sweep;
}

// The base scenario, from a file of its own or the sweep's.
void read_base(const Node& node, SweepFile& file) {
    if (node.is_map()) {
        file.base_file = file.sweep.file;
        file.base = scenario_tree(node, file.base_file);
        file.base.key.clear();
        return;
    }
    const std::filesystem::path path =
        (std::filesystem::path(file.sweep.file).parent_path() / node.text).lexically_normal();
    file.sweep.scenario = file.base_file = path.string();
    std::string text = placed(node.location(), [&] {
        try {
            return read_file(file.base_file, YamlLimits{}.bytes);
        } catch (const InputError& error) {
            throw InputError(fmt::format("cannot read the scenario {}: {}", shown(node.text), error.message()));
        }
    });
    file.base = scenario_tree(read_yaml(std::move(text), file.base_file), file.base_file);
}

} // namespace

SweepFile parse_sweep(std::string text, const std::string& file_name) {
    SweepFile file;
    file.text = text;
    const Node tree = read_yaml(std::move(text), file_name);
    if (tree.is_empty()) throw InputError("there is nothing in it: a sweep needs 'scenario'", {file_name, 0, 0});
    check_form(tree, sweep_map);
    file.sweep = sweep_of(tree, file_name);
    read_base(*tree.find("scenario"), file);
    return file;
}

SweepFile read_sweep(const std::string& path) {
    return parse_sweep(read_file(path, YamlLimits{}.bytes), shown_name(path));
}

} // namespace switchyard::formats
