// switchyard results: what a sweep found.
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "formats/files.hpp"
#include "formats/json/document.hpp"
#include "lab/results/export.hpp"
#include "lab/results/filter.hpp"
#include "lab/results/overview.hpp"
#include "lab/results/page.hpp"
#include "lab/results/sensitivity.hpp"
#include "lab/results/text.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iostream>
#include <memory>

namespace switchyard::cli {

namespace {

struct Options {
    std::string database;
    std::vector<std::string> where;
    std::vector<std::string> by;
    std::vector<std::string> aggregates;
    std::vector<std::string> columns;
    std::vector<std::string> sort;
    std::optional<std::uint64_t> limit;
    std::string sensitivity;
    std::string report;
    bool points = false;
    bool failed = false;
    bool csv = false;
    bool json = false;
};

constexpr std::uint64_t rows_of_a_summary = 40;

lab::Condition condition_of(const Options& options, const lab::ResultsDatabase& database) {
    lab::Condition condition;
    for (const std::string& text : options.where) condition = both(condition, parse_condition(text, database));
    return condition;
}

std::vector<lab::SortKey> order_of(const Options& options) {
    std::vector<lab::SortKey> order;
    for (const std::string& text : options.sort) order.push_back(lab::parse_sort_key(text));
    return order;
}

lab::ExportTable point_table(const Options& options, const lab::ResultsDatabase& database) {
    return table_of_points(database,
                           {condition_of(options, database), options.columns, order_of(options), options.limit});
}

// The metrics that are wanted: those the columns speak of ("overhead", "overhead.p90"), else all.
std::vector<std::string> metrics_of(const Options& options, const lab::ResultsDatabase& database) {
    std::vector<std::string> chosen;
    const std::vector<std::string> all = database.names(lab::ColumnRole::metric);
    for (const std::string& metric : all)
        for (const std::string& name : options.columns)
            if (name == metric || (name.starts_with(metric + ".") && std::ranges::find(all, name) == all.end())) {
                chosen.push_back(metric);
                break;
            }
    return chosen.empty() ? all : chosen;
}

lab::GroupTableQuery group_query(const Options& options, const lab::ResultsDatabase& database) {
    lab::GroupTableQuery query;
    query.groups.by = options.by;
    if (options.by.empty()) query.groups.by = database.names(lab::ColumnRole::parameter);
    query.groups.metrics = metrics_of(options, database);
    query.groups.condition = condition_of(options, database);
    for (const std::string& text : options.aggregates) query.aggregates.push_back(lab::parse_aggregate(text));
    if (query.aggregates.empty()) query.aggregates = {lab::parse_aggregate("mean"), lab::parse_aggregate("interval")};
    query.confidence = confidence_of(database);
    query.columns = options.columns;
    query.order = order_of(options);
    query.limit = options.limit;
    return query;
}

// A table for people: a mean and its interval are one column.
Table table_for_people(const lab::ExportTable& table) {
    std::vector<Table::Column> columns;
    const auto is_interval_of_mean = [&](std::size_t at) {
        return at > 0 && at + 1 < table.columns.size() && table.columns[at - 1].name.ends_with(".mean") &&
               table.columns[at].name == table.columns[at].metric + ".low" && !table.columns[at].metric.empty() &&
               table.columns[at + 1].name == table.columns[at].metric + ".high";
    };
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const lab::ExportColumn& column = table.columns[i];
        if (is_interval_of_mean(i)) {
            columns.back().title = column.metric;
            ++i;
        } else {
            columns.push_back({column.name});
        }
    }
    std::vector<std::vector<Cell>> rows;
    std::vector<bool> has_words(table.columns.size());
    table.for_each([&](const std::vector<lab::ResultValue>& row) {
        std::vector<Cell> cells;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const lab::ValueUnit unit = table.columns[i].unit;
            if (is_interval_of_mean(i)) {
                const double* const mean = std::get_if<double>(&row[i - 1]);
                const double* const low = std::get_if<double>(&row[i]);
                if (mean != nullptr && low != nullptr) cells.back().text = lab::mean_text(*mean, *mean - *low, unit);
                ++i;
            } else {
                if (std::holds_alternative<std::string>(row[i])) has_words[cells.size()] = true;
                cells.push_back({table.columns[i].name == "identity" || table.columns[i].name == "seed"
                                     ? std::get<std::string>(row[i])
                                     : lab::value_text(row[i], unit)});
            }
        }
        rows.push_back(std::move(cells));
    });
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].align = has_words[i] ? Align::left : Align::right;
    Table shown(std::move(columns));
    for (std::vector<Cell>& row : rows) shown.add(std::move(row));
    return shown;
}

