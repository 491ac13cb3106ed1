#include "lab/sweep/engine.hpp"

#include "lab/sweep/merge.hpp"
#include "lab/sweep/shard_journal.hpp"
#include "models/errors.hpp"
#include "tests/formats/scratch_folder.hpp"
#include "tests/lab/sweep/synthetic_work.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

using namespace switchyard;
using namespace switchyard::lab;

namespace {

// Some points that fail, cells that are said twice, replications that stop when they are enough.
SyntheticOptions with_everything() {
    SyntheticOptions options;
    options.cells = 120;
    options.distinct_cells = 100;
    options.fails_every = 7;
    options.replications = {3, 9, StoppingRule{"overhead", 0.004, 0.9}};
    options.metrics = {"overhead", "response"};
    return options;
}

std::string of_one_worker(const SyntheticWork& work, const formats::ScratchFolder& folder) {
    sweep_by_threads(work, folder / "one.sqlite", 1);
    return exported(folder / "one.sqlite");
}

// Ranks that are threads of the test.
class ThreadRank : public MessagePassing {
public:
    struct Wires {
        std::mutex mutex;
        std::vector<std::deque<Message>> waiting;
    };
    ThreadRank(Wires& wires, int rank) : wires_(wires), rank_(rank) {}

    [[nodiscard]] int rank() const override { return rank_; }
    [[nodiscard]] int ranks() const override { return static_cast<int>(wires_.waiting.size()); }
    void send(int to, const std::string& bytes) override {
        const std::lock_guard hold(wires_.mutex);
        wires_.waiting[static_cast<std::size_t>(to)].push_back({rank_, bytes});
    }
    [[nodiscard]] std::optional<Message> receive() override {
        const std::lock_guard hold(wires_.mutex);
        std::deque<Message>& mine = wires_.waiting[static_cast<std::size_t>(rank_)];
        if (mine.empty()) return {};
        Message message = std::move(mine.front());
        mine.pop_front();
        return message;
    }
    void abandon() override {}

private:
    Wires& wires_;
    int rank_;
};

SweepProgress sweep_by_ranks(const SyntheticWork& work, ResultSink& sink, int ranks, const std::stop_token& stop = {}) {
    ThreadRank::Wires wires;
    wires.waiting.resize(static_cast<std::size_t>(ranks));
    const Schedule schedule(work.cells(), work.replications());
    std::vector<std::jthread> others;
    for (int rank = 1; rank < ranks; ++rank)
        others.emplace_back([&, rank] {
            ThreadRank messages(wires, rank);
            if (all_ranks_agree(messages, "", work.outline().name)) work_for_rank_0(messages, work, schedule, stop);
        });
    ThreadRank messages(wires, 0);
    REQUIRE(all_ranks_agree(messages, "", work.outline().name));
    return make_message_passing_engine(messages)->run(work, schedule, sink, {false, stop, {}});
}

void sweep_shard(const SyntheticWork& work, const std::string& path, ShardPart part) {
    ShardJournal journal(path, work.outline());
    make_thread_engine(2)->run(work, Schedule(work.cells(), work.replications(), part), journal, {});
}

} // namespace

TEST_CASE("results are the same bytes on one, two and four workers", "[sweep]") {
    const formats::ScratchFolder folder;
    const SyntheticWork work(with_everything());
    const std::string wanted = of_one_worker(work, folder);
    CHECK(std::ranges::count(wanted, '\n') > 300);
    for (const std::size_t workers : {2u, 4u}) {
        const std::string path = folder / std::to_string(workers);
        const SweepProgress progress = sweep_by_threads(work, path, workers);
        CHECK(exported(path) == wanted);
        CHECK(progress.units_done == 120);
        CHECK(progress.failed >= 3 * 15);
        CHECK(progress.first_failures.size() == 5);
    }
}

TEST_CASE("results are the same bytes by messages between ranks", "[sweep]") {
    const formats::ScratchFolder folder;
    const SyntheticWork work(with_everything());
    const std::string wanted = of_one_worker(work, folder);
    for (const int ranks : {1, 2, 4}) {
        const std::string path = folder / std::to_string(ranks);
        {
            ResultStore store(path, work.outline());
            sweep_by_ranks(work, store, ranks);
        }
        CHECK(exported(path) == wanted);
        ResultStore store(path, work.outline());
        CHECK(sweep_by_ranks(work, store, ranks).computed == 0);
    }
}

TEST_CASE("ranks that have read different sweeps say so before anything runs", "[sweep]") {
    ThreadRank::Wires wires;
    wires.waiting.resize(2);
    bool goes_on = true;
    std::jthread other([&] {
        ThreadRank messages(wires, 1);
        goes_on = all_ranks_agree(messages, "no such file", "");
    });
    ThreadRank messages(wires, 0);
    try {
        (void)all_ranks_agree(messages, "", "a sweep");
        FAIL("nothing was thrown");
    } catch (const InputError& error) {
        CHECK(std::string(error.what()) == "rank 1: no such file");
    }
    other.join();
    CHECK_FALSE(goes_on);
}

