// switchyard compare: two reports side by side.
#include "cli/command.hpp"
#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "formats/json/document.hpp"
#include "lab/differences/differences.hpp"
#include "lab/suite/figures.hpp"
#include "models/units/text.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>
#include <memory>

namespace switchyard::cli {

namespace {

struct Options {
    std::string first;
    std::string second;
    std::string within;
    bool json = false;
};

std::string headline(const lab::Document& document, const std::string& file) {
    if (const auto* const report = std::get_if<Report>(&document))
        return fmt::format("{}: {}, {}{}", file, report->scenario, report->executor,
                           report->profile.empty() ? "" : ", profile " + report->profile);
    const auto& validation = std::get<lab::Validation>(document);
    return fmt::format("{}: {} scenarios validated on {}, {}; profile {}", file, validation.scenarios.size(),
                       validation.cpu, validation.date, validation.profile);
}

std::string figure(const std::optional<double>& value, MetricUnit unit) {
    return value ? lab::figure_text(*value, unit) : "-";
}

void print_table(const std::vector<lab::Difference>& rows, std::optional<double> within) {
    Table table({{"", Align::left}, {"figure", Align::left}, {"first"}, {"second"}, {"difference"}, {"of the first"}});
    std::string about;
    for (const lab::Difference& row : rows) {
        if (row.about != about) table.add_line();
        const bool is_new = row.about != about;
        about = row.about;
        const auto relative = row.relative();
        const bool is_far = within && (!relative || std::abs(*relative) > *within);
        table.add({{is_new ? about : ""},
                   {row.name},
                   {figure(row.first, row.unit)},
                   {figure(row.second, row.unit)},
                   {row.first && row.second ? lab::figure_text(*row.second - *row.first, row.unit) : "-"},
                   {relative ? signed_percent(*relative) : "-", is_far ? Colour::red : Colour::none}});
    }
    fmt::print("{}", table.text(wants_colour()));
}

void print_json(const std::vector<lab::Difference>& rows) {
    constexpr std::array<const char*, 4> units{"seconds", "count", "bytes", "share"};
    formats::Json json{{"schema_version", 1}, {"kind", "differences"}, {"figures", formats::Json::array()}};
    for (const lab::Difference& row : rows) {
        formats::Json figure;
        if (!row.about.empty()) figure["about"] = row.about;
        figure["name"] = row.name;
        figure["unit"] = units[static_cast<std::size_t>(row.unit)];
        if (row.first) figure["first"] = *row.first;
        if (row.second) figure["second"] = *row.second;
        if (const auto relative = row.relative()) figure["relative"] = *relative;
        json["figures"].push_back(std::move(figure));
    }
    fmt::print("{}", formats::json_text(json));
}

int run(const Options& options) {
    const lab::Document first = lab::read_document(options.first);
    const lab::Document second = lab::read_document(options.second);
    std::optional<double> within;
    if (!options.within.empty()) within = parse_share(options.within);
    const std::vector<lab::Difference> rows = lab::differences(first, second);
    std::size_t far = 0;
    for (const lab::Difference& row : rows) {
        const auto relative = row.relative();
        far += within && row.first && row.second && (!relative || std::abs(*relative) > *within);
    }
    if (options.json)
        print_json(rows);
    else {
        fmt::print("{}\n{}\n\n", headline(first, options.first), headline(second, options.second));
        print_table(rows, within);
        if (within) fmt::print("\n{} of {} figures differ by more than {}\n", far, rows.size(), percent(*within));
    }
    return far == 0 ? succeeded : failed;
}

} // namespace

std::function<int()> add_compare(CLI::App& app, std::stop_token /*stop*/) {
    auto options = std::make_shared<Options>();
    app.add_option("FIRST", options->first, "a report that 'run --json', 'native --json' or 'validate --json' wrote")
        ->required();
    app.add_option("SECOND", options->second, "another one of the same kind; '-' reads standard input")->required();
    app.add_option("--within", options->within, "fail (exit status 1) where a figure differs by more: --within 5%")
        ->type_name("SHARE");
    app.add_flag("--json", options->json, "print the differences as JSON, the stable form");
    return [options] { return run(*options); };
}

} // namespace switchyard::cli
