#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "sim/sched/registry.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <fmt/format.h>
#include <vector>

namespace switchyard::sim {

std::string_view name_of(ParameterType type) {
    static constexpr std::array<std::string_view, 7> names{"time",      "times", "count", "share",
                                                           "yes or no", "word",  "size"};
    return names[static_cast<std::size_t>(type)];
}

namespace {

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" ,"), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

} // namespace

Parameters::Parameters(const Scheduler& given, const SchedulerDescription& description, const KernelParameters* kernel)
    : given_(given), description_(description), kernel_(description.takes_kernel_parameters ? kernel : nullptr) {
    std::vector<std::string_view> known;
    for (const auto& parameter : description.parameters) known.push_back(parameter.name);
    for (const PolicyParameter& one : given.parameters) {
        if (std::ranges::find(known, one.name) == known.end())
            throw InputError(fmt::format("policy '{}' has no parameter '{}'{}; it has: {}", description.name, one.name,
                                         suggestion(one.name, known),
                                         known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))),
                             one.where);
        if (std::ranges::count(given.parameters, one.name, &PolicyParameter::name) > 1)
            throw InputError(fmt::format("parameter '{}' is given twice", one.name), one.where);
    }
    for (const ParameterDescription& wanted : description.parameters) static_cast<void>(text_of(wanted.name));
}

const ParameterDescription& Parameters::description_of(std::string_view name) const {
    const auto found = std::ranges::find(description_.parameters, name, &ParameterDescription::name);
    assert(found != description_.parameters.end());
    return *found;
}

PolicyParameter Parameters::text_of(std::string_view name) const {
    const ParameterDescription& description = description_of(name);
    const auto given = std::ranges::find(given_.parameters, name, &PolicyParameter::name);
    if (given != given_.parameters.end()) return *given;
    if (kernel_ != nullptr)
        if (const KernelParameter* const found = find_parameter(*kernel_, name))
            return {std::string(name), found->value, given_.where};
    if (description.default_value.empty())
        throw InputError(fmt::format("policy '{}' needs '{}': {}", description_.name, name, description.about),
                         given_.where);
    return {std::string(name), std::string(description.default_value), given_.where};
}

bool Parameters::is_given(std::string_view name) const {
    return std::ranges::find(given_.parameters, name, &PolicyParameter::name) != given_.parameters.end();
}

void Parameters::refuse(std::string_view name, const std::string& message) const {
    throw InputError(fmt::format("{}: {}", name, message), text_of(name).where);
}

static Duration read_time(const PolicyParameter& parameter, std::string_view text) {
    try {
        return parse_duration(text);
    } catch (const InputError& error) {
        throw error.at(parameter.where);
    }
}

Duration Parameters::time(std::string_view name) const {
    const PolicyParameter parameter = text_of(name);
    const Duration value = read_time(parameter, parameter.text);
    if (value < Duration::zero()) refuse(name, "a time cannot be negative");
    return value;
}

Duration Parameters::positive_time(std::string_view name) const {
    const Duration value = time(name);
    if (value <= Duration::zero()) refuse(name, fmt::format("a {} must be longer than nothing", name));
    return value;
}

std::vector<Duration> Parameters::times(std::string_view name) const {
    const PolicyParameter parameter = text_of(name);
    std::vector<Duration> values;
    for (const std::string_view word : words_of(parameter.text)) {
        values.push_back(read_time(parameter, word));
        if (values.back() <= Duration::zero()) refuse(name, "each must be longer than nothing");
    }
    if (values.empty()) refuse(name, "write one or more times, \"10ms 20ms\"");
    return values;
}

Bytes Parameters::size(std::string_view name) const {
    const PolicyParameter parameter = text_of(name);
    try {
        return parse_size(parameter.text);
    } catch (const InputError& error) {
        throw error.at(parameter.where);
    }
}

std::int64_t Parameters::count(std::string_view name, std::int64_t least, std::int64_t most) const {
    const std::vector<std::int64_t> values = counts(name, least, most);
    if (values.size() != 1) refuse(name, "write one number");
    return values.front();
}

std::vector<std::int64_t> Parameters::counts(std::string_view name, std::int64_t least, std::int64_t most) const {
    const PolicyParameter parameter = text_of(name);
    std::vector<std::int64_t> values;
    for (const std::string_view word : words_of(parameter.text)) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (error != std::errc{} || end != word.data() + word.size() || value < least || value > most)
            refuse(name, fmt::format("'{}' is not a number from {} to {}", word, least, most));
        values.push_back(value);
    }
    if (values.empty()) refuse(name, "write a number");
    return values;
}

bool Parameters::flag(std::string_view name) const {
    const PolicyParameter parameter = text_of(name);
    for (const std::string_view yes : {"yes", "true", "on"})
        if (parameter.text == yes) return true;
    for (const std::string_view no : {"no", "false", "off"})
        if (parameter.text == no) return false;
    refuse(name, fmt::format("'{}' is neither yes nor no", parameter.text));
}

std::size_t Parameters::word(std::string_view name) const {
    const PolicyParameter parameter = text_of(name);
    const std::vector<std::string_view> words = words_of(description_of(name).words);
    const auto found = std::ranges::find(words, parameter.text);
    if (found == words.end())
        refuse(name, fmt::format("there is no '{}'{}: write one of {}", parameter.text,
                                 suggestion(parameter.text, words), fmt::join(words, ", ")));
    return static_cast<std::size_t>(found - words.begin());
}

} // namespace switchyard::sim
