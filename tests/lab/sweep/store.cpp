#include "lab/sweep/store.hpp"

#include "lab/sweep/file_guard.hpp"
#include "lab/sweep/shard_journal.hpp"
#include "lab/sweep/sqlite.hpp"
#include "models/errors.hpp"
#include "tests/formats/scratch_folder.hpp"
#include "tests/lab/sweep/synthetic_work.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <csignal>
#include <filesystem>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace switchyard;
using namespace switchyard::lab;

namespace {

std::string error_of(const auto& action) {
    try {
        action();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "";
}

bool contains(const std::string& text, const std::string& part) {
    CAPTURE(text, part);
    return text.find(part) != std::string::npos;
}

void run_sql(const std::string& path, const std::string& text) {
    SqliteDatabase(path, SqliteDatabase::Access::read_and_write).execute(text);
}

} // namespace

TEST_CASE("a database that is closed leaves no other file beside it", "[sweep]") {
    const formats::ScratchFolder folder;
    const SyntheticWork work({});
    sweep_by_threads(work, folder / "a.sqlite", 2);
    CHECK(folder.entries() == 1);
    CHECK(ResultStore(folder / "a.sqlite", work.outline()).points() == 100);
    CHECK(folder.entries() == 1);
}

TEST_CASE("what is not this sweep's database is refused and left as it is", "[sweep]") {
    const formats::ScratchFolder folder;
    const SyntheticWork work({});
    const auto error_of_opening = [&](const std::string& path) {
        const std::string before = folder.read(std::filesystem::path(path).filename());
        const std::string error = error_of([&] { ResultStore store(path, work.outline()); });
        CHECK(folder.read(std::filesystem::path(path).filename()) == before);
        CHECK(error.find('\n') == std::string::npos);
        return error;
    };
    CHECK(contains(error_of_opening(folder.write("text", std::string(2000, 'x'))), "is no database"));

    folder.write("foreign", "");
    run_sql(folder / "foreign", "CREATE TABLE t(x)");
    CHECK(contains(error_of_opening(folder / "foreign"), "the database of another program"));

    sweep_by_threads(SyntheticWork({.cells = 1, .name = "other"}), folder / "other", 1);
    CHECK(contains(error_of_opening(folder / "other"), "holds the sweep 'other', not 'synthetic'"));

    sweep_by_threads(work, folder / "newer", 1);
    run_sql(folder / "newer", "PRAGMA user_version = 2");
    CHECK(contains(error_of_opening(folder / "newer"), "was written by a newer switchyard"));

    sweep_by_threads(work, folder / "model", 1);
    run_sql(folder / "model", "UPDATE description SET value = '0' WHERE key = 'model_version'");
    CHECK(contains(error_of_opening(folder / "model"), "another version of the model (0, this is 1)"));

    CHECK(contains(error_of([&] { ResultStore store(folder / "no/such", work.outline()); }), "No such file"));
}

TEST_CASE("one process writes a database at a time, and the other is told who", "[sweep]") {
    const formats::ScratchFolder folder;
    const SyntheticWork work({});
    const std::string path = folder / "a.sqlite";
    auto first = std::make_unique<ResultStore>(path, work.outline());
    const std::string error = error_of([&] { ResultStore second(path, work.outline()); });
    CHECK(contains(error, "is writing " + path));
    CHECK(contains(error, fmt::format("process {} (", getpid())));
    first.reset();
    CHECK(ResultStore(path, work.outline()).points() == 0);
    const ShardJournal journal(folder / "shard", work.outline());
    CHECK(contains(error_of([&] { ShardJournal other(folder / "shard", work.outline()); }), "is writing "));
}

TEST_CASE("a sweep that asks for more goes on in the same database", "[sweep]") {
    const formats::ScratchFolder folder;
    const std::string path = folder / "a.sqlite";
    sweep_by_threads(SyntheticWork({.cells = 50}), path, 1);
    CHECK(sweep_by_threads(SyntheticWork({.cells = 60}), path, 1).computed == 10);
    CHECK(sweep_by_threads(SyntheticWork({.cells = 60, .replications = {2, 2, {}}}), path, 1).computed == 60);

    const SyntheticWork more({.cells = 60, .replications = {2, 2, {}}, .metrics = {"overhead", "response"}});
    CHECK(sweep_by_threads(more, path, 1).computed == 120);
    CHECK(sweep_by_threads(more, path, 1).computed == 0);
    sweep_by_threads(more, folder / "b.sqlite", 1);
    CHECK(exported(path) == exported(folder / "b.sqlite"));

    // What it does not ask for any more stays where it was found, and is not missed.
    const SyntheticWork less({.cells = 70, .replications = {2, 2, {}}, .metrics = {"response"}});
    CHECK(sweep_by_threads(less, path, 1).computed == 20);
    CHECK(sweep_by_threads(less, path, 1).computed == 0);
    const SyntheticWork all({.cells = 70, .replications = {2, 2, {}}, .metrics = {"overhead", "response"}});
    CHECK(sweep_by_threads(all, path, 1).computed == 20);
    sweep_by_threads(all, folder / "c.sqlite", 1);
    CHECK(exported(path) == exported(folder / "c.sqlite"));
}

TEST_CASE("a metric that a report does not know is not computed for ever", "[sweep]") {
    const formats::ScratchFolder folder;
    const SyntheticWork failing({.fails_every = 1}); // NaN in all of them
    CHECK(sweep_by_threads(failing, folder / "a", 1).computed == 100);
    CHECK(sweep_by_threads(failing, folder / "a", 1).computed == 0);
}

TEST_CASE("network file systems are known by their numbers", "[sweep]") {
    CHECK(network_file_system_named(0x6969) == "NFS");
    CHECK(network_file_system_named(static_cast<int>(0xff534d42)) == "CIFS"); // statfs's field may be signed
    CHECK(network_file_system_named(0x0bd00bd0) == "Lustre");
    CHECK(network_file_system_named(0x47504653) == "GPFS");
    CHECK(network_file_system_named(0x65735546) == "FUSE");
    CHECK(network_file_system_named(0xef53).empty()); // ext4
}

namespace {

// The sweep in a process of its own in which writing fails from some size on; its exit status is 3 then.
int sweep_where_disk_is_full(const SyntheticWork& work, const std::string& path, bool shard, rlim_t most_bytes) {
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{most_bytes, most_bytes};
        setrlimit(RLIMIT_FSIZE, &limit);
        int status = 0;
        try {
            if (shard) {
                ShardJournal journal(path, work.outline());
                make_thread_engine(2)->run(work, Schedule(work.cells(), work.replications()), journal, {});
            } else {
                sweep_by_threads(work, path, 2);
            }
        } catch (const SystemError&) {
            status = 3;
        }
        _exit(status);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST_CASE("where the disk is full what was written stays, and the same again goes on", "[sweep]") {
    const formats::ScratchFolder folder;
    const bool shard = GENERATE(false, true);
    const SyntheticWork work({.cells = 60'000});
    const std::string path = folder / "full";
    REQUIRE(sweep_where_disk_is_full(work, path, shard, 4'000'000) == 3);
    const std::uint64_t there =
        shard ? ShardJournal(path, work.outline()).points() : ResultStore(path, work.outline()).points();
    CHECK(there > 1000);
    CHECK(there < 60'000);
    if (shard) {
        ShardJournal journal(path, work.outline());
        CHECK(journal.damaged() == 0);
        CHECK(make_thread_engine(2)->run(work, Schedule(60'000, {}), journal, {}).computed == 60'000 - there);
        return;
    }
    CHECK(sweep_by_threads(work, path, 2).computed == 60'000 - there);
    sweep_by_threads(work, folder / "whole", 1);
    CHECK(exported(path) == exported(folder / "whole"));
}

TEST_CASE("on a small disk that is really full, too", "[sweep]") {
    const formats::ScratchFolder folder;
    const std::string disk = folder / "disk";
    std::filesystem::create_directory(disk);
    if (mount("none", disk.c_str(), "tmpfs", 0, "size=4m") != 0) SKIP("needs the right to mount a small disk");
    const SyntheticWork work({.cells = 60'000});
    const std::string path = disk + "/full.sqlite";
    const std::string error = error_of([&] { sweep_by_threads(work, path, 2); });
    CHECK(contains(error, "full"));
    CHECK(mount("none", disk.c_str(), "tmpfs", MS_REMOUNT, "size=100m") == 0);
    std::uint64_t there = 0;
    {
        ResultStore store(path, work.outline());
        there = store.points();
    }
    CHECK(there > 0);
    CHECK(sweep_by_threads(work, path, 2).computed == 60'000 - there);
    sweep_by_threads(work, folder / "whole", 1);
    CHECK(exported(path) == exported(folder / "whole"));
    CHECK(umount(disk.c_str()) == 0);
}
