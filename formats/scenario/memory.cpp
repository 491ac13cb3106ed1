#include "formats/scenario/memory.hpp"

#include "formats/files.hpp"
#include "formats/scenario/values.hpp"
#include "models/units/text.hpp"

#include <array>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <limits>

namespace switchyard::formats {

namespace {

constexpr std::size_t largest_trace = std::size_t{256} << 20; // of a file

Bytes size_or_none(const Node* node) { return node ? read_size(*node) : Bytes{}; }

bool is_set(const Node* node) { return node && read_boolean(*node); }

// What follows from such a word on the machines there are: who may write or execute may read.
Permissions read_permissions(const Node& node) {
    static constexpr std::array<std::string_view, 4> words{"none", "read", "write", "execute"};
    const std::size_t word = read_word(node, "access", words);
    return {.read = word > 0, .write = word == 2, .execute = word == 3};
}

Access read_access(const Node* node) {
    static constexpr std::array<std::string_view, 2> words{"read", "write"};
    return node && read_word(*node, "access", words) == 1 ? Access::write : Access::read;
}

std::uint64_t read_count(const Node* node) {
    return node ? static_cast<std::uint64_t>(read_integer(*node, 1, std::numeric_limits<std::int64_t>::max())) : 0;
}

// As with included files: below the folder of the file that names it.
std::filesystem::path trace_path(const Node& node) {
    const std::filesystem::path wanted(node.text);
    const std::filesystem::path scenario(node.file ? *node.file : "");
    if (scenario == shown_name("-"))
        throw InputError("standard input can name no trace: there is no folder to look in", node.location());
    const std::filesystem::path clean = wanted.lexically_normal();
    if (wanted.is_absolute() || (!clean.empty() && *clean.begin() == ".."))
        throw InputError(fmt::format("cannot read {}: only files below this file's folder can be", shown(node.text)),
                         node.location());
    return scenario.parent_path() / clean;
}

// One page number a line; empty lines, and lines that begin with '#', say nothing.
PageTrace read_trace(const Node& node) {
    const std::string path = trace_path(node).string();
    const std::string text = placed(node.location(), [&] { return read_file(path, largest_trace); });
    PageTrace trace{node.text, {}};
    int line = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view written(text.data() + begin, end - begin);
        begin = end + 1;
        ++line;
        if (written.empty() || written.front() == '#') continue;
        std::uint32_t page = 0;
        const auto [stop, error] = std::from_chars(written.data(), written.data() + written.size(), page);
        if (error != std::errc{} || stop != written.data() + written.size())
            throw InputError(fmt::format("a page number is wanted, not {}", shown(written)), {path, line, 1});
        trace.pages.push_back(page);
    }
    return trace;
}

std::vector<PolicyParameter> read_parameters(const Node& node) {
    std::vector<PolicyParameter> parameters;
    for (const Node& child : node.children)
        if (child.key != "policy" && child.key != "scope")
            parameters.push_back({child.key, child.text, child.location()});
    return parameters;
}

} // namespace

MachineMemory read_machine_memory(const Node& machine) {
    MachineMemory memory;
    if (const Node* size = machine.find("memory")) memory.size = read_size(*size);
    if (const Node* swap = machine.find("swap")) memory.swap = read_size(*swap);
    if (const Node* page = machine.find("page_size")) memory.page_size = read_size(*page);
    if (const Node* bits = machine.find("address_bits"))
        memory.address_bits = static_cast<std::uint32_t>(read_integer(*bits, 32, 57));
    if (const Node* replacement = machine.find("replacement")) {
        const Node& policy = replacement->is_map() ? *replacement->find("policy") : *replacement;
        memory.replacement = policy.text;
        memory.replacement_where = policy.location();
        memory.replacement_parameters = read_parameters(*replacement);
        static constexpr std::array<std::string_view, 2> scopes{"global", "local"};
        if (const Node* scope = replacement->find("scope"))
            memory.replacement_is_local = read_word(*scope, "scope", scopes) == 1;
    }
    if (const Node* window = machine.find("working_set_window"))
        memory.working_set_window =
            static_cast<std::uint32_t>(read_integer(*window, 1, std::numeric_limits<std::uint32_t>::max()));
    if (const Node* pages = machine.find("huge_pages")) {
        const auto number_of = [&](std::string_view size) {
            constexpr std::int64_t most = 1 << 20;
            const Node* count = pages->find(size);
            return count ? static_cast<std::uint32_t>(read_integer(*count, 0, most)) : 0;
        };
        memory.large_pages = number_of("2MiB");
        memory.huge_pages = number_of("1GiB");
    }
    if (const Node* tlb = machine.find("tlb")) memory.tlb = read_parameters(*tlb);
    return memory;
}

