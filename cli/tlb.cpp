// switchyard tlb TRACE: what a trace of memory references misses in TLBs of the shapes given, and what walks read.
#include "sim/memory/translation/tlb.hpp"
#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "cli/table.hpp"
#include "formats/files.hpp"
#include "formats/json/document.hpp"
#include "formats/reference_trace.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace switchyard::cli {

namespace {

using formats::Json;
using sim::AccessKind;

struct TlbOptions {
    std::string trace;
    std::string first_level = "16x4";
    std::string first_level_instruction;
    std::string second_level = "128x12";
    std::vector<std::string> walk_caches{"8x4", "1x4", "1x2", "1x1"};
    std::string page_size = "4KiB";
    unsigned levels = 4;
    bool json = false;
};

// "16x4": sets x ways; "none": no such cache.
sim::TranslationCacheShape parse_shape(const std::string& text, std::string_view option) {
    if (text == "none") return {};
    sim::TranslationCacheShape shape;
    const char* const end = text.data() + text.size();
    const auto sets = std::from_chars(text.data(), end, shape.sets);
    if (sets.ec == std::errc{} && sets.ptr != end && *sets.ptr == 'x' && shape.sets > 0) {
        const auto ways = std::from_chars(sets.ptr + 1, end, shape.ways);
        if (ways.ec == std::errc{} && ways.ptr == end) {
            try {
                return sim::TranslationCache(shape).shape();
            } catch (const InputError& error) {
                throw InputError(fmt::format("{}: {}", option, error.message()));
            }
        }
    }
    throw InputError(fmt::format("{} {}: sets x ways were expected, such as 16x4, or none", option, text));
}

sim::PageSize parse_page_size(const std::string& text, const sim::RadixLevels& table) {
    using enum sim::PageSize;
    const std::int64_t bytes = parse_size(text).count;
    std::string sizes;
    for (const sim::PageSize size : {small, large, huge}) {
        if (static_cast<unsigned>(size) >= table.levels) break;
        if (bytes == std::int64_t{1} << table.page_bits(size)) return size;
        sizes += (sizes.empty() ? "" : ", ") + text_of({std::int64_t{1} << table.page_bits(size)});
    }
    throw InputError(fmt::format("--page-size {}: pages of {} levels are of {}", text, table.levels, sizes));
}

sim::TranslationDescription description_of(const TlbOptions& options, sim::PageSize size) {
    sim::TranslationDescription description;
    const auto data = parse_shape(options.first_level, "--l1");
    const auto instruction = options.first_level_instruction.empty()
                                 ? data
                                 : parse_shape(options.first_level_instruction, "--l1-instruction");
    description.first_level_instruction = {{instruction, {size}}};
    description.first_level_data = {{data, {size}}};
    description.second_level = {{parse_shape(options.second_level, "--l2"), {size}}};
    description.page_table = sim::radix_levels(options.levels);
    if (options.walk_caches.size() > description.walk_caches.size())
        throw InputError("--walk-caches: at most four shapes, for the levels 2 to 5");
    for (std::size_t i = 0; i < options.walk_caches.size(); ++i)
        description.walk_caches[i] = parse_shape(options.walk_caches[i], "--walk-caches");
    return description;
}

// A modification is one read, as cachegrind counts it; so is a page of a trace of page numbers.
AccessKind kind_of(formats::ReferenceKind kind) {
    switch (kind) {
    case formats::ReferenceKind::instruction: return AccessKind::instruction;
    case formats::ReferenceKind::store: return AccessKind::write;
    default: return AccessKind::read;
    }
}

// The address as the page table sees it. All bits above it must be 0, or all 1 as of a kernel's addresses.
std::uint64_t within(std::uint64_t address, unsigned bits, const std::string& trace) {
    const std::uint64_t above = address >> bits;
    if (above != 0) [[unlikely]] {
        if (bits == 32 || above != ~std::uint64_t{0} >> bits)
            throw InputError(fmt::format("{:#x} is no address of {} bits: see --levels", address, bits),
                             {formats::shown_name(trace), 0, 0});
        return address & ((std::uint64_t{1} << bits) - 1);
    }
    return address;
}

std::uint64_t page_within(std::uint64_t page, unsigned bits, const std::string& trace) {
    if (page >> bits != 0)
        throw InputError(fmt::format("page {} is beyond the address space: see --levels and --page-size", page),
                         {formats::shown_name(trace), 0, 0});
    return page;
}

void replay(const TlbOptions& options, sim::PageSize size, sim::TranslationHardware& core,
            const std::stop_token& stop) {
    constexpr std::size_t batch = 1 << 14;
    formats::ReferenceTrace trace(options.trace, stop);
    ProgressBar progress("tlb");
    std::vector<formats::MemoryReference> references(batch);
    std::vector<std::uint64_t> pages; // in a row
    const auto access_pages = [&] {
        if (pages.empty()) return;
        core.access_pages(0, pages, size, AccessKind::read);
        pages.clear();
    };
    std::uint64_t all = 0;
    const sim::RadixLevels table{options.levels};
    const unsigned page_bits = table.page_bits(size);
    while (const std::size_t count = trace.read(references)) {
        for (const formats::MemoryReference& one : std::span(references).first(count)) {
            if (one.kind == formats::ReferenceKind::page) {
                pages.push_back(page_within(one.address, table.address_bits() - page_bits, options.trace));
                continue;
            }
            access_pages();
            core.access_bytes(0, within(one.address, table.address_bits(), options.trace), one.size, size,
                              kind_of(one.kind));
        }
        access_pages();
        all += count;
        const double fraction = trace.fraction_read();
        const std::string what = fmt::format("{} references", all);
        if (fraction >= 0)
            progress.show(fraction, what);
        else
            progress.show(what);
        if (stop.stop_requested()) return;
    }
    if (all == 0) throw InputError("there is no reference in it", {formats::shown_name(options.trace), 0, 0});
}

struct Row {
    const char* name;
    sim::TranslationCounts counts;
};

std::array<Row, 4> rows_of(const sim::TranslationHardware& core) {
    return {{{"instruction", core.counts(AccessKind::instruction)},
             {"data read", core.counts(AccessKind::read)},
             {"data write", core.counts(AccessKind::write)},
             {"all", core.counts()}}};
}

std::string share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? "" : fmt::format("{:.3f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

void print_table(const sim::TranslationHardware& core) {
    Table table({{"references", Align::left},
                 {"count"},
                 {"L1 misses"},
                 {"share"},
                 {"L2 misses"},
                 {"share"},
                 {"walks"},
                 {"levels read"}});
    for (const auto& [name, counts] : rows_of(core)) {
        if (std::string_view(name) == "all") table.add_line();
        table.add({{name},
                   {std::to_string(counts.accesses)},
                   {std::to_string(counts.first_level_misses)},
                   {share(counts.first_level_misses, counts.accesses)},
                   {std::to_string(counts.second_level_misses)},
                   {share(counts.second_level_misses, counts.accesses)},
                   {std::to_string(counts.walks)},
                   {std::to_string(counts.levels_read)}});
    }
    fmt::print("{}", table.text(wants_colour()));
}

void print_json(const TlbOptions& options, const sim::TranslationHardware& core) {
    Json document = {{"trace", options.trace},
                     {"page_size", options.page_size},
                     {"levels", options.levels},
                     {"l1", options.first_level},
                     {"l1_instruction",
                      options.first_level_instruction.empty() ? options.first_level : options.first_level_instruction},
                     {"l2", options.second_level},
                     {"walk_caches", options.walk_caches}};
    for (const auto& [name, counts] : rows_of(core)) {
        std::string key = name;
        std::ranges::replace(key, ' ', '_');
        document[key] = {{"references", counts.accesses},
                         {"l1_misses", counts.first_level_misses},
                         {"l2_misses", counts.second_level_misses},
                         {"walks", counts.walks},
                         {"levels_read", counts.levels_read}};
    }
    fmt::print("{}", formats::json_text(document));
}

int run(const TlbOptions& options, const std::stop_token& stop) {
    const sim::PageSize size = parse_page_size(options.page_size, sim::radix_levels(options.levels));
    sim::TranslationHardware core(description_of(options, size));
    replay(options, size, core, stop);
    if (stop.stop_requested()) return interrupted;
    options.json ? print_json(options, core) : print_table(core);
    return succeeded;
}

} // namespace

std::function<int()> add_tlb(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<TlbOptions>();
    app.add_option("TRACE", options->trace,
                   "a file, possibly compressed with zstd, or - for standard input: one reference a line, either a "
                   "page number (a data read), or I, L, S or M with an address and a size as 'valgrind --tool=lackey "
                   "--trace-mem=yes' prints them")
        ->required();
    app.add_option("--l1", options->first_level, "first level for data, SETSxWAYS or none; 1xN is fully associative")
        ->capture_default_str();
    app.add_option("--l1-instruction", options->first_level_instruction,
                   "first level for instructions (default: as --l1)");
    app.add_option("--l2", options->second_level, "second level, for both, SETSxWAYS or none")->capture_default_str();
    app.add_option("--walk-caches", options->walk_caches,
                   "what the page walker keeps of the page table's levels 2, 3, 4 and 5: SETSxWAYS or none, each")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->capture_default_str();
    app.add_option("--page-size", options->page_size, "4KiB, 2MiB or 1GiB; with two levels 4KiB or 4MiB")
        ->capture_default_str();
    app.add_option("--levels", options->levels, "of the page table: 2 (32 bits), 4 or 5 (64 bits)")
        ->capture_default_str();
    app.add_flag("--json", options->json, "print the counts as JSON");
    app.footer(
        "Sets are a power of two, the set is the page number modulo the sets, and the order within a set is true "
        "LRU. An\naccess across two pages counts as one, and at most one miss a level. The trace is read as a "
        "stream, so memory does not\ngrow with its length.\n\n"
        "  valgrind --tool=lackey --trace-mem=yes --log-fd=9 9>&1 >/dev/null ls | switchyard tlb - --l1 16x4 --l2 "
        "128x12");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
