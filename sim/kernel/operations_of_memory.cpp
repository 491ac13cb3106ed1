// Operations on memory: regions come, go and change, pages are touched, and somebody looks.
//
// What an operation does to memory it does at once, when it begins; what that costs is owed, and paid stretch by
// stretch. A touch goes on in steps, and between two of them the thread can be preempted.
#include "sim/kernel/change_scheduling.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/life.hpp"
#include "sim/kernel/memory_events.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/shootdown.hpp"
#include "sim/kernel/virtual_memory.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>
#include <utility>

namespace switchyard::sim {

namespace {

using memory::FaultCounts;
using memory::FaultKind;
using memory::PageNumber;

// As long as a step of a touch owes less than this it goes on: nobody else sees the order of things within it.
constexpr Duration longest_step = std::chrono::microseconds{20};

VirtualMemory& memory_of(const Execution& e) { return *e.kernel.virtual_memory; }

memory::SpaceId space_id(const Execution& e) { return memory_of(e).space_of[e.task().process]; }
memory::AddressSpace& space_of(const Execution& e) { return memory_of(e).memory.space(space_id(e)); }

std::int64_t page_tables_of(const Execution& e) { return static_cast<std::int64_t>(space_of(e).page_table_bytes()); }

TaskMemory& account_of(const Execution& e) { return memory_of(e).tasks[e.actor]; }

const MemoryOperands& operands(const Execution& e) { return e.task().program->memory; }

NamedRegion& region(const Execution& e, std::uint32_t index) {
    VirtualMemory& vm = memory_of(e);
    return vm.spaces[space_id(e)].regions[vm.numbering.of_program[e.task().drawing_task][index]];
}

NamedRegion& region_of_segment(const Execution& e, Segment segment) {
    return memory_of(e).spaces[space_id(e)].regions[static_cast<std::size_t>(segment)];
}

[[noreturn]] void refuse(const Execution& e, const std::string& why) {
    const Task& task = e.task();
    SourceLocation where;
    if (task.counter < task.program->locations.size()) where = task.program->locations[task.counter];
    where.file = e.kernel.scenario->file;
    throw about_task(e.kernel, e.thread, InputError(fmt::format("{}: {}", name_of(e.operation().kind), why)).at(where));
}

NamedRegion& mapped_region(const Execution& e, std::uint32_t index) {
    NamedRegion& found = region(e, index);
    if (!found.mapped) refuse(e, fmt::format("'{}' is not mapped at this point", operands(e).regions[index]));
    return found;
}

PageNumber pages_in(const Execution& e, Bytes size) {
    return static_cast<PageNumber>(pages_of(size, Bytes{memory_of(e).page_size}));
}

// The pages of a part of a region, those its ends are in included.
struct Range {
    PageNumber first;
    PageNumber pages;
};
Range range_of(const Execution& e, const NamedRegion& region, const RegionPart& part) {
    const std::int64_t page = memory_of(e).page_size;
    const PageNumber begin = static_cast<PageNumber>(part.offset.count / page);
    const PageNumber end = part.length.count > 0 ? pages_in(e, part.offset + part.length) : region.pages;
    if (begin >= end) refuse(e, "the region ends before the part that is meant");
    return {region.first + begin, end - begin};
}

memory::Access access_of(const Permissions& permissions) {
    using memory::Access;
    return (permissions.read ? Access::read : Access::none) | (permissions.write ? Access::write : Access::none) |
           (permissions.execute ? Access::execute : Access::none);
}

// Pays what the task owes; Step::next when nothing is left.
Step pay(const Execution& e) {
    MemoryDebt& debt = account_of(e).debt;
    const auto stretch = [&](Duration& owed, TimeCategory category) {
        spend(e.kernel, e.core, std::exchange(owed, {}), category, false);
        return Step::spent;
    };
    if (debt.kernel > Duration::zero()) return stretch(debt.kernel, TimeCategory::kernel);
    if (debt.faults > Duration::zero()) return stretch(debt.faults, TimeCategory::faults);
    if (debt.refill > Duration::zero()) return stretch(debt.refill, TimeCategory::refill);
    if (debt.work > Duration::zero()) return stretch(debt.work, TimeCategory::work);
    const std::uint64_t pages = std::exchange(debt.pages_read, 0);
    const Time advised = std::exchange(debt.advised, Time{});
    const Time read = pages > 0 ? std::max(read_from_disk(e.kernel, pages), advised) : advised;
    if (read <= e.kernel.now()) return Step::next;
    e.kernel.tasks[e.thread].timer = e.kernel.events.schedule(read, {KernelEvent::Kind::timer, e.thread});
    return block(e, WaitFor::disk, nothing);
}

// Whether a task waits for what an operation of its own reads from the disk.
enum class Reading : std::uint8_t { waited_for, meanwhile };

// An operation that changes regions: `change` is what it did and says what it costs besides its system call.
template <class Do>
Step change_regions(const Execution& e, Cost cost, Do&& change_them, Reading reading = Reading::waited_for) {
    if (e.task().phase == 0) {
        Kernel& kernel = e.kernel;
        const Duration entry = system_call(e);
        const std::int64_t tables = page_tables_of(e);
        memory::Change change;
        try {
            change_them(change);
        } catch (const std::invalid_argument& error) {
            refuse(e, error.what());
        }
        MemoryDebt& debt = account_of(e).debt;
        debt.kernel += entry + charge(kernel, cost, Quantity::pages, static_cast<std::int64_t>(change.entries));
        if (change.flush) {
            const StaleTranslations stale = stale_translations(change, memory_of(e).layout);
            if (stale.invalidations > 0) // everything at once costs nothing worth a law
                debt.kernel += charge(kernel, Cost::tlb_invalidate, Quantity::pages,
                                      static_cast<std::int64_t>(stale.invalidations));
            debt.kernel += shoot_down(e, stale);
        }
        note_faults(kernel, e.actor, change.faults);
        if (kernel.trace) [[unlikely]] {
            FaultLog log;
            log.add(change.faults);
            record_faults(e, log);
        }
        if (reading == Reading::meanwhile)
            if (const std::uint64_t pages = std::exchange(debt.pages_read, 0); pages > 0)
                memory_of(e).advised_until = read_from_disk(kernel, pages);
        account_of(e).page_tables += page_tables_of(e) - tables;
        count_reserved(memory_of(e), space_id(e));
        count_memory_in_use(kernel);
        e.task().phase = 1;
    }
    if (const Step step = pay(e); step != Step::next) return step;
    return done(e);
}

const std::string& name_of_task(const Execution& e) { return e.kernel.rows[e.task().row].name; }

std::string described_process(const Kernel& kernel, ProcessId id) {
    for (const TaskId member : kernel.processes[id].members)
        if (kernel.tasks[member].row != nothing) return fmt::format("'{}'", kernel.rows[kernel.tasks[member].row].name);
    return "a process";
}

std::string out_of_memory_note(std::string_view process, std::uint64_t pages) {
    return fmt::format("out of memory: {} was killed, which had {} pages", process, pages);
}

// The one that has most is the one that wants more.
Step die_of_memory(const Execution& e) {
    Kernel& kernel = e.kernel;
    ++kernel.counters.out_of_memory_kills;
    kernel.virtual_memory->notes.push_back(
        out_of_memory_note(fmt::format("'{}'", name_of_task(e)), space_of(e).resident_pages()));
    account_of(e).debt = {};
    e.task().phase = 0;
    return end_process(e, Ending::killed);
}

// Linux's out-of-memory killer: whoever has most goes, of those under the limit that is reached. True: there is memory
// again.
bool kill_for_memory(const Execution& e) {
    Kernel& kernel = e.kernel;
    VirtualMemory& vm = memory_of(e);
    const memory::SpaceId victim = vm.memory.choose_victim(space_id(e));
    if (victim == memory::no_space || victim == space_id(e)) return false;
    const std::uint64_t pages = vm.memory.space(victim).resident_pages();
    // All who live in it: a vfork's parent, who owns it, and its child.
    for (ProcessId process = 0; process < vm.space_of.size(); ++process) {
        if (vm.space_of[process] != victim) continue;
        ++kernel.counters.out_of_memory_kills;
        record(kernel, {kernel.now(), static_cast<std::int64_t>(pages), kernel.processes[process].members.front(),
                        e.actor, e.core, EventKind::out_of_memory, 0, 0});
        vm.notes.push_back(out_of_memory_note(described_process(kernel, process), pages));
        kill_process(kernel, process, e.actor);
    }
    return true;
}

std::string text_of(const Execution& e, const memory::Violation& violation) {
    const Touch& touch = operands(e).touches[e.operation().object];
    return describe_violation(name_of_task(e), violation.reason,
                              violation.address * static_cast<std::uint64_t>(memory_of(e).page_size) /
                                  memory::page_bytes,
                              operands(e).regions[touch.part.region]);
}

Touching& begin_touch(const Execution& e) {
    VirtualMemory& vm = memory_of(e);
    const Touch& touch = operands(e).touches[e.operation().object];
    const NamedRegion& touched = region(e, touch.part.region);
    const std::int64_t whole = static_cast<std::int64_t>(touched.pages) * vm.page_size;
    const Bytes length = touch.part.length.count > 0 ? touch.part.length : Bytes{whole} - touch.part.offset;
    const std::int64_t pages = pages_of(length, Bytes{vm.page_size});
    const ZipfTable* zipf = nullptr;
    if (touch.pattern == AccessPattern::zipf)
        zipf = &vm.zipf
                    .try_emplace({static_cast<std::uint32_t>(pages), touch.skew}, static_cast<std::uint32_t>(pages),
                                 touch.skew)
                    .first->second;
    std::span<const std::uint32_t> trace;
    if (touch.pattern == AccessPattern::trace) trace = operands(e).traces[touch.trace].pages;
    Task& task = e.task();
    DrawKey key{e.kernel.scenario->seed, task.drawing_task, task.drawing_instance, task.counter, 0};
    if (is_drawn(touch.pattern)) {
        const Program& program = *task.program;
        key.draw =
            static_cast<std::uint64_t>(task.registers[program.repeat_depth + program.slots.size() + task.counter]++);
    }
    const bool writes = touch.access == Access::write;
    PageNumber first = touched.first + static_cast<PageNumber>(touch.part.offset.count / vm.page_size);
    if (touch.pattern == AccessPattern::downwards)
        first = touched.first + touched.pages - static_cast<PageNumber>(pages);
    vm.touching.erase(e.actor);
    return vm.touching
        .emplace(e.actor, Touching{ReferenceString(touch, length, key, trace, zipf, Bytes{vm.page_size}), first,
                                   writes ? memory::Access::write : memory::Access::read,
                                   writes ? AccessKind::write : AccessKind::read})
        .first->second;
}

// What references to a run of pages cost, faults apart: themselves, and in translations.
void refer(const Execution& e, const Touching& touching, PageNumber first, PageNumber pages,
           const FaultCounts* faults) {
    VirtualMemory& vm = memory_of(e);
    const AddressSpaceId identifier = e.kernel.processes[e.task().process].address_space;
    TranslationHardware& hardware = vm.translation[e.core];
    // What was mapped read-only is another page now, and what had gone has left its translations, too.
    constexpr FaultKind replaced[] = {FaultKind::copy,       FaultKind::after_zero_page, FaultKind::reuse,
                                      FaultKind::huge_reuse, FaultKind::swap_cache,      FaultKind::swap_in,
                                      FaultKind::file_read};
    if (faults && std::ranges::any_of(replaced, [&](FaultKind kind) { return (*faults)[kind] > 0; }))
        hardware.replace_range(identifier, first, pages);
    memory::AddressSpace& space = space_of(e);
    TranslationCounts counts;
    for (PageNumber page = first; page < first + pages;) {
        const unsigned level = space.level_of(page);
        const PageNumber span = vm.layout.pages_at(std::max(level, 1U));
        const PageNumber stop = std::min(first + pages, (page / span + 1) * span);
        if (level > 0)
            counts += hardware.access_range(identifier, page / span, 1, static_cast<PageSize>(level), touching.kind);
        else
            counts += hardware.access_range(identifier, page, stop - page, PageSize::small, touching.kind);
        page = stop;
    }
    e.kernel.counters.tlb_misses += counts.first_level_misses;
    e.kernel.counters.page_walks += counts.walks;
    account_of(e).tlb_misses += counts.first_level_misses;
    account_of(e).page_walks += counts.walks;
    MemoryDebt& debt = account_of(e).debt;
    debt.work += charge(e.kernel, Cost::memory_reference) * static_cast<std::int64_t>(pages);
    if (counts.levels_read > 0)
        debt.refill += charge(e.kernel, Cost::walk_level) * static_cast<std::int64_t>(counts.levels_read);
}

// Pages whose entries name another frame now than before: other threads' cores must not use the old one (Linux:
// ptep_clear_flush in wp_page_copy, a shootdown for each).
void replace_elsewhere(const Execution& e, PageNumber first, const FaultCounts& faults) {
    StaleTranslations stale;
    stale.first = first;
    stale.pages = faults.pages;
    stale.invalidations = 1;
    stale.times = faults.replaced;
    stale.by_fault = true;
    account_of(e).debt.faults += shoot_down(e, stale);
}

// Whether pages may have left memory, or never been there.
bool may_read(const VirtualMemory& vm) { return is_limited(vm) || vm.has_cold_files; }

enum class Touched : std::uint8_t { all, more, violation, no_memory };

// Goes on with a touch until its task owes so much that others may see it, or has to wait.
// What happened is logged where a log is given.
Touched touch_step(const Execution& e, Touching& touching, FaultCounts& last, FaultLog* log) {
    memory::AddressSpace& space = space_of(e);
    TaskMemory& own = account_of(e);
    // Where a page may have to be read, what happens before and after is told apart page by page.
    const PageNumber longest_run = may_read(memory_of(e)) ? 1 : 64;
    const auto owed = [&] { return own.debt.faults + own.debt.refill + own.debt.work; };
    std::optional<memory::WorkingSetMeter>& working_set = memory_of(e).spaces[space_id(e)].working_set;
    while (touching.run_pages > 0 || touching.references.more()) {
        if (touching.run_pages == 0) {
            const ReferenceString::Run run = touching.references.next_run(longest_run);
            touching.run_first = touching.first + run.first;
            touching.run_pages = run.pages;
        }
        const std::uint64_t faults_before = space.minor_faults() + space.major_faults();
        last.pages = 0;
        space.touch_range(touching.run_first, touching.run_pages, touching.access, last);
        own.references += last.pages;
        if (working_set) working_set->reference(touching.run_first, last.pages);
        if (space.minor_faults() + space.major_faults() == faults_before && !last.stopped()) { // mostly
            refer(e, touching, touching.run_first, last.pages, nullptr);
            touching.run_pages = 0;
            if (owed() >= longest_step) break;
            continue;
        }
        note_faults(e.kernel, e.actor, last);
        if (log != nullptr) log->add(last);
        if (last.replaced > 0) replace_elsewhere(e, touching.run_first, last);
        // What has been asked for on advice may still be on its way.
        if (memory_of(e).advised_until > e.kernel.now() &&
            last[FaultKind::page_cache] + last[FaultKind::swap_cache] > 0)
            own.debt.advised = memory_of(e).advised_until;
        if (last.pages > 0) refer(e, touching, touching.run_first, last.pages, &last);
        touching.run_first += last.pages;
        touching.run_pages -= last.pages;
        if (last.violation) return Touched::violation;
        if (last.out_of_memory) return Touched::no_memory;
        last = {};
        if (own.debt.pages_read > 0 || own.debt.advised > Time{} || owed() >= longest_step) break;
    }
    return touching.run_pages > 0 || touching.references.more() ? Touched::more : Touched::all;
}

} // namespace

Step die(const Execution& e, std::string note) {
    Kernel& kernel = e.kernel;
    kernel.virtual_memory->notes.push_back(std::move(note));
    ++kernel.counters.crashes;
    account_of(e).debt = {};
    e.task().phase = 0;
    return end_process(e, Ending::crashed);
}

Step map_region(const Execution& e) {
    return change_regions(e, Cost::memory_map, [&](memory::Change& change) {
        VirtualMemory& vm = memory_of(e);
        const Mapping& mapping = operands(e).mappings[e.operation().object];
        NamedRegion& wanted = region(e, mapping.region);
        if (wanted.mapped)
            refuse(e, fmt::format("'{}' is mapped already at this point", operands(e).regions[mapping.region]));
        memory::MapRequest request;
        request.pages = pages_in(e, mapping.size);
        request.at = vm.spaces[space_id(e)].placement.place(mapping.size, mapping.start_page, Bytes{vm.page_size},
                                                            mapping.page_size) /
                     static_cast<std::uint64_t>(vm.page_size);
        if (mapping.page_size.count > 0) request.huge_level = mapping.page_size == huge_page ? 2 : 1;
        request.reserve = mapping.reserve;
        request.shared = mapping.kind == RegionKind::shared || mapping.writes_to_file;
        request.populate = mapping.populate;
        request.huge_pages = mapping.huge ? memory::HugePages::advised : memory::HugePages::refused;
        request.access = access_of(mapping.permissions);
        if (mapping.kind == RegionKind::file) {
            request.object = file_of(vm, e.task().drawing_task, e.task().counter, request.pages, !mapping.cold);
        }
        if (mapping.kind == RegionKind::shared)
            request.object =
                request.huge_level == 0
                    ? vm.memory.create_shared_memory(request.pages)
                    : vm.memory.create_shared_huge_pages(
                          request.huge_level, request.pages / vm.layout.pages_at(request.huge_level), mapping.reserve);
        const PageNumber first = space_of(e).map(request, change);
        wanted = {true, mapping.start_page, first, request.pages, request.huge_level > 0};
    });
}

Step unmap_region(const Execution& e) {
    return change_regions(e, Cost::memory_unmap, [&](memory::Change& change) {
        const RegionPart& part = operands(e).parts[e.operation().object];
        NamedRegion& wanted = mapped_region(e, part.region);
        const Range range = range_of(e, wanted, part);
        change = space_of(e).unmap(range.first, range.pages);
        if (range.first == wanted.first && range.pages == wanted.pages) wanted = {};
    });
}

Step remap_region(const Execution& e) {
    return change_regions(e, Cost::memory_map, [&](memory::Change& change) {
        VirtualMemory& vm = memory_of(e);
        const Remapping& remapping = operands(e).remappings[e.operation().object];
        NamedRegion& wanted = mapped_region(e, remapping.region);
        const PageNumber pages = pages_in(e, remapping.size);
        std::optional<PageNumber> to;
        if (pages > wanted.pages)
            to = vm.spaces[space_id(e)].placement.place(remapping.size, wanted.start_page, Bytes{vm.page_size}) /
                 static_cast<std::uint64_t>(vm.page_size);
        wanted.first = space_of(e).remap(wanted.first, wanted.pages, pages, to, change);
        wanted.pages = pages;
        if (wanted.has_huge_pages) // in whole ones
            wanted.pages = space_of(e).region_of(wanted.first)->end - wanted.first;
    });
}

Step protect_region(const Execution& e) {
    return change_regions(e, Cost::memory_protect, [&](memory::Change& change) {
        const Protection& protection = operands(e).protections[e.operation().object];
        const Range range = range_of(e, mapped_region(e, protection.part.region), protection.part);
        change = space_of(e).protect(range.first, range.pages, access_of(protection.permissions));
    });
}

Step move_heap_end(const Execution& e) {
    return change_regions(e, Cost::memory_map, [&](memory::Change& change) {
        VirtualMemory& vm = memory_of(e);
        NamedRegion& heap = region_of_segment(e, Segment::heap);
        const std::int64_t bytes = operands(e).heap_changes[e.operation().object].bytes;
        const std::int64_t pages = bytes < 0 ? bytes / vm.page_size : pages_of(Bytes{bytes}, Bytes{vm.page_size});
        change = space_of(e).brk(pages);
        heap.pages = static_cast<PageNumber>(static_cast<std::int64_t>(heap.pages) + pages);
    });
}

Step advise_region(const Execution& e) {
    const Advising& advising = operands(e).advisings[e.operation().object];
    const bool gives_back = advising.advice == Advice::dontneed || advising.advice == Advice::free;
    const auto advise = [&](memory::Change& change) {
        const Range range = range_of(e, mapped_region(e, advising.part.region), advising.part);
        const auto to_memory = [&](Advice advice) {
            switch (advice) {
            case Advice::normal: return memory::Advice::normal;
            case Advice::random: return memory::Advice::random;
            case Advice::sequential: return memory::Advice::sequential;
            case Advice::willneed: return memory::Advice::will_need;
            case Advice::dontneed: return memory::Advice::dont_need;
            case Advice::free: return memory::Advice::free_lazily;
            case Advice::hugepage: return memory::Advice::huge_pages;
            case Advice::nohugepage: return memory::Advice::no_huge_pages;
            case Advice::populate_read: return memory::Advice::populate_read;
            case Advice::populate_write: return memory::Advice::populate_write;
            }
            return memory::Advice::normal;
        };
        change = space_of(e).advise(range.first, range.pages, to_memory(advising.advice));
    };
    const Reading reading = advising.advice == Advice::willneed ? Reading::meanwhile : Reading::waited_for;
    return change_regions(e, gives_back ? Cost::memory_unmap : Cost::memory_map, advise, reading);
}

Step touch_region(const Execution& e) {
    enum : std::uint8_t { begin, going_on, over };
    Task& task = e.task();
    if (e.kernel.processes[task.process].dying) return end_process(e, Ending::crashed);
    if (task.phase == begin) {
        const Touch& touch = operands(e).touches[e.operation().object];
        if (!region(e, touch.part.region).mapped)
            return die(e, describe_unmapped(name_of_task(e), operands(e).regions[touch.part.region]));
        begin_touch(e);
        task.phase = going_on;
    }
    for (;;) {
        if (const Step step = pay(e); step != Step::next) return step;
        if (task.phase == over) {
            memory_of(e).touching.erase(e.actor);
            return done(e);
        }
        FaultCounts last;
        const std::int64_t tables = page_tables_of(e);
        std::optional<FaultLog> log;
        if (e.kernel.trace) [[unlikely]]
            log.emplace();
        const Touched how = touch_step(e, memory_of(e).touching.at(e.actor), last, log ? &*log : nullptr);
        if (log) [[unlikely]]
            record_faults(e, *log);
        account_of(e).page_tables += page_tables_of(e) - tables;
        const std::uint32_t own = operands(e).touches[e.operation().object].part.region;
        if (&region(e, own) == &region_of_segment(e, Segment::stack)) // it may have grown
            count_reserved(memory_of(e), space_id(e));
        count_memory_in_use(e.kernel);
        if (how == Touched::violation) return die(e, text_of(e, *last.violation));
        if (how == Touched::no_memory && !kill_for_memory(e)) return die_of_memory(e);
        if (how == Touched::all) task.phase = over;
    }
}

Step observe(const Execution& e) {
    VirtualMemory& vm = memory_of(e);
    const Observation& observation = operands(e).observations[e.operation().object];
    TaskMemory& own = account_of(e);
    memory::AddressSpace& space = space_of(e);
    ObservedFigures seen;
    seen.minor_faults = own.minor_faults - std::exchange(own.minor_faults_seen, own.minor_faults);
    seen.major_faults = own.major_faults - std::exchange(own.major_faults_seen, own.major_faults);
    seen.page_tables = own.page_tables - std::exchange(own.page_tables_seen, own.page_tables);
    if (observation.region != no_region) {
        const NamedRegion& seen_region = region(e, observation.region); // what is not mapped has nothing
        memory::Figures figures;
        if (seen_region.mapped) figures = space.figures(seen_region.first, seen_region.pages);
        const auto bytes = [&](std::uint64_t size) {
            return static_cast<std::int64_t>(size / memory::page_bytes) * vm.page_size +
                   static_cast<std::int64_t>(size % memory::page_bytes);
        };
        seen.resident = bytes(figures.resident);
        seen.proportional = bytes(figures.proportional) / 1024 * 1024;
        seen.shared = bytes(figures.shared);
        seen.private_ = bytes(figures.private_);
        seen.anonymous = bytes(figures.anonymous);
        seen.huge = bytes(figures.huge);
        if (seen_region.has_huge_pages) seen.hugetlb = bytes(figures.hugetlb);
    }
    std::ranges::find(vm.observations, observation.name, &VirtualMemory::Observed::name)->sum.add(seen);
    return done(e);
}

} // namespace switchyard::sim
