#include "sim/memory/translation/parameters.hpp"

#include "models/units/text.hpp"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace switchyard::sim {

namespace {

constexpr std::array<std::string_view, 4> names{"l1", "l1_instruction", "l2", "identifiers"};

std::optional<std::uint32_t> number_in(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

TranslationCacheShape shape_in(const PolicyParameter& parameter) {
    const std::string_view text = parameter.text;
    const std::size_t cross = text.find('x');
    const auto sets = number_in(text.substr(0, cross));
    const auto ways = cross == std::string_view::npos ? std::nullopt : number_in(text.substr(cross + 1));
    if (!sets || !ways)
        throw InputError(fmt::format("tlb: '{}' is no shape for {}: write SETSxWAYS, as in 16x4", text, parameter.name),
                         parameter.where);
    return {*sets, *ways};
}

} // namespace

TranslationDescription translation_of(std::span<const PolicyParameter> parameters, unsigned levels) {
    TranslationDescription description = usual_translation();
    description.page_table = radix_levels(levels);
    const auto of_small_pages = [](std::vector<TlbArray>& arrays, TranslationCacheShape shape) {
        for (TlbArray& array : arrays)
            for (const PageSize size : array.sizes)
                if (size == PageSize::small) array.shape = shape;
    };
    for (const PolicyParameter& parameter : parameters) {
        if (parameter.name == "l1") {
            of_small_pages(description.first_level_data, shape_in(parameter));
        } else if (parameter.name == "l1_instruction") {
            of_small_pages(description.first_level_instruction, shape_in(parameter));
        } else if (parameter.name == "l2") {
            of_small_pages(description.second_level, shape_in(parameter));
        } else if (parameter.name == "identifiers") {
            const auto count = number_in(parameter.text);
            if (!count)
                throw InputError(fmt::format("tlb: '{}' is no number of identifiers", parameter.text), parameter.where);
            description.identifiers = *count;
        } else {
            throw InputError(
                fmt::format("tlb: unknown parameter '{}'{}", parameter.name,
                            suggestion(parameter.name, std::vector<std::string_view>(names.begin(), names.end()))),
                parameter.where);
        }
    }
    try {
        (void)TranslationHardware(description);
    } catch (const InputError& error) {
        throw InputError("tlb: " + error.message(), parameters.empty() ? SourceLocation{} : parameters.front().where);
    }
    return description;
}

} // namespace switchyard::sim
