#include "formats/files.hpp"
#include "tests/formats/input_error.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <ostream>
#include <sys/stat.h>

using namespace switchyard;
using namespace switchyard::formats;

TEST_CASE("a file is read byte for byte") {
    const ScratchFolder folder;
    const std::string text("one\r\ntwo\0three", 14);
    CHECK(read_file(folder.write("text", text)) == text);
    CHECK(read_file(folder.write("empty", "")).empty());
}

TEST_CASE("a file that cannot be read says why") {
    const ScratchFolder folder;
    const std::string missing = folder / "missing.yaml";
    CHECK(error_of([&] { static_cast<void>(read_file(missing)); }) ==
          missing + ": cannot be read: No such file or directory");
    CHECK(error_of([&] { static_cast<void>(read_file(folder / "")); }) == folder / "" + ": is a folder, not a file");
    const std::string large = folder.write("large", "12345");
    CHECK(read_file(large, 5) == "12345");
    CHECK(error_of([&] { static_cast<void>(read_file(large, 4)); }) == large + ": larger than the 4 bytes allowed");
}

TEST_CASE("writing replaces a file and leaves nothing beside it") {
    const ScratchFolder folder;
    write_file(folder / "a.json", "first");
    write_file(folder / "a.json", "second");
    CHECK(folder.read("a.json") == "second");
    CHECK(folder.entries() == 1);
}

TEST_CASE("a write that fails leaves the old file as it was and nothing beside it") {
    const ScratchFolder folder;
    folder.write("a.json", "old");
    const auto failing = [](std::ostream& stream) {
        stream << std::string(200'000, 'x'); // more than any buffer holds
        throw InputError("halfway");
    };
    CHECK(error_of([&] { write_file(folder / "a.json", failing); }) == "halfway");
    CHECK(folder.read("a.json") == "old");
    CHECK(folder.entries() == 1);
}

TEST_CASE("a file that cannot be written says why") {
    const ScratchFolder folder;
    const std::string path = folder / "no/such/folder.json";
    try {
        write_file(path, "text");
        FAIL("it was written");
    } catch (const SystemError& error) {
        CHECK(std::string(error.what()) == fmt::format("cannot write '{}': No such file or directory", path));
    }
    CHECK_THROWS_AS(write_file(folder / "", "text"), SystemError);
    CHECK_THROWS_AS(write_file("/dev/full", "text"), SystemError);
}

TEST_CASE("a symbolic link stays a link and its target is replaced") {
    const ScratchFolder folder;
    folder.write("target.json", "old");
    std::filesystem::create_symlink("target.json", folder / "link.json");
    write_file(folder / "link.json", "new");
    CHECK(std::filesystem::is_symlink(folder / "link.json"));
    CHECK(folder.read("target.json") == "new");
}

TEST_CASE("a replaced file keeps its rights") {
    const ScratchFolder folder;
    const std::string path = folder.write("private.json", "old");
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    write_file(path, "new");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("what is no ordinary file is written to, not replaced") {
    write_file("/dev/null", "text");
    CHECK(std::filesystem::is_character_file("/dev/null"));
}
