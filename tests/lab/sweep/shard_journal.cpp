#include "lab/sweep/shard_journal.hpp"

#include "lab/sweep/merge.hpp"
#include "models/errors.hpp"
#include "tests/formats/scratch_folder.hpp"
#include "tests/lab/sweep/synthetic_work.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <limits>

using namespace switchyard;
using namespace switchyard::lab;

namespace {

PointRow row_of(std::uint8_t number) {
    PointRow row;
    row.identity.fill(number);
    row.parameters = {0.1 + number, "a \"word\"\twith a tab\nand lines"};
    row.replication = number;
    row.seed = std::numeric_limits<std::uint64_t>::max();
    row.values = {1.0 / 3, std::numeric_limits<double>::infinity()};
    return row;
}

SweepOutline outline_of_rows() {
    return {"a sweep",
            "1",
            {{"work", "seconds", "tasks.0.work"}, {"model", "none", "model"}},
            {{"overhead", "seconds", "o"}, {"response", "seconds", "r"}},
            {{"text", "line\nand\tline\n"}}};
}

std::vector<PointRow> rows_in(const std::string& path) {
    std::vector<PointRow> rows;
    read_shard(
        path, [](const SweepOutline&) {}, [&](PointRow row) { rows.push_back(std::move(row)); });
    return rows;
}

} // namespace

TEST_CASE("a shard's journal gives back what it was told, bit by bit", "[sweep]") {
    const formats::ScratchFolder folder;
    const std::string path = folder / "shard";
    PointRow failed = row_of(2);
    failed.status = PointStatus::over_budget;
    failed.reason = "1,000 events\n\"and more\"";
    failed.values = {std::nan(""), -0.0};
    {
        ShardJournal journal(path, outline_of_rows());
        journal.add(std::vector{row_of(1), failed});
    }
    ShardJournal journal(path, outline_of_rows());
    CHECK(journal.points() == 2);
    const std::optional<PointRow> first = journal.find(row_of(1).identity);
    REQUIRE(first);
    CHECK(first->parameters == row_of(1).parameters);
    CHECK(first->seed == row_of(1).seed);
    CHECK(first->values == row_of(1).values);
    const std::optional<PointRow> second = journal.find(failed.identity);
    REQUIRE(second);
    CHECK(second->status == PointStatus::over_budget);
    CHECK(second->reason == failed.reason);
    CHECK(std::isnan(second->values[0]));
    CHECK(std::signbit(second->values[1]));
    CHECK_FALSE(journal.find(row_of(3).identity));
}

TEST_CASE("a journal that is torn anywhere goes on from its last whole line", "[sweep]") {
    const formats::ScratchFolder folder;
    const std::string path = folder / "shard";
    { ShardJournal(path, outline_of_rows()).add(std::vector{row_of(1), row_of(2)}); }
    const std::string whole = folder.read("shard");
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        folder.write("shard", whole.substr(0, size));
        {
            ShardJournal journal(path, outline_of_rows());
            CHECK(journal.points() < 2);
            CHECK(journal.damaged() == 0);
            journal.add(std::vector{row_of(1), row_of(2)});
        }
        CHECK(ShardJournal(path, outline_of_rows()).points() == 2);
    }
}

TEST_CASE("a line with a changed byte does not count", "[sweep]") {
    const formats::ScratchFolder folder;
    const std::string path = folder / "shard";
    { ShardJournal(path, outline_of_rows()).add(std::vector{row_of(1), row_of(2)}); }
    std::string text = folder.read("shard");
    text[text.find('\n') + 40] ^= 1;
    folder.write("shard", text);
    ShardJournal journal(path, outline_of_rows());
    CHECK(journal.points() == 1);
    CHECK(journal.damaged() == 1);
    CHECK(rows_in(path).size() == 1);
    CHECK(merge_shards(folder / "merged", {path}, {}).front().damaged == 1);
}

TEST_CASE("what is no shard of this sweep is refused and left as it is", "[sweep]") {
    const formats::ScratchFolder folder;
    const SweepOutline outline = outline_of_rows();
    for (const char* const text : {"hello\n", "a letter that someone has written", "0123456789abcdef\tanything\n"}) {
        const std::string path = folder.write("letter", text);
        CHECK_THROWS_AS(ShardJournal(path, outline), InputError);
        CHECK(folder.read("letter") == text);
        CHECK_THROWS_AS(rows_in(path), InputError);
    }
    { ShardJournal(folder / "a", outline).add(std::vector{row_of(1)}); }
    SweepOutline other = outline;
    other.name = "another";
    CHECK_THROWS_AS(ShardJournal(folder / "a", other), InputError);
    { ShardJournal(folder / "b", other).add(std::vector{row_of(1)}); }
    CHECK_THROWS_AS(merge_shards(folder / "merged", {folder / "a", folder / "b"}, {}), InputError);
    CHECK_THROWS_AS(merge_shards(folder / "merged", {folder / "missing"}, {}), InputError);
}

TEST_CASE("a shard of a sweep that asks for more computes its points again, and merges as one", "[sweep]") {
    const formats::ScratchFolder folder;
    const std::string path = folder / "shard";
    const SyntheticWork before({.cells = 20});
    const SyntheticWork after({.cells = 20, .metrics = {"overhead", "response"}});
    for (const SyntheticWork* const work : {&before, &after}) {
        ShardJournal journal(path, work->outline());
        CHECK(make_thread_engine(1)->run(*work, Schedule(20, {}), journal, {}).computed == 20);
    }
    CHECK(merge_shards(folder / "merged", {path}, {}).front().rows == 40);
    sweep_by_threads(after, folder / "whole", 1);
    CHECK(exported(folder / "merged") == exported(folder / "whole"));
    CHECK(sweep_by_threads(after, folder / "merged", 1).computed == 0);
}
