#include "cli/profile_text.hpp"

#include "cli/table.hpp"
#include "models/units/text.hpp"

#include <cmath>
#include <fmt/format.h>

namespace switchyard::cli {

std::string cost_text(double value, CostUnit unit) {
    if (unit == CostUnit::bytes) return text_of(Bytes{std::llround(value)});
    return rounded_text(Duration{std::llround(value)});
}

namespace {

std::string law_text(const Law& law, CostUnit unit) {
    if (law.kind == Law::Kind::table)
        return fmt::format("a table over {}, {} points", name_of(law.over), law.points.size());
    std::string text = cost_text(from_fixed_point(law.base), unit);
    for (const Law::Term& term : law.terms)
        text += fmt::format(" + {} x {}", cost_text(from_fixed_point(term.coefficient), unit), name_of(term.quantity));
    return text;
}

} // namespace

std::string profile_text(const CostProfile& profile, bool coloured) {
    std::string text = paint(profile.name, Colour::bold, coloured);
    const ProfileOrigin& origin = profile.origin;
    text += fmt::format("  ({}, {} CPUs, {}, {} Hz, {}, foreign load {:.1f} %)\n\n", origin.cpu, origin.cpus,
                        origin.kernel, profile.hz, origin.date, 100 * origin.foreign_load);
    Table table({{"cost", Align::left},
                 {"law", Align::left},
                 {"95 % interval", Align::left},
                 {"samples"},
                 {"what", Align::left}});
    for (int i = 0; i < costs; ++i) {
        const auto& law = profile[static_cast<Cost>(i)];
        if (!law) continue;
        const CostDescription& description = describe(static_cast<Cost>(i));
        table.add({{std::string(description.name)},
                   {law_text(*law, description.unit)},
                   {law->interval ? fmt::format("{} .. {}", cost_text(law->interval->low, description.unit),
                                                cost_text(law->interval->high, description.unit))
                                  : ""},
                   {law->origin.samples > 0 ? std::to_string(law->origin.samples) : ""},
                   {std::string(description.about)}});
    }
    text += table.text(coloured);
    for (const std::string& warning : profile.warnings)
        text += paint("warning: " + warning, Colour::yellow, coloured) + '\n';
    return text;
}

} // namespace switchyard::cli
