// switchyard optimize: the best cell of a sweep under constraints, among those that were computed or searched for.
#include "cli/command.hpp"
#include "cli/optimum_text.hpp"
#include "cli/progress.hpp"
#include "formats/sweep/read_sweep.hpp"
#include "lab/results/filter.hpp"
#include "lab/results/optimum.hpp"
#include "lab/results/text.hpp"
#include "lab/search/metrics.hpp"
#include "lab/search/search.hpp"
#include "lab/sweep/planned_work.hpp"
#include "models/errors.hpp"
#include "native/measurement/isolation.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <optional>
#include <unistd.h>

namespace switchyard::cli {

namespace {

struct Options {
    std::string file;
    std::string minimize;
    std::string maximize;
    std::vector<std::string> bounds;
    std::vector<std::string> where;
    std::optional<std::string> output;
    std::optional<std::uint64_t> evaluations;
    std::optional<std::size_t> workers;
    bool json = false;
};

constexpr const char* const tool = "switchyard " SWITCHYARD_VERSION " optimize";

// What is neither there nor called a sweep is a database that is missing.
bool is_database(const std::string& path) {
    constexpr std::string_view header = "SQLite format 3";
    std::array<char, header.size()> begin{};
    std::ifstream file(path, std::ios::binary);
    if (!file) return !path.ends_with(".yaml") && !path.ends_with(".yml");
    file.read(begin.data(), begin.size());
    return std::string_view(begin.data(), begin.size()) == header;
}

lab::Objective objective_of(const Options& options, const UnitOf& unit_of) {
    lab::Objective objective;
    objective.maximize = options.minimize.empty();
    objective.metric = objective.maximize ? options.maximize : options.minimize;
    for (const std::string& text : options.bounds) objective.bounds.push_back(lab::parse_bound(text, unit_of));
    return objective;
}

// --- among the cells of a database ---

int choose(const Options& options) {
    if (options.output || options.evaluations || options.workers)
        throw InputError(fmt::format("{} is a database, in which nothing is computed: -o, --evaluations and --workers "
                                     "go with a sweep's file",
                                     options.file));
    const lab::ResultsDatabase database(options.file);
    const UnitOf unit_of = [&](const std::string& name) { return database.column(name).unit; };
    const lab::Objective objective = objective_of(options, unit_of);
    lab::Condition condition;
    for (const std::string& text : options.where) condition = both(condition, parse_condition(text, database));
    const lab::Optimum optimum = best_of(database, objective, condition);
    if (!optimum.best)
        throw InputError(fmt::format("{}: no cell was computed that knows '{}'{}", options.file, objective.metric,
                                     objective.bounds.empty() ? "" : " and what is constrained"));
    fmt::print("{}", options.json ? formats::json_text(optimum_json(objective, optimum))
                                  : optimum_text(objective, optimum, unit_of));
    return optimum.is_feasible ? succeeded : failed;
}

// --- between the values of a sweep ---

// A bar on a terminal; elsewhere a line every ten seconds.
class SearchText {
public:
    SearchText(const lab::Objective& objective, lab::ValueUnit unit) : objective_(objective), unit_(unit) {}

