// OSTEP's homework on translation, address by address: relocation.py (base and bounds), segmentation.py,
// paging-linear-translate.py, paging-multilevel-translate.py.
#include "sim/memory/translation/classic.hpp"
#include "tests/oracles/oracle.hpp"

#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <stdexcept>

using namespace switchyard;
using namespace switchyard::oracles;
using namespace switchyard::sim;

namespace {

// "16k"
std::uint64_t bytes_of(const std::string& text) {
    std::size_t digits = 0;
    const std::uint64_t number = std::stoull(text, &digits);
    const std::string unit = text.substr(digits);
    if (unit.empty()) return number;
    if (unit == "k" || unit == "K") return number << 10U;
    if (unit == "m" || unit == "M") return number << 20U;
    if (unit == "g" || unit == "G") return number << 30U;
    throw std::invalid_argument("no size: " + text);
}

Json physical(const classic::Translated& translated) {
    return translated.fault == classic::Fault::none ? Json(translated.physical) : Json(nullptr);
}

template <class Translate>
Json each(const Json& input, const Translate& translate) {
    Json all = Json::array();
    for (const std::uint64_t address : input.at("va")) all.push_back(translate(address));
    return all;
}

Json play_relocation(const Json& input) {
    const classic::BaseAndBounds relocation{input.at("base"), input.at("limit")};
    return {{"pa", each(input, [&](std::uint64_t va) { return physical(translate(relocation, va)); })}};
}

Json play_segmentation(const Json& input) {
    const std::uint64_t share = bytes_of(input.at("address_space")) / 2;
    const classic::Segmentation segmentation{
        share,
        {{.base = input.at("base0"), .limit = input.at("limit0")},
         {.base = input.at("base1"), .limit = input.at("limit1"), .grows_down = true}}};
    return {{"pa", each(input, [&](std::uint64_t va) { return physical(translate(segmentation, va)); })},
            {"segment", each(input, [&](std::uint64_t va) { return Json(translate(segmentation, va).part); })}};
}

Json play_linear(const Json& input) {
    constexpr std::uint64_t valid = std::uint64_t{1} << 31U;
    const std::uint64_t page = bytes_of(input.at("page_size"));
    const classic::LinearPageTable table{.offset_bits = static_cast<unsigned>(std::countr_zero(page)),
                                         .format = {valid, valid - 1},
                                         .entries = input.at("page_table")};
    return {{"pa", each(input, [&](std::uint64_t va) { return physical(translate(table, va)); })},
            {"vpn", each(input, [&](std::uint64_t va) { return Json(va / page); })}};
}

std::vector<std::uint8_t> bytes_from(const std::string& hexadecimal) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 0; at + 1 < hexadecimal.size(); at += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(hexadecimal.substr(at, 2), nullptr, 16)));
    return bytes;
}

Json play_multilevel(const Json& input) {
    const std::vector<std::uint8_t> memory = bytes_from(input.at("memory_hex"));
    const classic::MultiLevelTable table{.index_bits = {input.at("pde_bits"), input.at("pte_bits")},
                                         .offset_bits = input.at("offset_bits"),
                                         .entry_bytes = 1,
                                         .format = {input.at("valid_mask"), input.at("pfn_mask")},
                                         .root_frame = input.at("pdbr")};
    Json played = {{"pa", Json::array()}, {"value", Json::array()}, {"fault", Json::array()}};
    played["pde"] = played["pte"] = Json::array();
    for (const std::uint64_t va : input.at("va")) {
        std::vector<classic::WalkStep> path;
        const classic::Translated translated = translate(table, memory, va, &path);
        const bool is_mapped = translated.fault == classic::Fault::none;
        const auto step = [&](std::size_t level) {
            return level < path.size() ? Json{path[level].index, path[level].entry} : Json(nullptr);
        };
        played["pa"].push_back(physical(translated));
        played["value"].push_back(is_mapped ? Json(memory.at(translated.physical)) : Json(nullptr));
        played["pde"].push_back(step(0));
        played["pte"].push_back(step(1));
        played["fault"].push_back(is_mapped ? Json(nullptr) : Json(translated.part == 0 ? "pde" : "pte"));
    }
    return played;
}

} // namespace

TEST_CASE("OSTEP's relocation.py") {
    check_played("memory ostep relocation", read_cases("memory/ostep/relocation"), play_relocation);
}
TEST_CASE("OSTEP's segmentation.py") {
    check_played("memory ostep segmentation", read_cases("memory/ostep/segmentation"), play_segmentation);
}
TEST_CASE("OSTEP's paging-linear-translate.py") {
    check_played("memory ostep linear-paging", read_cases("memory/ostep/linear-paging"), play_linear);
}
TEST_CASE("OSTEP's paging-multilevel-translate.py") {
    check_played("memory ostep multilevel-paging", read_cases("memory/ostep/multilevel-paging"), play_multilevel);
}