TEST_CASE("results are the same bytes from shards, merged in any order and twice", "[sweep]") {
    const formats::ScratchFolder folder;
    const SyntheticWork work(with_everything());
    const std::string wanted = of_one_worker(work, folder);
    std::vector<std::string> shards;
    for (std::uint64_t i = 0; i < 3; ++i) {
        shards.push_back(folder / ("shard" + std::to_string(i)));
        sweep_shard(work, shards.back(), {i, 3});
    }
    const std::uint64_t computed = work.computed();
    sweep_shard(work, shards[1], {1, 3});
    CHECK(work.computed() == computed); // all there
    std::ranges::reverse(shards);
    const std::string path = folder / "merged.sqlite";
    std::uint64_t rows = 0;
    for (const MergedShard& one : merge_shards(path, shards, {})) {
        rows += one.rows;
        CHECK(one.damaged == 0);
    }
    CHECK(rows >= static_cast<std::uint64_t>(std::ranges::count(wanted, '\n')) - 1);
    CHECK(exported(path) == wanted);
    std::ranges::reverse(shards);
    CHECK(merge_shards(path, shards, {}).size() == 3);
    CHECK(exported(path) == wanted);
    CHECK(sweep_by_threads(work, path, 2).computed == 0); // and the sweep goes on from there
}

TEST_CASE("results are the same bytes after five random kills", "[sweep]") {
    const char* const given = std::getenv("SWITCHYARD_KILL_SEED"); // repeats a test, as far as instants can be
    const unsigned seed = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const formats::ScratchFolder folder;
    SyntheticOptions options = with_everything();
    const std::string wanted = of_one_worker(SyntheticWork(options), folder);
    options.point = std::chrono::microseconds{4000};
    const SyntheticWork work(options);
    const bool shard = GENERATE_COPY(false, true);
    const std::string path = folder / "killed";
    const std::string merged = folder / "merged";
    for (int round = 0; round < 5; ++round) {
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            if (shard)
                sweep_shard(work, path, {});
            else
                sweep_by_threads(work, path, 2);
            _exit(0);
        }
        std::this_thread::sleep_for(std::chrono::microseconds{random() % 300'000});
        kill(child, SIGKILL);
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        CAPTURE(round, status);
    }
    if (shard) {
        sweep_shard(work, path, {});
        CHECK(merge_shards(merged, {path}, {}).front().damaged == 0);
        CHECK(exported(merged) == wanted);
    } else {
        sweep_by_threads(work, path, 2);
        CHECK(exported(path) == wanted);
    }
}

TEST_CASE("a stop ends a sweep soon, keeps what is computed, and the same again goes on", "[sweep]") {
    const formats::ScratchFolder folder;
    SyntheticOptions options = with_everything();
    const std::string wanted = of_one_worker(SyntheticWork(options), folder);
    options.point = std::chrono::microseconds{2000};
    const SyntheticWork work(options);
    const std::string path = folder / "stopped.sqlite";
    std::stop_source stop;
    std::jthread stopper([&] {
        while (work.computed() < 50) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        stop.request_stop();
    });
    const bool by_ranks = GENERATE(false, true);
    SweepProgress progress;
    if (by_ranks) {
        ResultStore store(path, work.outline());
        progress = sweep_by_ranks(work, store, 3, stop.get_token());
    } else {
        progress = sweep_by_threads(work, path, 2, false, stop.get_token());
    }
    CHECK(progress.units_done < progress.units);
    CHECK(progress.computed >= 50);
    CHECK(ResultStore(path, work.outline()).points() <= progress.computed);
    CHECK(ResultStore(path, work.outline()).points() >= 40); // some cells may have been computed twice
    sweep_by_threads(work, path, 2);
    CHECK(exported(path) == wanted);
}

TEST_CASE("points that failed are there, and computed again where that is asked for", "[sweep]") {
    const formats::ScratchFolder folder;
    SyntheticOptions options;
    options.fails_every = 10;
    const std::string path = folder / "failing.sqlite";
    const SyntheticWork failing(options);
    CHECK(sweep_by_threads(failing, path, 2).failed == 10);
    CHECK(sweep_by_threads(failing, path, 2).computed == 0);
    CHECK(sweep_by_threads(failing, path, 2, true).computed == 10);
    options.fails = false;
    const SyntheticWork mended(options);
    CHECK(sweep_by_threads(mended, path, 2).computed == 0);
    const SweepProgress progress = sweep_by_threads(mended, path, 2, true);
    CHECK(progress.computed == 10);
    CHECK(progress.failed == 0);
    CHECK(exported(path) == of_one_worker(mended, folder));
}

TEST_CASE("a cell is replicated until its interval is narrow enough, whoever computes", "[sweep]") {
    const formats::ScratchFolder folder;
    SyntheticOptions options;
    options.cells = 40;
    options.replications = {2, 50, StoppingRule{"overhead", 0.002, 0.95}};
    const SyntheticWork work(options);
    const std::string text = of_one_worker(work, folder);
    const auto points = static_cast<std::uint64_t>(std::ranges::count(text, '\n') - 1);
    CHECK(points == work.computed());
    CHECK(points > 40 * 2);
    CHECK(points < 40 * 50);
    // Fewer replications at most are a prefix of them.
    options.replications.at_most = 5;
    const SyntheticWork shorter(options);
    sweep_by_threads(shorter, folder / "shorter.sqlite", 4);
    CHECK(exported(folder / "shorter.sqlite").size() < text.size());
    sweep_by_threads(work, folder / "shorter.sqlite", 4);
    CHECK(exported(folder / "shorter.sqlite") == text);
}
