// What can be said of a scenario's regions before it runs.
#include "models/errors.hpp"
#include "models/scenario/memory_validation.hpp"
#include "models/scenario/program_validation.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string_view>

namespace switchyard {

namespace {

// What is certain of a region at a place in a program.
enum class Presence : std::uint8_t { unknown, absent, mapped };

// Reads one program from top to bottom, with the bodies it is inside of on a stack.
class RegionInspection {
public:
    RegionInspection(const Scenario& scenario, const RegionNumbering& numbering, const KnownSizes& sizes,
                     std::uint32_t program)
        : scenario_(scenario),
          numbering_(numbering),
          sizes_(sizes),
          index_(program),
          program_(scenario.tasks[program].program) {}

    void run() {
        bodies_.push_back({OperationKind::end, 0, static_cast<std::uint32_t>(program_.code.size()), beginning()});
        for (at_ = 0; at_ < program_.code.size(); ++at_) {
            while (bodies_.back().end == at_) leave();
            const Operation& operation = program_.code[at_];
            if (is_about_memory(operation.kind)) check(operation);
            if (operation.kind == OperationKind::compute && operation.object != no_object)
                if (const std::uint32_t region = program_.working_sets[operation.object].region; region != no_region)
                    check_exists(region, "compute");
            if (is_opener(operation.kind)) enter(operation);
        }
    }

private:
    struct Body {
        OperationKind opener;
        std::uint32_t begin;
        std::uint32_t end;
        std::vector<Presence> presence; // by own region, in the address space of whoever runs the body
    };

    [[noreturn]] void refuse(const std::string& message) const {
        throw InputError(message, at_ < program_.locations.size() ? program_.locations[at_] : SourceLocation{});
    }

    [[nodiscard]] const std::string& name(std::uint32_t region) const { return program_.memory.regions[region]; }
    [[nodiscard]] std::uint32_t number(std::uint32_t region) const { return numbering_.of_program[index_][region]; }

    // Absent, unless another task of the process, or another instance of this one, may map it at any time.
    [[nodiscard]] std::vector<Presence> beginning() const {
        std::vector<Presence> presence(program_.memory.regions.size(), Presence::absent);
        const TaskTemplate& own = scenario_.tasks[index_];
        const bool alone = own.kind == TaskKind::process || own.count == 1;
        for (std::uint32_t region = 0; region < presence.size(); ++region) {
            bool others = !alone || segment_named(name(region)).has_value();
            for (std::uint32_t other = 0; other < scenario_.tasks.size() && !others; ++other) {
                if (other == index_ || sizes_.process_of(other) != sizes_.process_of(index_)) continue;
                const MemoryOperands& memory = scenario_.tasks[other].program.memory;
                others = std::ranges::find(memory.regions, name(region)) != memory.regions.end();
            }
            if (others) presence[region] = Presence::unknown;
        }
        return presence;
    }

    // Regions that a stretch of code maps or unmaps.
    void forget_changed(std::vector<Presence>& presence, std::uint32_t begin, std::uint32_t end) const {
        for (std::uint32_t at = begin; at < end; ++at) {
            const Operation& operation = program_.code[at];
            if (operation.kind == OperationKind::map)
                presence[program_.memory.mappings[operation.object].region] = Presence::unknown;
            if (operation.kind == OperationKind::unmap)
                presence[program_.memory.parts[operation.object].region] = Presence::unknown;
        }
    }

    void enter(const Operation& operation) {
        std::vector<Presence>& around = bodies_.back().presence;
        // What a loop or a thread changes happens before, between or after what is around it.
        const bool shares = operation.kind == OperationKind::repeat || operation.kind == OperationKind::spawn ||
                            operation.kind == OperationKind::vfork ||
                            (operation.kind == OperationKind::clone && operation.shares_memory);
        if (shares) forget_changed(around, at_ + 1, operation.target);
        Body body{operation.kind, at_ + 1, operation.target, around};
        const bool is_thread = operation.kind == OperationKind::spawn ||
                               (operation.kind == OperationKind::clone && operation.shares_memory);
        if (is_thread) forget_changed(body.presence, 0, static_cast<std::uint32_t>(program_.code.size()));
        if (operation.kind == OperationKind::exec)
            for (std::uint32_t region = 0; region < body.presence.size(); ++region)
                body.presence[region] = segment_named(name(region)) ? Presence::unknown : Presence::absent;
        bodies_.push_back(std::move(body));
    }

    void leave() {
        const Body body = std::move(bodies_.back());
        bodies_.pop_back();
        if (body.opener == OperationKind::job) bodies_.back().presence = body.presence;
        // A fork's child that runs on has other regions than its parent.
        if (body.opener == OperationKind::fork) forget_changed(bodies_.back().presence, body.begin, body.end);
    }

    void check(const Operation& operation) {
        const MemoryOperands& memory = program_.memory;
        try {
            check_operands(memory, operation);
        } catch (const InputError& error) {
            refuse(error.message());
        }
        std::vector<Presence>& presence = bodies_.back().presence;
        switch (operation.kind) {
        case OperationKind::map: {
            const std::uint32_t region = memory.mappings[operation.object].region;
            if (memory.mappings[operation.object].page_size.count > 0 && !has_huge_pages(scenario_.machine.memory))
                refuse(
                    "map: the machine has huge pages only with pages of 4 KiB and 48 or 57 bits of address: leave its "
                    "'page_size' and 'address_bits' as they are");
            if (presence[region] == Presence::mapped)
                refuse(fmt::format("map: '{}' is mapped already: unmap it before, or give the new one another name",
                                   name(region)));
            presence[region] = Presence::mapped;
            break;
        }
        case OperationKind::unmap: {
            const RegionPart& part = memory.parts[operation.object];
            check_within(part, "unmap");
            check_whole_pages(part, "unmap");
            if (part.offset.count == 0 && part.length.count == 0) presence[part.region] = Presence::absent;
            break;
        }
        case OperationKind::remap: check_exists(memory.remappings[operation.object].region, "remap"); break;
        case OperationKind::protect: {
            const RegionPart& part = memory.protections[operation.object].part;
            check_within(part, "protect");
            check_whole_pages(part, "protect");
            break;
        }
        case OperationKind::advise: check_within(memory.advisings[operation.object].part, "advise"); break;
        case OperationKind::touch: check_touch(memory.touches[operation.object]); break;
        case OperationKind::observe:
            if (const std::uint32_t region = memory.observations[operation.object].region; region != no_region)
                check_exists(region, "observe");
            break;
        default: break;
        }
    }

