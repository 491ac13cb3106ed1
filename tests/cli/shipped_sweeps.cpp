// The sweeps that come with the program, whole, and the pictures docs/sweeps.md draws of them.
#include "formats/files.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

using namespace switchyard::formats;

namespace {

const std::string source = SWITCHYARD_SOURCE_DIR;

bool succeeds(const ScratchFolder& folder, const std::string& arguments) {
    const std::string line =
        "cd '" + (folder / "") + "' && '" SWITCHYARD_EXECUTABLE "' " + arguments + " > log 2>&1 < /dev/null";
    const bool succeeded = std::system(line.c_str()) == 0;
    if (!succeeded) UNSCOPED_INFO(arguments << ": " << folder.read("log"));
    return succeeded;
}

} // namespace

TEST_CASE("Every shipped sweep is computed without a failure, and is drawn as its documentation says") {
    const ScratchFolder folder;
    const std::string page = read_file(source + "/docs/sweeps.md");
    std::set<std::string> drawn;
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
        const std::string start = "    switchyard plot ";
        if (!line.starts_with(start)) continue;
        const std::string arguments = line.substr(start.size());
        const std::string name = arguments.substr(0, arguments.find(".sqlite"));
        CAPTURE(line);
        if (drawn.insert(name).second) {
            REQUIRE(succeeds(folder, "sweep " + name));
            CHECK(folder.read("log").find("failed") == std::string::npos);
        }
        REQUIRE(succeeds(folder, "plot " + arguments));
        const std::string picture = arguments.substr(arguments.find(" -o ") + 4);
        CHECK(folder.read(picture).find("<svg") != std::string::npos);
    }
    for (const auto& entry : std::filesystem::directory_iterator(source + "/scenarios/sweeps")) {
        const std::string name = entry.path().stem();
        CAPTURE(name);
        CHECK(drawn.contains(name));
        CHECK(page.find("pictures/sweeps/" + name + ".svg") != std::string::npos);
        CHECK(std::filesystem::exists(source + "/docs/pictures/sweeps/" + name + ".svg"));
    }
}