    void show(const lab::SearchProgress& now) {
        std::string what = fmt::format("{} of {} evaluations", now.evaluations, now.most);
        if (now.counts.failed > 0) what += fmt::format(", {} failed", now.counts.failed);
        if (now.best)
            what += fmt::format(", {} {}{}", objective_.metric, lab::number_text(now.best->objective, unit_),
                                now.best->excess > 0 ? " beyond the constraints" : "");
        bar_.show(static_cast<double>(now.evaluations) / static_cast<double>(now.most), what);
        const auto time = std::chrono::steady_clock::now();
        if (terminal_ || time - last_line_ < std::chrono::seconds(10)) return;
        last_line_ = time;
        fmt::print(stderr, "switchyard: {}\n", what);
        std::fflush(stderr);
    }

private:
    const lab::Objective& objective_;
    lab::ValueUnit unit_;
    ProgressBar bar_{"searching"};
    bool terminal_ = isatty(STDERR_FILENO) != 0;
    std::chrono::steady_clock::time_point last_line_ = std::chrono::steady_clock::now();
};

std::string end_text(lab::SearchEnd end, std::uint64_t evaluations) {
    switch (end) {
    case lab::SearchEnd::exhausted: return "there are no other cells";
    case lab::SearchEnd::converged: return "nothing near the best is better";
    case lab::SearchEnd::budget: return fmt::format("all {} evaluations are used", evaluations);
    case lab::SearchEnd::stopped: break;
    }
    return "interrupted";
}

const char* name_of(lab::SearchEnd end) {
    switch (end) {
    case lab::SearchEnd::exhausted: return "exhausted";
    case lab::SearchEnd::converged: return "converged";
    case lab::SearchEnd::budget: return "budget";
    case lab::SearchEnd::stopped: break;
    }
    return "interrupted";
}

std::string failures_text(const lab::SearchResult& result) {
    if (result.counts.failed == 0) return {};
    std::string text = fmt::format("{} cells failed, and count as beyond the constraints:\n", result.counts.failed);
    for (const std::string& reason : result.first_failures) text += fmt::format("  {}\n", reason);
    return text;
}

void print(const lab::Objective& objective, const lab::SearchResult& result, const UnitOf& unit_of,
           std::uint64_t evaluations, const std::string& output) {
    if (result.optimum.best)
        fmt::print("{}\n", optimum_text(objective, result.optimum, unit_of));
    else
        fmt::print("every cell failed: there is no best one\n");
    fmt::print("{}{} cells computed, {} found in {}; the search ended: {}\n", failures_text(result),
               result.counts.computed, result.counts.found, output, end_text(result.end, evaluations));
}

void print_json(const lab::Objective& objective, const lab::SearchResult& result, const std::string& output) {
    formats::Json json = optimum_json(objective, result.optimum);
    json["search"] = {{"computed", result.counts.computed}, {"found", result.counts.found},
                      {"failed", result.counts.failed},     {"failures", result.first_failures},
                      {"end", name_of(result.end)},         {"database", output}};
    fmt::print("{}", formats::json_text(json));
}

std::vector<std::string> metrics_of(const Options& options) {
    std::vector<std::string> metrics{options.minimize.empty() ? options.maximize : options.minimize};
    for (const std::string& bound : options.bounds) metrics.push_back(lab::metric_of_bound(bound));
    return metrics;
}

int search(const Options& options, const std::stop_token& stop) {
    if (!options.where.empty())
        throw InputError(fmt::format("--where chooses among the cells of a database: {} is a sweep", options.file));
    std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow any more is an error like a full disk
    formats::SweepFile file = formats::read_sweep(options.file);
    lab::keep_metrics(file.sweep, metrics_of(options));
    const lab::SweepPlan plan(std::move(file));
    const UnitOf unit_of = [&](const std::string& name) { return lab::unit_of(plan, name); };
    const lab::Objective objective = objective_of(options, unit_of);
    const std::string output = options.output.value_or(std::filesystem::path(options.file).stem().string() + ".sqlite");
    lab::SearchOptions search_options{.evaluations = options.evaluations.value_or(lab::default_evaluations),
                                      .workers = options.workers.value_or(native::allowed_cpus().size()),
                                      .tool = tool,
                                      .stop = stop,
                                      .show = {}};
    lab::SearchResult result;
    try {
        SearchText text(objective, unit_of(objective.metric));
        search_options.show = [&](const lab::SearchProgress& now) { text.show(now); };
        lab::ResultStore store(output, lab::PlannedWork(plan, tool).outline());
        result = lab::search(plan, objective, store, search_options);
    } catch (const SystemError& error) {
        throw SystemError(
            fmt::format("{}; what was written before is safe, and the same command goes on from there", error.what()));
    }
    if (result.end == lab::SearchEnd::stopped) {
        fmt::print(stderr,
                   "switchyard: {} of {} evaluations are done, and every point that was computed is kept; the same "
                   "command goes on from {}\n",
                   result.optimum.cells, search_options.evaluations, output);
        return interrupted;
    }
    options.json ? print_json(objective, result, output)
                 : print(objective, result, unit_of, search_options.evaluations, output);
    return result.optimum.is_feasible ? succeeded : failed;
}

int run(const Options& options, const std::stop_token& stop) {
    if (options.minimize.empty() == options.maximize.empty())
        throw InputError("one of --minimize METRIC and --maximize METRIC is wanted");
    return is_database(options.file) ? choose(options) : search(options, stop);
}

} // namespace

std::function<int()> add_optimize(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    app.add_option("FILE", options->file,
                   "a sweep, whose parameters are searched, or the database that 'switchyard sweep' wrote or is "
                   "writing, among whose cells the best is chosen")
        ->required();
    app.add_option("--minimize", options->minimize, "the metric that is to be low")->type_name("METRIC");
    app.add_option("--maximize", options->maximize, "the metric that is to be high")->type_name("METRIC");
    app.add_option("--subject-to", options->bounds, "what has to be kept: --subject-to 'resident <= 1GiB'")
        ->type_name("CONSTRAINT");
    app.add_option("--where", options->where, "of a database, only these cells: --where 'model = loop'")
        ->type_name("CONDITION");
    app.add_option("--evaluations", options->evaluations,
                   "of a sweep, how many cells are evaluated at most; default: 200")
        ->type_name("N")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
    app.add_option("-o,--output", options->output,
                   "of a sweep, its database of results; default: the sweep's name in this folder, .sqlite")
        ->type_name("DB");
    app.add_option("-j,--workers", options->workers, "points computed at a time; default: as many as processors")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, std::size_t{4096}));
    app.add_flag("--json", options->json, "print JSON, the stable form");
    app.footer(
        "Between the ends of a sweep's ranges every value is possible; of lists and choices every combination is\n"
        "searched. All replications of a cell are computed and kept as points of the sweep, nothing is computed\n"
        "twice, and the same command goes on where it was interrupted. Where nothing keeps the constraints, the\n"
        "nearest is shown, and the exit status is 1.");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
