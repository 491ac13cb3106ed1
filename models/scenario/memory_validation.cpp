#include "models/scenario/memory_validation.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <span>

namespace switchyard {

// --- One operation -----------------------------------------------------------------------------------------------

namespace {

template <class Operand>
const Operand& operand(const std::vector<Operand>& operands, const Operation& operation) {
    if (operation.object >= operands.size())
        throw InputError(fmt::format("operation '{}' is malformed: its operands do not exist; let ProgramBuilder write "
                                     "the code",
                                     name_of(operation.kind)));
    return operands[operation.object];
}

const std::string& region_name(const MemoryOperands& operands, std::uint32_t region) {
    if (region >= operands.regions.size())
        throw InputError(
            "a memory operation is malformed: its region does not exist; let ProgramBuilder write the code");
    return operands.regions[region];
}

void check_size(std::string_view what, Bytes size) {
    if (size.count <= 0)
        throw InputError(fmt::format("{}: a size of {} bytes is none: write 1B or more", what, size.count));
    if (size > most_region_size)
        throw InputError(fmt::format("{}: a region has at most {}", what, text_of(most_region_size)));
}

void check_part(const MemoryOperands& operands, const RegionPart& part, std::string_view what) {
    static_cast<void>(region_name(operands, part.region));
    if (part.offset.count < 0 || part.length.count < 0)
        throw InputError(fmt::format("{}: 'offset' and 'length' cannot be negative", what));
    if (part.offset > most_region_size || part.length > most_region_size)
        throw InputError(fmt::format("{}: a region has at most {}", what, text_of(most_region_size)));
}

void refuse_segment(const std::string& region, std::string_view verb, std::string_view hint) {
    if (segment_named(region))
        throw InputError(fmt::format("{}: '{}' is a segment, which every process has: {}", verb, region, hint));
}

void check_huge_pages(const Mapping& mapping) {
    if (mapping.page_size != large_page && mapping.page_size != huge_page)
        throw InputError(fmt::format("map: there are no huge pages of {}: write 'page_size: 2MiB' or 'page_size: 1GiB'",
                                     text_of(mapping.page_size)));
    if (mapping.size.count % mapping.page_size.count != 0)
        throw InputError(
            fmt::format("map: {} are no multiple of its huge pages of {}: map {}", text_of(mapping.size),
                        text_of(mapping.page_size),
                        text_of(Bytes{(mapping.size.count / mapping.page_size.count + 1) * mapping.page_size.count})));
    if (mapping.kind == RegionKind::file)
        throw InputError("map: pages of a file are of no size of one's own: leave 'page_size' away, or 'kind: file'");
    if (mapping.huge)
        throw InputError("map: huge pages come where they fit ('huge'), or always ('page_size'): write one of the two");
    if (mapping.start_page != 0)
        throw InputError("map: huge pages begin at a multiple of their size: leave 'start_page' away");
}

void check_mapping(const MemoryOperands& operands, const Mapping& mapping) {
    const std::string& region = region_name(operands, mapping.region);
    refuse_segment(region, "map", "give the region another name");
    check_size("map", mapping.size);
    const bool is_file = mapping.kind == RegionKind::file;
    if (mapping.huge && mapping.kind != RegionKind::anonymous)
        throw InputError(
            fmt::format("map: huge pages are for anonymous memory: leave 'huge' away, or '{}'", name_of(mapping.kind)));
    if (mapping.cold && !is_file)
        throw InputError("map: only a file can be cold: leave 'cold' away, or write 'kind: file'");
    if (mapping.cold && mapping.populate) throw InputError("map: what is populated is read at once, it cannot be cold");
    if (mapping.writes_to_file && !is_file)
        throw InputError("map: only a file can be written to: leave 'writes_to_file' away, or write 'kind: file'");
    if (mapping.page_size.count == 0) {
        if (!mapping.reserve)
            throw InputError("map: only huge pages are reserved: leave 'reserve' away, or say of which "
                             "'page_size' they are");
    } else
        check_huge_pages(mapping);
    if (mapping.start_page > most_start_page)
        throw InputError(fmt::format("map: 'start_page' is 0 to {}: a page table has no more", most_start_page));
}

void check_touch(const MemoryOperands& operands, const Touch& touch) {
    check_part(operands, touch.part, "touch");
    if (touch.pattern == AccessPattern::strided && (touch.stride.count <= 0 || touch.stride > most_region_size))
        throw InputError("touch: a strided pattern needs a 'stride' of 1B or more");
    if (touch.pattern != AccessPattern::strided && touch.stride.count != 0)
        throw InputError(fmt::format("touch: 'stride' is for 'pattern: strided', not {}", name_of(touch.pattern)));
    if (is_drawn(touch.pattern) && (touch.count == 0 || touch.count > most_drawn_references))
        throw InputError(fmt::format("touch: a {} pattern needs a 'count' of references, 1 to {}",
                                     name_of(touch.pattern), most_drawn_references));
    if (touch.pattern == AccessPattern::downwards && touch.part.offset.count != 0)
        throw InputError(
            "touch: 'downwards' begins at the region's end: leave 'offset' away, 'length' says how far down");
    if (touch.skew > highest_skew) throw InputError(fmt::format("touch: 'skew' is 0 to {}", highest_skew / 1000));
    if (touch.pattern == AccessPattern::phases && (touch.working_set.count <= 0 || touch.references_per_phase == 0))
        throw InputError("touch: a pattern of phases needs a 'working_set' of 1B or more and 'references_per_phase'");
    if (touch.pattern != AccessPattern::trace) return;
    if (touch.trace >= operands.traces.size()) throw InputError("touch: a trace needs a 'trace', the file it is in");
    if (operands.traces[touch.trace].pages.empty())
        throw InputError(fmt::format("touch: there is no page in '{}'", operands.traces[touch.trace].name));
}

} // namespace

void check_operands(const MemoryOperands& operands, const Operation& operation) {
    switch (operation.kind) {
    case OperationKind::map: return check_mapping(operands, operand(operands.mappings, operation));
    case OperationKind::unmap: {
        const RegionPart& part = operand(operands.parts, operation);
        check_part(operands, part, "unmap");
        return refuse_segment(region_name(operands, part.region), "unmap", "it stays");
    }
    case OperationKind::remap: {
        const Remapping& remapping = operand(operands.remappings, operation);
        refuse_segment(region_name(operands, remapping.region), "remap", "only the heap can grow, by 'brk'");
        return check_size("remap", remapping.size);
    }
    case OperationKind::protect: return check_part(operands, operand(operands.protections, operation).part, "protect");
    case OperationKind::brk:
        if (const std::int64_t bytes = operand(operands.heap_changes, operation).bytes;
            bytes == 0 || bytes > most_region_size.count || bytes < -most_region_size.count)
            throw InputError(fmt::format("brk: the heap grows or shrinks by 1B to {}", text_of(most_region_size)));
        return;
    case OperationKind::advise: return check_part(operands, operand(operands.advisings, operation).part, "advise");
    case OperationKind::touch: return check_touch(operands, operand(operands.touches, operation));
    case OperationKind::observe: {
        const Observation& observation = operand(operands.observations, operation);
        if (observation.name.empty()) throw InputError("observe: an observation needs a name: write 'as'");
        if (observation.region != no_region) static_cast<void>(region_name(operands, observation.region));
        return;
    }
    default: return;
    }
}

void check_working_set(const Program& program, const Operation& operation) {
    if (operation.object == no_object) return;
    const WorkingSet& over = operand(program.working_sets, operation);
    if (over.region != no_region)
        static_cast<void>(region_name(program.memory, over.region));
    else if (over.size.count <= 0)
        throw InputError("compute: a working set of 0 bytes is none: write 1B or more, or leave 'over' away");
    else if (over.size > most_region_size)
        throw InputError(fmt::format("compute: a working set has at most {}", text_of(most_region_size)));
}

// --- The machine -------------------------------------------------------------------------------------------------

bool has_huge_pages(const MachineMemory& memory) { return memory.page_size == base_page && memory.address_bits != 32; }

void validate(const MachineMemory& memory) {
    const auto is_power = [](std::int64_t value) { return value > 0 && (value & (value - 1)) == 0; };
    constexpr Bytes largest_page{std::int64_t{1} << 20};
    if (!is_power(memory.page_size.count) || memory.page_size < Bytes{256} || memory.page_size > largest_page)
        throw InputError(
            fmt::format("a page of {} is none: write a power of two from 256B to 1MiB", text_of(memory.page_size)));
    if (memory.address_bits != 32 && memory.address_bits != 48 && memory.address_bits != 57)
        throw InputError(fmt::format("addresses of {} bits are not known: write 32, 48 or 57", memory.address_bits));
    if (memory.size && *memory.size < memory.page_size)
        throw InputError(fmt::format("a memory of {} has no page in it", text_of(*memory.size)));
    if (memory.size && *memory.size < memory.set_aside() + memory.page_size)
        throw InputError(
            fmt::format("the huge pages set aside take {} of the machine's {}: set fewer aside, or give it "
                        "more memory",
                        text_of(memory.set_aside()), text_of(*memory.size)));
    if (memory.set_aside().count > 0 && !has_huge_pages(memory))
        throw InputError(
            "huge pages of 2 MiB and 1 GiB are those of page tables with pages of 4 KiB and 48 or 57 bits of "
            "address: leave 'page_size' and 'address_bits' of the machine as they are");
    if (memory.swap.count < 0) throw InputError("swap cannot be negative");
    if (memory.working_set_window == 0)
        throw InputError("a window of 0 references has no working set: write 1 or more");
    if (memory.replacement_is_local && !memory.size)
        throw InputError("local replacement divides the machine's memory among its processes: give it a size "
                         "('memory: 64MiB'), or only the processes limits");
}

void validate(const SegmentSizes& sizes) {
    for (int i = 0; i < segments; ++i) {
        const auto segment = static_cast<Segment>(i);
        if (sizes.of(segment).count < 0 || sizes.of(segment) > most_region_size)
            throw InputError(fmt::format("its {} cannot be of {} bytes: write 0B to {}", name_of(segment),
                                         sizes.of(segment).count, text_of(most_region_size)));
    }
}

// --- Which regions there are -------------------------------------------------------------------------------------

RegionNumbering number_regions(const Scenario& scenario) {
    RegionNumbering numbering;
    std::map<std::string_view, std::uint32_t> numbers;
    for (int segment = 0; segment < segments; ++segment) {
        const std::string_view name = name_of(static_cast<Segment>(segment));
        numbers.emplace(name, static_cast<std::uint32_t>(segment));
        numbering.names.emplace_back(name);
    }
    for (const TaskTemplate& task : scenario.tasks) {
        std::vector<std::uint32_t>& own = numbering.of_program.emplace_back();
        for (const std::string& name : task.program.memory.regions) {
            const auto [entry, is_new] = numbers.try_emplace(name, static_cast<std::uint32_t>(numbering.names.size()));
            if (is_new) numbering.names.push_back(name);
            own.push_back(entry->second);
        }
    }
    return numbering;
}

KnownSizes::KnownSizes(const Scenario& scenario) {
    const RegionNumbering numbering = number_regions(scenario);
    std::map<std::string_view, std::uint32_t> shared; // processes that tasks name
    for (const TaskTemplate& task : scenario.tasks) {
        const auto fresh = static_cast<std::uint32_t>(regions_.size());
        const std::uint32_t process =
            task.kind == TaskKind::process
                ? fresh
                : shared.try_emplace(task.process.empty() ? std::string_view("main") : task.process, fresh)
                      .first->second;
        process_of_.push_back(process);
        if (process == fresh) regions_.emplace_back(numbering.names.size());
        if (task.kind != TaskKind::process) continue;
        for (int i = 0; i < segments; ++i) {
            const Bytes size = task.memory.of(static_cast<Segment>(i));
            regions_[process][static_cast<std::size_t>(i)] = {size.count > 0, false, size, {}};
        }
    }
    for (std::size_t program = 0; program < scenario.tasks.size(); ++program) {
        const MemoryOperands& memory = scenario.tasks[program].program.memory;
        std::vector<Known>& regions = regions_[process_of_[program]];
        const auto region = [&](std::uint32_t own) -> Known& { return regions[numbering.of_program[program][own]]; };
        for (const Mapping& mapping : memory.mappings) {
            Known& known = region(mapping.region);
            const bool is_first = !known.exists;
            known.varies = known.varies || (known.exists && known.size != mapping.size);
            known.exists = true;
            if (known.page_size != mapping.page_size) known.page_size = is_first ? mapping.page_size : Bytes{};
            known.size = mapping.size;
        }
        for (const Remapping& remapping : memory.remappings) region(remapping.region).varies = true;
        if (!memory.heap_changes.empty()) {
            regions[static_cast<std::size_t>(Segment::heap)].exists = true;
            regions[static_cast<std::size_t>(Segment::heap)].varies = true;
        }
    }
}

bool KnownSizes::exists(std::uint32_t program, std::uint32_t region) const {
    return regions_[process_of_[program]][region].exists;
}

std::optional<Bytes> KnownSizes::page_size_of(std::uint32_t program, std::uint32_t region) const {
    const Bytes size = regions_[process_of_[program]][region].page_size;
    return size.count > 0 ? std::optional(size) : std::nullopt;
}

std::optional<Bytes> KnownSizes::of(std::uint32_t program, std::uint32_t region) const {
    const Known& known = regions_[process_of_[program]][region];
    return known.exists && !known.varies ? std::optional(known.size) : std::nullopt;
}

} // namespace switchyard