SegmentSizes read_segments(const Node& node) {
    return {size_or_none(node.find("text")), size_or_none(node.find("data")), size_or_none(node.find("bss")),
            size_or_none(node.find("heap")), size_or_none(node.find("stack"))};
}

void read_map(const Node& value, ProgramBuilder& program) {
    Mapping mapping;
    mapping.size = read_size(*value.find("size"));
    if (const Node* kind = value.find("kind")) mapping.kind = read_enumeration<RegionKind, region_kinds>(*kind, "kind");
    if (const Node* access = value.find("access")) mapping.permissions = read_permissions(*access);
    mapping.huge = is_set(value.find("huge"));
    mapping.populate = is_set(value.find("populate"));
    mapping.cold = is_set(value.find("cold"));
    mapping.writes_to_file = is_set(value.find("writes_to_file"));
    mapping.page_size = size_or_none(value.find("page_size"));
    if (const Node* reserve = value.find("reserve")) mapping.reserve = read_boolean(*reserve);
    if (const Node* page = value.find("start_page"))
        mapping.start_page = static_cast<std::uint32_t>(read_integer(*page, 0, most_start_page));
    program.map(value.find("as")->text, mapping);
}

void read_unmap(const Node& value, ProgramBuilder& program) {
    if (value.is_scalar())
        program.unmap(value.text);
    else
        program.unmap(value.find("region")->text, size_or_none(value.find("offset")),
                      size_or_none(value.find("length")));
}

void read_remap(const Node& value, ProgramBuilder& program) {
    program.remap(value.find("region")->text, read_size(*value.find("size")));
}

void read_protect(const Node& value, ProgramBuilder& program) {
    program.protect(value.find("region")->text, read_permissions(*value.find("access")),
                    size_or_none(value.find("offset")), size_or_none(value.find("length")));
}

void read_brk(const Node& value, ProgramBuilder& program) {
    const Node* shrink = value.find("shrink");
    program.brk(shrink ? -read_size(*shrink).count : read_size(value).count);
}

void read_advise(const Node& value, ProgramBuilder& program) {
    program.advise(value.find("region")->text, read_enumeration<Advice, advices>(*value.find("advice"), "advice"),
                   size_or_none(value.find("offset")), size_or_none(value.find("length")));
}

void read_touch(const Node& value, ProgramBuilder& program) {
    Touch touch;
    touch.part.offset = size_or_none(value.find("offset"));
    touch.part.length = size_or_none(value.find("length"));
    touch.access = read_access(value.find("access"));
    if (const Node* pattern = value.find("pattern"))
        touch.pattern = read_enumeration<AccessPattern, access_patterns>(*pattern, "pattern");
    touch.count = read_count(value.find("count"));
    touch.stride = size_or_none(value.find("stride"));
    if (const Node* skew = value.find("skew")) {
        const std::int64_t thousandths = placed(skew->location(), [&] { return parse_thousandths(skew->text); });
        if (thousandths > highest_skew)
            throw InputError(
                fmt::format("'skew' takes a number from 0 to {}, not {}", highest_skew / 1000, shown(skew->text)),
                skew->location());
        touch.skew = static_cast<std::uint32_t>(thousandths);
    }
    touch.working_set = size_or_none(value.find("working_set"));
    touch.references_per_phase = read_count(value.find("references_per_phase"));
    const std::string& region = value.find("region")->text;
    const Node* trace = value.find("trace");
    if (!trace) return void(program.touch(region, touch));
    if (value.find("pattern") && touch.pattern != AccessPattern::trace)
        throw InputError(fmt::format("'trace' is for 'pattern: trace', not {}", name_of(touch.pattern)),
                         trace->key_location());
    program.touch(region, touch, read_trace(*trace));
}

void read_observe(const Node& value, ProgramBuilder& program) {
    const Node* region = value.find("region");
    program.observe(value.find("as")->text, region ? std::string_view(region->text) : std::string_view());
}

} // namespace switchyard::formats