void print_overview(const lab::SweepOverview& overview) {
    fmt::print("{}{}{}\n", overview.name, overview.about.empty() ? "" : ": ", overview.about);
    std::string origin;
    const auto say = [&](const std::string& what, const std::string& value) {
        if (!value.empty()) origin += fmt::format("{}{} {}", origin.empty() ? "" : ", ", what, value);
    };
    say("file", overview.file);
    say("design", overview.design);
    say("seed", overview.seed);
    say("model version", overview.model_version);
    if (!origin.empty()) fmt::print("{}\n", origin);
    fmt::print("\n");
    Table parameters({{"parameter", Align::left}, {"of", Align::left}, {"values", Align::left}});
    for (const lab::ParameterOverview& parameter : overview.parameters)
        parameters.add({{parameter.column.name}, {parameter.column.source}, {values_text(parameter)}});
    fmt::print("{}\n", parameters.text(wants_colour()));
    Table metrics({{"metric", Align::left}, {"is", Align::left}, {"unit", Align::left}});
    for (const lab::ResultColumn& metric : overview.metrics)
        metrics.add({{metric.name}, {metric.source}, {std::string(name_of(metric.unit))}});
    fmt::print("{}\n", metrics.text(wants_colour()));
    fmt::print("{} points: {} done", overview.points, overview.done);
    if (overview.points > overview.done) fmt::print(", {} not", overview.points - overview.done);
    fmt::print("\n");
    constexpr std::size_t reasons_shown = 5;
    for (std::size_t i = 0; i < std::min(overview.failures.size(), reasons_shown); ++i)
        fmt::print("  {} {}: {}\n", overview.failures[i].points, overview.failures[i].status,
                   overview.failures[i].reason);
    if (overview.failures.size() > reasons_shown)
        fmt::print("  and {} other reasons: --failed lists them all\n", overview.failures.size() - reasons_shown);
    fmt::print("\n");
}

std::string share(double value, const std::optional<Interval>& interval) {
    const std::string text = fmt::format("{:.3f}", value == 0 ? 0.0 : value);
    return interval ? fmt::format("{} ({:.3f} .. {:.3f})", text, interval->low, interval->high) : text;
}

void print_sensitivity(const lab::Sensitivity& found) {
    const bool is_regression = found.method == lab::SensitivityMethod::regression;
    std::vector<Table::Column> columns{{"parameter", Align::left}, {is_regression ? "coefficient" : "first order"}};
    if (!is_regression) columns.push_back({"total"});
    Table table(std::move(columns));
    for (const lab::ParameterSensitivity& one : found.parameters)
        table.add({{one.parameter + (one.by_logarithm ? " (logarithm)" : "")},
                   {share(one.first, one.first_interval)},
                   {one.total ? share(*one.total, one.total_interval) : ""}});
    fmt::print("What {} depends on, by {}; {} cells\n\n{}", found.metric, about(found.method), found.cells,
               table.text(wants_colour()));
    if (found.explained) fmt::print("\nStraight lines explain {:.1f} % of the variance.\n", 100 * *found.explained);
}

void print_sensitivity_json(const lab::Sensitivity& found) {
    constexpr std::array<const char*, 3> methods{"factorial", "sobol", "regression"};
    formats::Json json{{"schema_version", 1},    {"kind", "sensitivity"},
                       {"metric", found.metric}, {"method", methods[static_cast<std::size_t>(found.method)]},
                       {"cells", found.cells},   {"parameters", formats::Json::array()}};
    const auto put = [](formats::Json& into, const std::string& name, double value,
                        const std::optional<Interval>& interval) {
        into[name] = value;
        if (interval) into[name + "_interval"] = {interval->low, interval->high};
    };
    for (const lab::ParameterSensitivity& one : found.parameters) {
        formats::Json row{{"name", one.parameter}};
        put(row, found.explained ? "coefficient" : "first", one.first, one.first_interval);
        if (one.total) put(row, "total", *one.total, one.total_interval);
        if (found.explained) row["logarithm"] = one.by_logarithm;
        json["parameters"].push_back(std::move(row));
    }
    if (found.explained) json["explained"] = *found.explained;
    fmt::print("{}", formats::json_text(json));
}

