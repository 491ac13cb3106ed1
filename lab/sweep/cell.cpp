#include "formats/json/profile_json.hpp"
#include "lab/profiles.hpp"
#include "lab/sweep/plan_implementation.hpp"
#include "models/random/philox.hpp"
#include "models/sweep/values.hpp"

#include <algorithm>
#include <filesystem>

namespace switchyard::lab {

namespace {

std::vector<ChosenValue> chosen_at(const Sweep& sweep, const std::vector<double>& position) {
    std::vector<ChosenValue> values(sweep.parameters.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const SweepParameter& parameter = sweep.parameters[i];
        const auto size = parameter.values.size();
        if (parameter.range)
            values[i].drawn = value_at(parameter, position[i]);
        else
            values[i].index = std::min(static_cast<std::size_t>(position[i] * static_cast<double>(size)), size - 1);
    }
    return values;
}

// A number needs no YAML parser.
formats::PreparedChange drawn_change(const SweepPlan::Implementation& plan, std::size_t parameter,
                                     const SweepValue& value) {
    const SourceLocation& where = plan.sweep().parameters[parameter].where;
    formats::Node node{.mark = {where.line, where.column},
                       .file = std::make_shared<const std::string>(where.file),
                       .text = value.text};
    return {plan.parameters[parameter].path, std::move(node), where};
}

std::uint64_t number_at(const PointIdentity& digest, std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = number << 8U | digest[at + i];
    return number;
}

} // namespace

std::vector<ChosenValue> choose_values(const SweepPlan::Implementation& plan, std::uint64_t cell) {
    const Sweep& sweep = plan.sweep();
    const std::size_t parameters = sweep.parameters.size();
    std::vector<ChosenValue> values(parameters);
    switch (sweep.design) {
    case SweepDesign::grid: {
        const std::vector<std::uint64_t> indices = grid_indices(sweep, cell);
        for (std::size_t i = 0; i < parameters; ++i) values[i].index = indices[i];
        return values;
    }
    case SweepDesign::paired:
        for (ChosenValue& value : values) value.index = cell;
        return values;
    case SweepDesign::latin_hypercube:
        return chosen_at(sweep, latin_hypercube(sweep.seed, sweep.samples, cell, parameters));
    case SweepDesign::saltelli:
        return parameters == 0 ? values : chosen_at(sweep, saltelli_position(*plan.sobol, cell, parameters));
    case SweepDesign::sobol: break;
    }
    return parameters == 0 ? values : chosen_at(sweep, plan.sobol->point(cell));
}

std::vector<ChosenValue> choose_values(const SweepPlan& plan, std::uint64_t cell) {
    if (plan.chosen_cells()) return chosen_at(plan.sweep(), plan.chosen_cells()->at(cell));
    return choose_values(plan.implementation(), cell);
}

void resolve_cell(const SweepPlan::Implementation& plan, const formats::Node& base,
                  const std::vector<ChosenValue>& values, ResolvedCell& cell) {
    const Sweep& sweep = plan.sweep();
    cell.tree = base;
    cell.error.clear();
    cell.profile = sweep.profile;
    cell.factors.fill(1);
    cell.seed.reset();
    try {
        for (std::size_t i = 0; i < values.size(); ++i) {
            const SweepParameter& parameter = sweep.parameters[i];
            const SweepValue& value = values[i].of(parameter);
            switch (parameter.target) {
            case ParameterTarget::path:
            case ParameterTarget::alternative:
                if (values[i].drawn)
                    formats::set(cell.tree, drawn_change(plan, i, value));
                else
                    for (const formats::PreparedChange& change : plan.parameters[i].changes[values[i].index])
                        formats::set(cell.tree, change);
                break;
            case ParameterTarget::law:
                for (const Cost cost : plan.parameters[i].laws)
                    cell.factors[static_cast<std::size_t>(cost)] *= *value.number;
                break;
            case ParameterTarget::profile: cell.profile = value.text; break;
            case ParameterTarget::seed: cell.seed = static_cast<std::uint64_t>(*value.number); break;
            }
        }
    } catch (const InputError& error) {
        cell.error = error.message();
        cell.error_where = error.where();
    }
}

std::string profile_name(const ResolvedCell& cell) {
    if (cell.profile) return *cell.profile;
    const formats::Node* machine = cell.tree.find("machine");
    const formats::Node* profile = machine ? machine->find("profile") : nullptr;
    return profile && !profile->text.empty() ? profile->text : "reference";
}

KnownProfile known_profile(const CostProfile& profile) {
    KnownProfile known{without_origins(profile), {}};
    CostProfile nameless = known.profile;
    nameless.name.clear();
    Hash hash;
    hash.add(std::string_view(formats::profile_to_json(nameless)));
    known.digest = hash.digest();
    return known;
}

KnownProfile read_profile_of(const SweepPlan::Implementation& plan, const ResolvedCell& cell) {
    const std::string& file = cell.profile ? plan.sweep().file : plan.file.base_file;
    return known_profile(
        find_profile(profile_name(cell), std::filesystem::path(file).parent_path(), SourceLocation{file, 0, 0}));
}

std::uint64_t seed_of(const Sweep& sweep, std::uint32_t replication, const PointIdentity& configuration) {
    constexpr std::uint32_t common = 3; // 1 and 2 are the Latin hypercube's (models/sweep/design.cpp)
    constexpr std::uint32_t independent = 4;
    PhiloxCounter counter{replication, 0, 0, common};
    std::uint64_t seed = sweep.seed;
    if (!sweep.common_random_numbers) {
        const std::uint64_t first = number_at(configuration, 0);
        counter = {replication, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first >> 32U),
                   independent};
        seed ^= number_at(configuration, 8);
    }
    const PhiloxCounter words =
        philox4x32(counter, {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
    return std::uint64_t{words[1]} << 32U | words[0];
}

} // namespace switchyard::lab
