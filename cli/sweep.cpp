// switchyard sweep: one question over a space of scenarios.
#include "cli/command.hpp"
#include "cli/shipped.hpp"
#include "cli/sweep_text.hpp"
#include "formats/sweep/read_sweep.hpp"
#include "lab/sweep/engine.hpp"
#include "lab/sweep/merge.hpp"
#include "lab/sweep/planned_work.hpp"
#include "lab/sweep/shard_journal.hpp"
#include "lab/sweep/store.hpp"
#include "models/errors.hpp"
#include "native/measurement/isolation.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>

namespace switchyard::cli {

namespace {

struct Options {
    std::string file;
    std::string output;
    std::string shard;
    std::optional<std::size_t> workers;
    bool dry_run = false;
    bool retry = false;
    std::vector<std::string> shards; // to merge
};

constexpr const char* const tool = "switchyard " SWITCHYARD_VERSION " sweep";

// Where results go: the database, or the journal of a shard of it.
std::string output_of(const Options& options, const lab::ShardPart& part) {
    std::string database = options.output;
    if (database.empty()) database = std::filesystem::path(options.file).stem().string() + ".sqlite";
    if (options.shard.empty()) return database;
    return fmt::format("{}.shard-{}-of-{}", database, part.index + 1, part.count);
}

std::unique_ptr<lab::ResultSink> open_sink(const Options& options, const std::string& output,
                                           const lab::SweepWork& work) {
    if (options.shard.empty()) {
        auto store = std::make_unique<lab::ResultStore>(output, work.outline());
        store->check_configuration(work);
        return store;
    }
    auto journal = std::make_unique<lab::ShardJournal>(output, work.outline());
    if (journal->damaged() > 0)
        fmt::print(stderr, "switchyard: {} has {} damaged lines; their points are computed again\n", output,
                   journal->damaged());
    return journal;
}

void say_what_is_next(const Options& options, const std::string& output, const lab::SweepProgress& progress) {
    fmt::print("{}", summary_of(progress));
    if (progress.failed > 0)
        fmt::print("points that failed are kept with their reasons; --retry computes them again\n");
    if (options.shard.empty()) {
        fmt::print("results in {}: switchyard results {}\n", output, output);
        return;
    }
    const std::string database = output.substr(0, output.rfind(".shard-"));
    fmt::print("results in {}: with all shards there, switchyard sweep merge {} {}.shard-*\n", output, database,
               database);
}

// By threads, or as rank 0.
int carry_out(const Options& options, const lab::PlannedWork& work, const lab::Schedule& schedule,
              const std::string& output, std::unique_ptr<lab::ResultSink> sink, lab::SweepEngine& engine,
              const std::stop_token& stop) {
    lab::SweepProgress progress;
    try {
        SweepProgressText text("sweeping");
        lab::EngineOptions engine_options{options.retry, stop, [&](const lab::SweepProgress& now) { text.show(now); }};
        progress = engine.run(work, schedule, *sink, engine_options);
    } catch (const SystemError& error) {
        throw SystemError(
            fmt::format("{}; what was written before is safe, and the same command goes on from there", error.what()));
    }
    sink.reset();
    if (!stop.stop_requested()) {
        say_what_is_next(options, output, progress);
        return succeeded;
    }
    fmt::print(stderr, "switchyard: {}switchyard: the same command goes on from {}\n", summary_of(progress), output);
    return interrupted;
}

int run_here(const Options& options, const lab::ShardPart& part, const std::stop_token& stop) {
    const lab::PlannedWork work(lab::SweepPlan(formats::read_sweep(options.file)), tool);
    const lab::Schedule schedule(work.cells(), work.replications(), part);
    const std::size_t workers = options.workers.value_or(native::allowed_cpus().size());
    if (options.dry_run) {
        print_plan(work, schedule, workers, stop);
        return succeeded;
    }
    const std::string output = output_of(options, part);
    const auto engine = lab::make_thread_engine(workers);
    return carry_out(options, work, schedule, output, open_sink(options, output, work), *engine, stop);
}

// As one of several ranks: all read the sweep, rank 0 writes and speaks for all.
int run_as_rank(const Options& options, const lab::ShardPart& part, const std::stop_token& stop) {
    const auto messages = lab::join_ranks();
    std::optional<lab::PlannedWork> work;
    std::unique_ptr<lab::ResultSink> sink;
    std::string problem, preparations;
    std::exception_ptr error;
    const std::string output = output_of(options, part);
    try {
        if (options.workers) throw InputError("under mpirun every rank is one worker: leave --workers out");
        work.emplace(lab::SweepPlan(formats::read_sweep(options.file)), tool);
        preparations =
            fmt::format("{} {} {} {}", tool, work->outline().model_version, work->cells(), work->plan().text());
        const bool writes = messages->rank() == 0 && !options.dry_run;
        if (writes) sink = open_sink(options, output, *work);
    } catch (const std::exception& failure) {
        problem = failure.what();
        error = std::current_exception();
    }
    const bool go_on = lab::all_ranks_agree(*messages, problem, preparations);
    if (messages->rank() == 0 && error) std::rethrow_exception(error);
    if (!go_on) return succeeded; // rank 0 says why not
    const lab::Schedule schedule(work->cells(), work->replications(), part);
    if (messages->rank() == 0) {
        if (!options.dry_run)
            return carry_out(options, *work, schedule, output, std::move(sink),
                             *lab::make_message_passing_engine(*messages), stop);
        print_plan(*work, schedule, static_cast<std::size_t>(messages->ranks()), stop);
    } else if (!options.dry_run) {
        lab::work_for_rank_0(*messages, *work, schedule, stop);
        // That it was interrupted is said once, by rank 0.
        if (stop.stop_requested()) [[maybe_unused]]
            std::FILE* const quiet = std::freopen("/dev/null", "w", stderr);
    }
    return succeeded;
}

int run(Options options, const std::stop_token& stop) {
    if (options.file.empty()) throw InputError("which sweep? 'switchyard sweep FILE', or 'switchyard sweep merge'");
    options.file = file_of_sweep(options.file);
    const lab::ShardPart part = options.shard.empty() ? lab::ShardPart{} : lab::shard_part_from(options.shard);
    std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow any more is an error like a full disk
    return lab::is_started_as_rank() ? run_as_rank(options, part, stop) : run_here(options, part, stop);
}

int merge(const Options& options, const std::stop_token& stop) {
    for (const lab::MergedShard& one : lab::merge_shards(options.output, options.shards, stop)) {
        fmt::print("{}: {} points", one.path, one.rows);
        if (one.damaged > 0)
            fmt::print(", {} damaged lines left out: run that shard again, or the sweep on {}", one.damaged,
                       options.output);
        fmt::print("\n");
    }
    if (stop.stop_requested()) return interrupted;
    fmt::print("merged into {}: switchyard results {}\n", options.output, options.output);
    return succeeded;
}

} // namespace

std::function<int()> add_sweep(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    app.require_subcommand(0, 1);
    app.add_option("FILE", options->file,
                   "the sweep: base scenario, parameters, metrics (docs/sweeps.md); or the name of one that comes with "
                   "this (switchyard scenarios --sweeps)");
    app.add_option(
           "-o,--output", options->output,
           "the database of results (SQLite), which a later run goes on with; default: the sweep's name in this "
           "folder, .sqlite")
        ->type_name("DB");
    app.add_flag("--dry-run", options->dry_run, "print the plan, the number of points and an estimate of the time");
    app.add_option("-j,--workers", options->workers, "points computed at a time; default: as many as processors")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, std::size_t{4096}));
    app.add_option(
           "--shard", options->shard,
           "compute the I-th of N parts only, into a journal of its own (DB.shard-I-of-N): on machines that have "
           "no local disk in common")
        ->type_name("I/N");
    app.add_flag("--retry", options->retry, "compute points that failed again");
    app.footer(
        "A point is computed once: the same command goes on where it was interrupted or killed, and after values,\n"
        "replications or metrics were added to the sweep. Points that fail are kept with their reason, and the\n"
        "others go on.\n"
        "Several machines: 'mpirun -n 64 switchyard sweep FILE', or shards and 'merge' (docs/sweep-engines.md).");
    CLI::App* const to_merge =
        app.add_subcommand("merge", "put the journals of shards together in a database; as often as you like");
    to_merge->add_option("DB", options->output, "the database; made where there is none")->required();
    to_merge->add_option("SHARD", options->shards, "journals written with --shard")->required();
    return [options, to_merge, stop] { return to_merge->parsed() ? merge(*options, stop) : run(*options, stop); };
}

} // namespace switchyard::cli
