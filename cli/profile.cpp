// switchyard profile: cost profiles looked at, compared and drawn.
#include "cli/command.hpp"
#include "cli/profile_names.hpp"
#include "cli/profile_text.hpp"
#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "formats/json/profile_json.hpp"
#include "lab/compare/profile_difference.hpp"
#include "lab/plot/fit_plot.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace switchyard::cli {

namespace {

struct Options {
    std::string left, right;
    std::vector<std::string> only;
    bool json = false;
    std::string law;
    std::string output;
};

void add_profile_argument(CLI::App& app, const char* name, std::string& into) {
    app.add_option(name, into, "a file written by 'calibrate', or textbook, reference, free")
        ->type_name("NAME|FILE")
        ->required();
}

void add_only(CLI::App& app, std::vector<std::string>& into, const char* about) {
    app.add_option("--only", into, about)->type_name("LAW,...")->delimiter(',');
}

int show(const Options& options) {
    CostProfile profile = profile_named(options.left);
    const std::vector<Cost> wanted = laws_named(options.only);
    for (int i = 0; i < costs; ++i)
        if (std::ranges::find(wanted, static_cast<Cost>(i)) == wanted.end()) profile[static_cast<Cost>(i)].reset();
    if (options.json) {
        fmt::print("{}", formats::profile_to_json(profile));
        return succeeded;
    }
    const bool coloured = wants_colour();
    if (options.only.empty()) {
        fmt::print("{}", profile_text(profile, coloured));
        return succeeded;
    }
    fmt::print("{}", origin_text(profile, coloured));
    for (const Cost cost : wanted) fmt::print("\n{}", law_details_text(profile, cost, coloured));
    return succeeded;
}

std::string interval_text(const std::optional<Interval>& interval, CostUnit unit) {
    if (!interval) return "";
    return fmt::format("{} .. {}", cost_text(interval->low, unit), cost_text(interval->high, unit));
}

Cell verdict(const lab::FigureDifference& figure) {
    const std::optional<bool> beyond = figure.beyond_intervals();
    if (!beyond) return {"no interval", Colour::faint};
    if (!*beyond) return {"within"};
    return {figure.right > figure.left ? "dearer" : "cheaper",
            figure.right > figure.left ? Colour::red : Colour::green};
}

std::string figures_text(const std::vector<lab::FigureDifference>& figures, bool coloured) {
    Table table({{"cost", Align::left},
                 {"A"},
                 {"95 % interval", Align::left},
                 {"B"},
                 {"95 % interval", Align::left},
                 {"B / A"},
                 {"difference", Align::left}});
    for (const lab::FigureDifference& figure : figures) {
        const CostDescription& description = describe(figure.cost);
        const std::optional<double> ratio = figure.ratio();
        table.add({{figure.part.empty() ? std::string(description.name)
                                        : fmt::format("{} {}", description.name, figure.part)},
                   {cost_text(figure.left, description.unit)},
                   {interval_text(figure.left_interval, description.unit)},
                   {cost_text(figure.right, description.unit)},
                   {interval_text(figure.right_interval, description.unit)},
                   {ratio ? fmt::format("{:.3f}", *ratio) : ""},
                   verdict(figure)});
    }
    return table.text(coloured);
}

std::string parameters_text(const std::vector<lab::ParameterDifference>& parameters, const char* title, bool coloured) {
    if (parameters.empty()) return {};
    Table table({{title, Align::left}, {"A", Align::left}, {"B", Align::left}});
    const auto said = [](const std::string& value) { return value.empty() ? "(not known)" : value; };
    for (const lab::ParameterDifference& one : parameters) table.add({{one.name}, {said(one.left)}, {said(one.right)}});
    return "\n" + table.text(coloured);
}

std::string names_text(const std::vector<Cost>& of, const char* where) {
    std::string names;
    for (const Cost cost : of) names += fmt::format(" {}", describe(cost).name);
    return of.empty() ? "" : fmt::format("only in {}:{}\n", where, names);
}

int diff(const Options& options) {
    const CostProfile left = profile_named(options.left), right = profile_named(options.right);
    const lab::ProfileDifference difference = lab::difference_of(left, right, laws_named(options.only));
    const bool coloured = wants_colour();
    fmt::print("A: {}B: {}\n", origin_text(left, coloured), origin_text(right, coloured));
    fmt::print("{}", figures_text(difference.figures, coloured));
    std::size_t beyond = 0, judged = 0;
    for (const lab::FigureDifference& figure : difference.figures) {
        beyond += figure.beyond_intervals().value_or(false);
        judged += figure.beyond_intervals().has_value();
    }
    fmt::print("{} of {} figures with intervals differ by more than those\n", beyond, judged);
    fmt::print("{}{}", names_text(difference.only_left, "A"), names_text(difference.only_right, "B"));
    if (difference.speed) fmt::print("the work loop runs {} in B\n", signed_percent(*difference.speed - 1));
    fmt::print("{}{}", parameters_text(difference.machine, "machine", coloured),
               parameters_text(difference.kernel, "kernel parameter", coloured));
    return succeeded;
}

int plot(const Options& options) {
    lab::plot_fit(profile_named(options.left), law_named(options.law), options.output);
    return succeeded;
}

} // namespace

std::function<int()> add_profile(CLI::App& app, std::stop_token) {
    auto options = std::make_shared<Options>();
    app.require_subcommand(1);
    CLI::App* const to_show = app.add_subcommand("show", "print a profile: laws, their fits, the kernel's parameters");
    add_profile_argument(*to_show, "PROFILE", options->left);
    add_only(*to_show, options->only, "laws whose names begin so, with every measured point");
    to_show->add_flag("--json", options->json, "as a document");

    CLI::App* const to_compare = app.add_subcommand("diff", "compare two profiles: what differs beyond the intervals");
    add_profile_argument(*to_compare, "A", options->left);
    add_profile_argument(*to_compare, "B", options->right);
    add_only(*to_compare, options->only, "laws whose names begin so");

    CLI::App* const to_plot = app.add_subcommand("plot", "draw a law and what it was fitted to (needs gnuplot)");
    to_plot->add_option("LAW", options->law, "the law's name")->required();
    to_plot->add_option("PROFILE", options->left, "a file written by 'calibrate'")->type_name("FILE")->required();
    to_plot->add_option("-o,--output", options->output, "the picture: .svg or .png")->type_name("FILE")->required();

    return [options, to_show, to_compare] {
        if (to_show->parsed()) return show(*options);
        return to_compare->parsed() ? diff(*options) : plot(*options);
    };
}

} // namespace switchyard::cli
