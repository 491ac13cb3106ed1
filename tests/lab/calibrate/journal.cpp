#include "lab/calibrate/journal.hpp"

#include "models/errors.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>

using namespace switchyard;
using namespace switchyard::lab;

namespace {

const JournalHeader header{"tool 1", "a machine", "probes", 1'000'000};

JournalEntry entry(std::uint32_t round, const std::string& probe, double median) {
    JournalEntry made;
    made.round = round;
    made.probe = probe;
    made.amount = 256;
    made.figure = {median, 812.25, 90, 3, true};
    made.notes = {"no \"rights\""};
    made.seconds = 0.41;
    made.asked_seconds = 0.35;
    made.foreign_load = 0.05;
    made.again = 2;
    return made;
}

} // namespace

TEST_CASE("what a journal was told is there when it is opened again", "[journal]") {
    const formats::ScratchFolder folder;
    const std::string path = folder / "p.json.journal";
    {
        Journal journal(path, header);
        CHECK(journal.entries().empty());
        CHECK(journal.remark().empty());
        journal.add(entry(0, "fork_call", 1.0 / 3));
        JournalEntry failed = entry(1, "tick", 0);
        failed.figure.median.reset();
        failed.failure = "died";
        journal.add(failed);
    }
    JournalHeader later = header;
    later.begun += 600;
    const Journal journal(path, later);
    CHECK(journal.begun() == header.begun);
    REQUIRE(journal.entries().size() == 2);
    const JournalEntry* const first = journal.find(0, "fork_call", 256);
    REQUIRE(first != nullptr);
    CHECK(first->figure.median == 1.0 / 3);
    CHECK(first->figure.iteration_picoseconds == 812.25);
    CHECK(first->figure.samples == 90);
    CHECK(first->figure.dropped == 3);
    CHECK(first->figure.unsteady);
    CHECK(first->notes == std::vector<std::string>{"no \"rights\""});
    CHECK(first->seconds == 0.41);
    CHECK(first->asked_seconds == 0.35);
    CHECK(first->foreign_load == 0.05);
    CHECK(first->again == 2);
    REQUIRE(journal.find(1, "tick", 256) != nullptr);
    CHECK_FALSE(journal.find(1, "tick", 256)->figure.median.has_value());
    CHECK(journal.find(1, "tick", 256)->failure == "died");
    CHECK(journal.find(1, "fork_call", 256) == nullptr);
    CHECK(journal.find(0, "fork_call", 0) == nullptr);
}

TEST_CASE("a line that was not finished does not count, and the next one begins where it began", "[journal]") {
    const formats::ScratchFolder folder;
    const std::string path = folder / "j";
    { Journal(path, header).add(entry(0, "a", 1)); }
    const std::string whole = folder.read("j");
    folder.write("j", whole + whole.substr(whole.find('\n') + 1, 20));
    {
        Journal journal(path, header);
        CHECK(journal.entries().size() == 1);
        journal.add(entry(0, "b", 2));
    }
    CHECK(Journal(path, header).entries().size() == 2);
}

TEST_CASE("a journal of another machine, tool, choice of probes or hour is dropped, and says why", "[journal]") {
    const formats::ScratchFolder folder;
    const std::string path = folder / "j";
    const auto after = [&](const JournalHeader& other) {
        { Journal(path, header).add(entry(0, "a", 1)); }
        std::string remark;
        {
            const Journal journal(path, other);
            CHECK(journal.entries().empty());
            remark = journal.remark();
        }
        CHECK(Journal(path, other).remark().empty()); // it is the new one's now
        std::filesystem::remove(path);
        return remark;
    };
    JournalHeader other = header;
    other.machine = "another";
    CHECK(after(other).find("machine") != std::string::npos);
    other = header;
    other.tool = "tool 2";
    CHECK(after(other).find("version") != std::string::npos);
    other = header;
    other.probes = "more";
    CHECK(after(other).find("probes") != std::string::npos);
    other = header;
    other.begun += 3601;
    CHECK(after(other).find("60 minutes") != std::string::npos);
}

TEST_CASE("no file that is not a journal is touched, and no journal by two at a time", "[journal]") {
    const formats::ScratchFolder folder;
    const std::string path = folder.write("j", "dear diary\n");
    CHECK_THROWS_AS(Journal(path, header), SystemError);
    CHECK(folder.read("j") == "dear diary\n");

    const Journal mine(folder / "k", header);
    CHECK_THROWS_AS(Journal(folder / "k", header), SystemError);
}

TEST_CASE("without a path nothing is kept", "[journal]") {
    Journal journal("", header);
    journal.add(entry(0, "a", 1));
    CHECK(journal.entries().empty());
}
