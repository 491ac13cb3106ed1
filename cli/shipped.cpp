#include "cli/shipped.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <system_error>
#include <tuple>

namespace switchyard::cli {

namespace {

std::filesystem::path folder_of_scenarios() {
    if (const char* const named = std::getenv("SWITCHYARD_SCENARIOS"); named != nullptr && *named != '\0') return named;
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::filesystem::path installed = program.parent_path().parent_path() / "share" / "switchyard" / "scenarios";
    return !error && std::filesystem::is_directory(installed, error) ? installed : SWITCHYARD_SOURCE_SCENARIOS;
}

std::string_view without_folder(std::string_view name) { return name.substr(name.rfind('/') + 1); }

std::string_view folder(std::string_view name) {
    const std::size_t slash = name.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

} // namespace

// Sweeps stand in a folder of their own among the scenarios they vary.
static std::vector<ShippedScenario> shipped_files(bool sweeps) {
    const std::filesystem::path root = folder_of_scenarios();
    std::error_code error;
    std::vector<ShippedScenario> all;
    for (std::filesystem::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error))
        if (at->path().extension() == ".yaml")
            all.push_back({at->path().lexically_relative(root).replace_extension().generic_string(), at->path()});
    if (error)
        throw SystemError(fmt::format("the scenarios should be in '{}': {}; set SWITCHYARD_SCENARIOS to where they are",
                                      root.string(), error.message()));
    std::erase_if(all, [&](const ShippedScenario& one) { return (folder(one.name) == "sweeps") != sweeps; });
    std::ranges::sort(all, {}, [](const ShippedScenario& one) { return std::tuple(folder(one.name), one.name); });
    return all;
}

std::vector<ShippedScenario> shipped_scenarios() { return shipped_files(false); }

std::vector<ShippedScenario> shipped_sweeps() { return shipped_files(true); }

const ShippedScenario& shipped_scenario(const std::vector<ShippedScenario>& all, std::string_view name) {
    const auto exact = std::ranges::find(all, name, &ShippedScenario::name);
    if (exact != all.end()) return *exact;
    std::vector<const ShippedScenario*> alike;
    for (const ShippedScenario& one : all)
        if (without_folder(one.name) == name) alike.push_back(&one);
    if (alike.size() == 1) return *alike.front();
    if (alike.size() > 1)
        throw InputError(fmt::format("several scenarios are called '{}': say which, '{}' or '{}'", name, alike[0]->name,
                                     alike[1]->name));
    std::vector<std::string_view> names;
    for (const ShippedScenario& one : all) {
        names.push_back(one.name);
        if (one.name.find('/') != std::string::npos) names.push_back(without_folder(one.name));
    }
    throw InputError(fmt::format("there is no file and no scenario '{}'{}; see 'switchyard scenarios'", name,
                                 suggestion(name, names)));
}

static std::string file_among(std::vector<ShippedScenario> (*all)(), const std::string& file_or_name) {
    std::error_code error;
    const std::filesystem::path path(file_or_name);
    if (file_or_name == "-" || path.extension() == ".yaml" || path.extension() == ".yml" ||
        (std::filesystem::exists(path, error) && !std::filesystem::is_directory(path, error)))
        return file_or_name;
    return shipped_scenario(all(), file_or_name).file.string();
}

std::string file_of_scenario(const std::string& file_or_name) { return file_among(shipped_scenarios, file_or_name); }

std::string file_of_sweep(const std::string& file_or_name) { return file_among(shipped_sweeps, file_or_name); }

std::string in_one_line(std::string_view text, std::size_t width) {
    std::string line(text);
    std::ranges::replace(line, '\n', ' ');
    while (line.ends_with(' ')) line.pop_back();
    if (line.size() <= width) return line;
    std::size_t end = 0; // of the sentences, and of the words, that fit
    std::size_t words = 0;
    for (std::size_t i = 0; i + 1 < line.size() && i < width; ++i) {
        const bool stops = line[i] == '.' || line[i] == '?' || line[i] == '!';
        if (stops && line[i + 1] == ' ') end = i + 1;
        if (line[i] == ' ' && i + 4 <= width) words = i;
    }
    return end > 0 ? line.substr(0, end) : line.substr(0, words) + " ...";
}

} // namespace switchyard::cli
