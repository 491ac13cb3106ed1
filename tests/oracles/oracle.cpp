#include "tests/oracles/oracle.hpp"

#include "formats/files.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>

namespace switchyard::oracles {

namespace {

const char* folder_given() { return std::getenv("SWITCHYARD_ORACLES"); }

std::filesystem::path folder() {
    const char* given = folder_given();
    return given != nullptr && *given != '\0' ? given : SWITCHYARD_SOURCE_DIR "/tests/oracles/data";
}

void add_case(std::vector<OracleCase>& cases, Json document, const std::string& file, std::string_view id_prefix) {
    std::string id = document.contains("id") ? document["id"].get<std::string>() : file;
    if (id.starts_with(id_prefix)) cases.push_back({std::move(id), file, std::move(document)});
}

std::string shortened(const Json& value) {
    constexpr std::size_t longest = 160;
    std::string text = value.dump();
    if (text.size() > longest) text = text.substr(0, longest) + " ...";
    return text;
}

std::optional<std::string> difference(const Json& expected, const Json& got, const std::string& path) {
    if (expected.is_object() && got.is_object()) {
        for (const auto& [key, value] : expected.items()) {
            if (key.ends_with("_format")) continue;
            if (!got.contains(key)) return fmt::format("{}.{}: expected {}, got nothing", path, key, shortened(value));
            if (auto found = difference(value, got.at(key), path + "." + key)) return found;
        }
        for (const auto& [key, value] : got.items())
            if (!expected.contains(key)) return fmt::format("{}.{}: not expected: {}", path, key, shortened(value));
        return std::nullopt;
    }
    if (expected.is_array() && got.is_array()) {
        for (std::size_t i = 0; i < std::min(expected.size(), got.size()); ++i)
            if (auto found = difference(expected[i], got[i], fmt::format("{}[{}]", path, i))) {
                // A row of plain values says more as a whole.
                const bool is_row =
                    std::ranges::none_of(expected[i], [](const Json& one) { return one.is_structured(); });
                if (!expected[i].is_structured() || !is_row) return found;
                return fmt::format("{}[{}]: expected {}, got {}", path, i, shortened(expected[i]), shortened(got[i]));
            }
        if (expected.size() != got.size())
            return fmt::format("{}: expected {} elements, got {}", path, expected.size(), got.size());
        return std::nullopt;
    }
    if (expected.is_number_float() || got.is_number_float()) {
        // Programs print fractions they have added up in binary.
        constexpr double noise = 1e-9;
        if (expected.is_number() && got.is_number() &&
            std::abs(expected.get<double>() - got.get<double>()) <= noise * std::abs(expected.get<double>()))
            return std::nullopt;
    }
    if (expected == got) return std::nullopt;
    return fmt::format("{}: expected {}, got {}", path, shortened(expected), shortened(got));
}

} // namespace

std::string path_of(std::string_view file) { return (folder() / file).string(); }

std::vector<OracleCase> read_cases(std::string_view set, std::string_view id_prefix) {
    std::vector<OracleCase> cases;
    const std::filesystem::path path = folder() / set;
    if (!std::filesystem::is_directory(path)) return cases;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        const std::string name = entry.path().filename().string();
        const std::string extension = entry.path().extension().string();
        if (extension == ".json") {
            add_case(cases, formats::parse_json(formats::read_file(entry.path()), name), name, id_prefix);
        } else if (extension == ".jsonl") {
            const std::string text = formats::read_file(entry.path());
            int line_number = 0;
            for (std::size_t begin = 0; begin < text.size();) {
                const std::size_t end = std::min(text.find('\n', begin), text.size());
                const std::string file = fmt::format("{} (line {})", name, ++line_number);
                if (end > begin)
                    add_case(cases, formats::parse_json(std::string_view(text).substr(begin, end - begin), file), file,
                             id_prefix);
                begin = end + 1;
            }
        }
    }
    std::ranges::sort(cases, {}, &OracleCase::id);
    return cases;
}

std::optional<std::string> first_difference(const Json& expected, const Json& got) {
    return difference(expected, got, "$");
}

void check_cases(std::string_view title, const std::vector<OracleCase>& cases, const Check& check) {
    if (cases.empty() && folder_given() == nullptr) FAIL(title << ": no cases in " << folder());
    std::size_t exact = 0;
    for (const OracleCase& one : cases) {
        std::optional<std::string> wrong;
        try {
            wrong = check(one);
        } catch (const std::exception& error) {
            wrong = error.what();
        }
        if (wrong)
            FAIL_CHECK(one.id << " (" << one.file << "): " << *wrong);
        else
            ++exact;
    }
    std::cout << fmt::format("{}: {} of {} exact\n", title, exact, cases.size());
    CHECK(exact == cases.size());
}

void check_played(std::string_view title, const std::vector<OracleCase>& cases,
                  const std::function<Json(const Json& input)>& play) {
    check_cases(title, cases,
                [&](const OracleCase& one) { return first_difference(one.expected(), play(one.input())); });
}

} // namespace switchyard::oracles
