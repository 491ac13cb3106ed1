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

// "1.2 %": the largest of a law's errors; nothing where it was not judged so.
std::string error_text(const FitQuality& quality) {
    return quality.points == 0 ? "" : fmt::format("{:.1f} %", 100 * quality.largest_error);
}

std::string interval_text(const Interval& interval, CostUnit unit) {
    return fmt::format("{} .. {}", cost_text(interval.low, unit), cost_text(interval.high, unit));
}

} // namespace

std::string origin_text(const CostProfile& profile, bool coloured) {
    const ProfileOrigin& origin = profile.origin;
    std::string text = paint(profile.name, Colour::bold, coloured);
    if (origin.date.empty()) return text + fmt::format("  ({})\n", origin.tool);
    text += fmt::format("  ({}, {} CPUs, {}, {} Hz, {}, foreign load {:.1f} %", origin.cpu, origin.cpus, origin.kernel,
                        profile.hz, origin.date, 100 * origin.foreign_load);
    if (origin.highest_foreign_load > 0)
        text += fmt::format(", {:.1f} % in the worst round", 100 * origin.highest_foreign_load);
    if (origin.measured_again > 0) text += fmt::format(", {} probes run again", origin.measured_again);
    return text + ")\n";
}

std::string profile_text(const CostProfile& profile, bool coloured) {
    std::string text = origin_text(profile, coloured) + "\n";
    Table table({{"cost", Align::left},
                 {"law", Align::left},
                 {"95 % interval", Align::left},
                 {"samples"},
                 {"error"},
                 {"held out"},
                 {"what", Align::left}});
    for (int i = 0; i < costs; ++i) {
        const auto& law = profile[static_cast<Cost>(i)];
        if (!law) continue;
        const CostDescription& description = describe(static_cast<Cost>(i));
        table.add({{std::string(description.name)},
                   {law_text(*law, description.unit)},
                   {law->interval ? interval_text(*law->interval, description.unit) : ""},
                   {law->origin.samples > 0 ? std::to_string(law->origin.samples) : ""},
                   {error_text(quality_of_fit(law->origin))},
                   {error_text(quality_of_fit(law->origin, true))},
                   {std::string(description.about)}});
    }
    text += table.text(coloured);
    if (!profile.kernel.empty()) {
        Table kernel({{"kernel parameter", Align::left}, {"value", Align::left}, {"from", Align::left}});
        for (const KernelParameter& parameter : profile.kernel)
            kernel.add({{parameter.name}, {parameter.value}, {parameter.from}});
        text += "\n" + kernel.text(coloured);
    }
    for (const std::string& warning : profile.warnings)
        text += paint("warning: " + warning, Colour::yellow, coloured) + '\n';
    return text;
}

std::string law_details_text(const CostProfile& profile, Cost cost, bool coloured) {
    const CostDescription& description = describe(cost);
    std::string text = paint(std::string(description.name), Colour::bold, coloured);
    const std::optional<Law>& law = profile[cost];
    if (!law) return text + "  not known\n";
    text += "  " + law_text(*law, description.unit);
    if (law->interval) text += fmt::format("  (95 %: {})", interval_text(*law->interval, description.unit));
    text += fmt::format("\n  {}\n", description.about);
    if (!description.excludes.empty()) text += fmt::format("  without: {}\n", description.excludes);
    if (!law->origin.warning.empty())
        text += paint("  warning: " + law->origin.warning, Colour::yellow, coloured) + '\n';
    if (law->origin.points.empty()) return text + "  no measured points\n";
    Table table({{"probe", Align::left},
                 {"at"},
                 {"seen"},
                 {"of it this"},
                 {"95 % interval", Align::left},
                 {"error of the law"},
                 {"rounds"},
                 {"samples"},
                 {"dropped"},
                 {"", Align::left}});
    for (const MeasuredPoint& point : law->origin.points)
        table.add({{point.probe},
                   {std::to_string(point.at)},
                   {cost_text(point.seen, description.unit)},
                   {cost_text(point.value, description.unit)},
                   {interval_text(point.interval, description.unit)},
                   {fmt::format("{:+.1f} %", 100 * point.error)},
                   {std::to_string(point.rounds)},
                   {std::to_string(point.samples)},
                   {std::to_string(point.dropped)},
                   {point.held_out ? "held out" : "fitted"}});
    text += table.text(coloured);
    const auto summary = [](const FitQuality& quality) {
        return fmt::format("{:.1f} % on average, {:.1f} % at most, over {}", 100 * quality.mean_error,
                           100 * quality.largest_error, quality.points);
    };
    text += fmt::format("  error where fitted: {}\n", summary(quality_of_fit(law->origin)));
    if (const FitQuality held_out = quality_of_fit(law->origin, true); held_out.points > 0)
        text += fmt::format("  error where held out: {}\n", summary(held_out));
    return text;
}

} // namespace switchyard::cli
