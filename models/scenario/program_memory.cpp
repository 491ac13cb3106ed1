// The part of ProgramBuilder that is about memory.
#include "models/errors.hpp"
#include "models/scenario/memory_validation.hpp"
#include "models/scenario/program.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace switchyard {

std::uint32_t ProgramBuilder::region(std::string_view name) {
    if (name.empty()) throw InputError("a region needs a name");
    std::vector<std::string>& regions = program_.memory.regions;
    const auto found = std::find(regions.begin(), regions.end(), name);
    if (found != regions.end()) return static_cast<std::uint32_t>(found - regions.begin());
    if (regions.size() >= most_named_regions)
        throw InputError(fmt::format("a program names at most {} regions: use names again", most_named_regions));
    regions.emplace_back(name);
    return static_cast<std::uint32_t>(regions.size() - 1);
}

// Its operands are the last of theirs.
ProgramBuilder& ProgramBuilder::append_about_memory(OperationKind kind, std::size_t operands) {
    Operation& operation = append(kind);
    operation.object = static_cast<std::uint32_t>(operands - 1);
    check_operands(program_.memory, operation);
    return *this;
}

ProgramBuilder& ProgramBuilder::map(std::string_view name, Mapping mapping) {
    mapping.region = region(name);
    program_.memory.mappings.push_back(mapping);
    return append_about_memory(OperationKind::map, program_.memory.mappings.size());
}

ProgramBuilder& ProgramBuilder::map(std::string_view name, Bytes size, RegionKind kind) {
    Mapping mapping;
    mapping.kind = kind;
    mapping.size = size;
    return map(name, mapping);
}

ProgramBuilder& ProgramBuilder::unmap(std::string_view name, Bytes offset, Bytes length) {
    program_.memory.parts.push_back({region(name), offset, length});
    return append_about_memory(OperationKind::unmap, program_.memory.parts.size());
}

ProgramBuilder& ProgramBuilder::remap(std::string_view name, Bytes size) {
    program_.memory.remappings.push_back({region(name), size});
    return append_about_memory(OperationKind::remap, program_.memory.remappings.size());
}

ProgramBuilder& ProgramBuilder::protect(std::string_view name, Permissions permissions, Bytes offset, Bytes length) {
    program_.memory.protections.push_back({{region(name), offset, length}, permissions});
    return append_about_memory(OperationKind::protect, program_.memory.protections.size());
}

ProgramBuilder& ProgramBuilder::brk(std::int64_t bytes) {
    program_.memory.heap_changes.push_back({bytes});
    return append_about_memory(OperationKind::brk, program_.memory.heap_changes.size());
}

ProgramBuilder& ProgramBuilder::advise(std::string_view name, Advice advice, Bytes offset, Bytes length) {
    program_.memory.advisings.push_back({{region(name), offset, length}, advice});
    return append_about_memory(OperationKind::advise, program_.memory.advisings.size());
}

ProgramBuilder& ProgramBuilder::touch(std::string_view name, Touch touch) {
    touch.part.region = region(name);
    program_.memory.touches.push_back(touch);
    return append_about_memory(OperationKind::touch, program_.memory.touches.size());
}

ProgramBuilder& ProgramBuilder::touch(std::string_view name, Access access) {
    Touch once;
    once.access = access;
    return touch(name, once);
}

ProgramBuilder& ProgramBuilder::touch(std::string_view name, Touch touch, PageTrace trace) {
    std::vector<PageTrace>& traces = program_.memory.traces;
    const auto same = std::find(traces.begin(), traces.end(), trace);
    touch.pattern = AccessPattern::trace;
    touch.trace = static_cast<std::uint32_t>(same - traces.begin());
    if (same == traces.end()) traces.push_back(std::move(trace));
    return this->touch(name, touch);
}

ProgramBuilder& ProgramBuilder::observe(std::string_view name, std::string_view of) {
    program_.memory.observations.push_back({std::string(name), of.empty() ? no_region : region(of)});
    return append_about_memory(OperationKind::observe, program_.memory.observations.size());
}

} // namespace switchyard