    void check_exists(std::uint32_t region, std::string_view verb) const {
        if (sizes_.exists(index_, number(region))) return;
        std::vector<std::string_view> known;
        for (std::uint32_t other = 0; other < numbering_.names.size(); ++other)
            if (sizes_.exists(index_, other)) known.push_back(numbering_.names[other]);
        const std::string hint = suggestion(name(region), known);
        if (segment_named(name(region)))
            refuse(fmt::format("{}: this process has no {}: give it a size under 'memory' of its task", verb,
                               name(region)));
        refuse(fmt::format("{}: no region is called '{}' in this process{}", verb, name(region),
                           hint.empty() ? ": 'map' it before" : hint));
    }

    // How long the part is, where that is known.
    std::optional<Bytes> check_within(const RegionPart& part, std::string_view verb) const {
        check_exists(part.region, verb);
        const std::optional<Bytes> size = sizes_.of(index_, number(part.region));
        if (size && (part.offset + part.length > *size || part.offset == *size))
            refuse(fmt::format("{}: '{}' has {}, and {} at {} lies beyond", verb, name(part.region), text_of(*size),
                               part.length.count > 0 ? text_of(part.length) : std::string("what begins"),
                               text_of(part.offset)));
        if (part.length.count > 0) return part.length;
        return size ? std::optional(*size - part.offset) : std::nullopt;
    }

    // A mapping of huge pages is never divided within one (Linux: EINVAL).
    void check_whole_pages(const RegionPart& part, std::string_view verb) const {
        const std::optional<Bytes> page = sizes_.page_size_of(index_, number(part.region));
        if (page && (part.offset.count % page->count != 0 || part.length.count % page->count != 0))
            refuse(fmt::format("{}: '{}' has huge pages of {} and is divided at multiples of them only: write an "
                               "'offset' and a 'length' that are",
                               verb, name(part.region), text_of(*page)));
    }

    void check_touch(const Touch& touch) const {
        // A stack may be touched beyond its end: that is what its guard is for.
        const bool overflows =
            touch.pattern == AccessPattern::downwards && segment_named(name(touch.part.region)) == Segment::stack;
        RegionPart within = touch.part;
        if (overflows) within.length = {};
        const std::optional<Bytes> length = check_within(within, "touch");
        if (!is_drawn(touch.pattern) && touch.pattern != AccessPattern::trace) return;
        if (!length)
            refuse(fmt::format("touch: how large '{}' is changes while this runs: write the 'length' of what a pattern "
                               "that is {} is about",
                               name(touch.part.region), is_drawn(touch.pattern) ? "drawn" : "listed"));
        const std::int64_t pages = pages_of(*length, scenario_.machine.memory.page_size);
        if (pages > std::int64_t{most_pages_drawn_from})
            refuse(fmt::format("touch: {} are more pages than one draws from: {} are the most", pages,
                               most_pages_drawn_from));
        if (touch.pattern != AccessPattern::trace) return;
        const PageTrace& trace = program_.memory.traces[touch.trace];
        const std::uint32_t highest = *std::ranges::max_element(trace.pages);
        if (highest >= pages)
            refuse(fmt::format("touch: '{}' has page {}, but what is touched of '{}' has {} pages", trace.name, highest,
                               name(touch.part.region), pages));
    }

    const Scenario& scenario_;
    const RegionNumbering& numbering_;
    const KnownSizes& sizes_;
    std::uint32_t index_;
    const Program& program_;
    std::vector<Body> bodies_;
    std::uint32_t at_ = 0;
};

void check_observation_names(const Scenario& scenario) {
    std::map<std::string_view, const TaskTemplate*> owners;
    for (const TaskTemplate& task : scenario.tasks)
        for (const Observation& observation : task.program.memory.observations) {
            const TaskTemplate& owner = *owners.try_emplace(observation.name, &task).first->second;
            if (&owner != &task)
                throw InputError(fmt::format("tasks '{}' and '{}' both observe '{}': give their observations two names",
                                             owner.name, task.name, observation.name),
                                 task.where);
        }
}

} // namespace

void check_memory(const Scenario& scenario) {
    if (std::ranges::all_of(scenario.tasks,
                            [](const TaskTemplate& task) { return task.program.memory == MemoryOperands{}; }))
        return;
    check_observation_names(scenario);
    const RegionNumbering numbering = number_regions(scenario);
    const KnownSizes sizes(scenario);
    for (std::uint32_t program = 0; program < scenario.tasks.size(); ++program) {
        try {
            RegionInspection(scenario, numbering, sizes, program).run();
        } catch (const InputError& error) {
            const TaskTemplate& task = scenario.tasks[program];
            const bool placed = error.where().line > 0;
            throw InputError(fmt::format("task '{}': {}", task.name, error.message()),
                             placed ? error.where() : task.where);
        }
    }
}

} // namespace switchyard
