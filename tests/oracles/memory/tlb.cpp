// Valgrind's cachegrind with lines of 4,096 bytes is a TLB of sets and ways, true LRU. Real programs run under it, and
// under lackey, which wrote down their references: the same ones must miss here.
#include "sim/memory/translation/tlb.hpp"
#include "formats/reference_trace.hpp"
#include "tests/oracles/oracle.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <vector>

using namespace switchyard;
using namespace switchyard::oracles;

namespace {

using formats::ReferenceKind;
using sim::AccessKind;

// A modification is one read.
AccessKind kind_of(ReferenceKind kind) {
    switch (kind) {
    case ReferenceKind::instruction: return AccessKind::instruction;
    case ReferenceKind::store: return AccessKind::write;
    default: return AccessKind::read;
    }
}

std::optional<std::string> check_row(const OracleCase& row) {
    const Json& about = row.document;
    const sim::TranslationCacheShape first{about.at("l1_sets"), about.at("l1_ways")};
    const sim::TranslationCacheShape second{about.at("l2_sets"), about.at("l2_ways")};
    const std::vector<sim::PageSize> sizes{sim::PageSize::small};
    sim::TranslationHardware core({.first_level_instruction = {{first, sizes}},
                                   .first_level_data = {{first, sizes}},
                                   .second_level = {{second, sizes}},
                                   .page_table = {4}});
    const std::string trace_name = about.at("trace");
    formats::ReferenceTrace trace(path_of("memory/traces/" + trace_name + ".txt.zst"));
    std::vector<formats::MemoryReference> references(4096);
    std::array<std::uint64_t, 5> read{};
    while (const std::size_t count = trace.read(references))
        for (const formats::MemoryReference& one : std::span(references).first(count)) {
            core.access_bytes(0, one.address, one.size, sim::PageSize::small, kind_of(one.kind));
            ++read[static_cast<std::size_t>(one.kind)];
        }
    const auto of_kind = [&](ReferenceKind kind) { return read[static_cast<std::size_t>(kind)]; };
    const Json references_read = {{"I", of_kind(ReferenceKind::instruction)},
                                  {"L", of_kind(ReferenceKind::load)},
                                  {"S", of_kind(ReferenceKind::store)},
                                  {"M", of_kind(ReferenceKind::modify)}};
    if (auto wrong = first_difference(about.at("refs"), references_read)) return wrong;
    const auto& instruction = core.counts(AccessKind::instruction);
    const auto& data_read = core.counts(AccessKind::read);
    const auto& data_write = core.counts(AccessKind::write);
    return first_difference(row.expected(), {{"itlb_misses", instruction.first_level_misses},
                                             {"dtlb_read_misses", data_read.first_level_misses},
                                             {"dtlb_write_misses", data_write.first_level_misses},
                                             {"stlb_misses_i", instruction.second_level_misses},
                                             {"stlb_misses_d_read", data_read.second_level_misses},
                                             {"stlb_misses_d_write", data_write.second_level_misses}});
}

} // namespace

TEST_CASE("Cachegrind's TLBs: misses of real programs by level and kind") {
    check_cases("memory tlb_cachegrind", read_cases("memory/tlb_cachegrind"), check_row);
}