int run(Options options) {
    if (options.csv && options.json) throw InputError("--csv and --json exclude each other");
    const lab::ResultsDatabase database(options.database);
    if (!options.report.empty()) formats::write_file(options.report, results_page(database));
    if (!options.sensitivity.empty()) {
        const lab::Sensitivity found = sensitivity_of(database, options.sensitivity, condition_of(options, database));
        options.json ? print_sensitivity_json(found) : print_sensitivity(found);
        return succeeded;
    }
    if (!options.report.empty()) return succeeded;
    const bool wants_groups = !options.by.empty() || !options.aggregates.empty();
    if (options.failed) {
        if (wants_groups) throw InputError("--failed lists points; it goes with neither --by nor --aggregate");
        options.points = true;
        options.where.emplace_back("status != done");
        if (options.columns.empty()) {
            options.columns = database.names(lab::ColumnRole::parameter);
            for (const char* const name : {"replication", "seed", "status", "reason"})
                options.columns.emplace_back(name);
        }
    }
    if (options.points && wants_groups) throw InputError("--points goes with neither --by nor --aggregate");
    const bool machine = options.csv || options.json;
    const bool by_point = options.points || (machine && !wants_groups);
    const lab::ExportTable table =
        by_point ? point_table(options, database) : table_of_groups(database, group_query(options, database));
    if (machine) {
        write_table(std::cout, database, table, options.csv ? lab::ExportForm::csv : lab::ExportForm::json);
        std::cout.flush();
        return succeeded;
    }
    const bool is_summary = !by_point && !wants_groups && options.columns.empty();
    if (is_summary) print_overview(overview_of(database));
    if (by_point || options.limit || !is_summary) {
        fmt::print("{}", table_for_people(table).text(wants_colour()));
        return succeeded;
    }
    // One more than is shown, to know whether that is all.
    options.limit = rows_of_a_summary + 1;
    lab::ExportTable first = table_of_groups(database, group_query(options, database));
    std::uint64_t rows = 0;
    first.for_each = [rest = first.for_each, &rows](const auto& use) {
        rest([&](const auto& row) {
            if (++rows <= rows_of_a_summary) use(row);
        });
    };
    fmt::print("{}", table_for_people(first).text(wants_colour()));
    if (rows > rows_of_a_summary)
        fmt::print("and more: --limit shows as many rows as you say, --where and --by choose\n");
    if (rows > 0)
        fmt::print("\nMeans; after ± half the {:.4g} % interval over replications, where there are several.\n",
                   100 * confidence_of(database));
    return succeeded;
}

} // namespace

std::function<int()> add_results(CLI::App& app, std::stop_token /*stop*/) {
    auto options = std::make_shared<Options>();
    app.add_option("DB", options->database, "the database that 'switchyard sweep FILE -o DB' wrote, or is writing")
        ->required();
    app.add_option("--where", options->where, "only these points: --where 'slice >= 1ms and model = loop'")
        ->type_name("CONDITION");
    app.add_option("--by", options->by, "put together what agrees in these columns: --by model,slice")
        ->delimiter(',')
        ->type_name("COLUMNS");
    app.add_option("--aggregate", options->aggregates,
                   "of groups: mean, interval, median, p90, p99.9, min, max, deviation, count")
        ->delimiter(',')
        ->type_name("LIST");
    app.add_option("--columns", options->columns, "only these columns, in this order")
        ->delimiter(',')
        ->type_name("COLUMNS");
    app.add_option("--sort", options->sort, "by these columns, -COLUMN from the highest down: --sort=-overhead")
        ->delimiter(',')
        ->type_name("COLUMNS");
    app.add_option("--limit", options->limit, "so many rows at most")->type_name("N");
    app.add_flag("--points", options->points, "each point, not means");
    app.add_flag("--failed", options->failed, "the points that failed, with their reasons");
    app.add_option("--sensitivity", options->sensitivity, "which parameters this metric depends on, and how much")
        ->type_name("METRIC");
    app.add_option("--report", options->report, "write all of it as one page, pictures included")
        ->type_name("FILE.html");
    app.add_flag("--csv", options->csv,
                 "print CSV, in base units: points, or groups where --by or --aggregate is there");
    app.add_flag("--json", options->json, "print JSON, the stable form, likewise");
    return [options] { return run(*options); };
}

} // namespace switchyard::cli
