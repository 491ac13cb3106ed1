#include "sim/kernel/virtual_memory.hpp"

#include "models/units/text.hpp"
#include "sim/kernel/memory_report.hpp"
#include "sim/kernel/page_replacement.hpp"
#include "sim/memory/translation/parameters.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

namespace switchyard::sim {

namespace {

memory::Layout layout_of(const MachineMemory& machine) {
    switch (machine.address_bits) {
    case 32: return memory::layout_32_bit();
    case 57: return memory::layout_5_level();
    default: return memory::layout_4_level();
    }
}

std::uint32_t frames_of(Bytes size, Bytes page) {
    return static_cast<std::uint32_t>(std::min<std::int64_t>(size.count / page.count, memory::no_frame - 1));
}

bool has_limits(const Scenario& scenario) {
    return std::ranges::any_of(scenario.tasks, [](const TaskTemplate& task) { return task.memory_limit.count > 0; });
}

memory::MemorySettings settings_of(const MachineMemory& machine, std::uint64_t seed, bool has_limits) {
    memory::MemorySettings settings;
    if (machine.size) settings.frames = frames_of(*machine.size - machine.set_aside(), machine.page_size);
    settings.huge_page_reserve = {machine.large_pages, machine.huge_pages};
    settings.swap_slots = frames_of(machine.swap, machine.page_size);
    settings.replacement = replacement_of(machine, seed, has_limits);
    return settings;
}

std::uint64_t first_address(const MachineMemory& machine) {
    return machine.address_bits == 32 ? first_placement_32 : first_placement;
}

memory::PageNumber page_of(const VirtualMemory& vm, std::uint64_t address) {
    return address / static_cast<std::uint64_t>(vm.page_size);
}

memory::PageNumber pages_in(const VirtualMemory& vm, Bytes size) {
    return static_cast<memory::PageNumber>(pages_of(size, Bytes{vm.page_size}));
}

// Puts a process's segments where RegionPlacement says, and the heap where brk finds it.
void place_segments(VirtualMemory& vm, memory::AddressSpace& space, ProcessSpace& names, const SegmentSizes& segments,
                    std::uint32_t task_template) {
    using memory::Access;
    using memory::Purpose;
    struct Kind {
        Segment segment;
        Purpose purpose;
        Access access;
        bool of_file;
    };
    static constexpr Kind kinds[] = {
        {Segment::text, Purpose::text, Access::read | Access::execute, true},
        {Segment::data, Purpose::data, Access::read | Access::write, true},
        {Segment::bss, Purpose::zeroed_data, Access::read | Access::write, false},
        {Segment::stack, Purpose::stack, Access::read | Access::write, false},
    };
    memory::Change change;
    for (const auto& [segment, purpose, access, of_file] : kinds) {
        const Bytes size = segments.of(segment);
        if (size.count == 0) continue;
        memory::MapRequest request;
        request.pages = pages_in(vm, size);
        request.at = page_of(vm, names.placement.place(size, 0, Bytes{vm.page_size}));
        request.access = access;
        request.purpose = purpose;
        request.huge_pages = memory::HugePages::refused;
        if (of_file) {
            request.object = file_of(vm, task_template, operation_of_segment + static_cast<std::uint32_t>(segment),
                                     request.pages, true);
        }
        const memory::PageNumber first = *request.at;
        names.regions[static_cast<std::size_t>(segment)] = {true, 0, first, request.pages};
        if (segment == Segment::stack) { // the rest comes as it is touched
            request.at = first + request.pages - 1;
            request.pages = 1;
        }
        space.map(request, change);
    }
    memory::Image image;
    image.heap = pages_in(vm, segments.heap);
    image.stack = 0; // it is there already
    space.load(image, change);
    const memory::PageNumber begin = space.heap_end() - image.heap;
    names.regions[static_cast<std::size_t>(Segment::heap)] = {true, 0, begin, image.heap};
}

ProcessSpace& names_of(VirtualMemory& vm, memory::SpaceId space) {
    if (space >= vm.spaces.size()) vm.spaces.resize(space + 1);
    return vm.spaces[space];
}

void set_space(VirtualMemory& vm, ProcessId process, memory::SpaceId space) {
    if (process >= vm.space_of.size()) {
        vm.space_of.resize(process + 1, memory::no_space);
        vm.domain_of.resize(process + 1, memory::no_domain);
    }
    vm.space_of[process] = space;
    const memory::DomainId domain = vm.memory.space(space).domain();
    if (domain != memory::no_domain) vm.domain_of[process] = domain;
}

// What limits a new process, or a new image of an old one.
memory::DomainId domain_of(Kernel& kernel, ProcessId process, std::uint32_t task_template) {
    VirtualMemory& vm = *kernel.virtual_memory;
    if (process < vm.domain_of.size() && vm.domain_of[process] != memory::no_domain) return vm.domain_of[process];
    const Scenario& scenario = *kernel.scenario;
    Bytes limit{};
    if (task_template != nothing) limit = scenario.tasks[task_template].memory_limit;
    const std::uint32_t frames = limit.count > 0 ? frames_of(limit, scenario.machine.memory.page_size) : vm.share;
    if (frames == 0) return memory::no_domain;
    return vm.memory.create_domain(frames, replacement_of(scenario.machine.memory, scenario.seed, true));
}

// Under local replacement memory is divided equally among the processes a scenario begins with.
std::uint32_t share_of_each(const Scenario& scenario) {
    const MachineMemory& machine = scenario.machine.memory;
    if (!machine.replacement_is_local) return 0;
    std::set<std::string_view> named;
    std::uint32_t processes = 0;
    for (const TaskTemplate& task : scenario.tasks) {
        if (task.kind == TaskKind::process)
            processes += task.count;
        else
            named.insert(task.process.empty() ? std::string_view("main") : task.process);
    }
    processes += static_cast<std::uint32_t>(named.size());
    const std::uint32_t frames = machine.size ? frames_of(*machine.size - machine.set_aside(), machine.page_size) : 0;
    constexpr std::uint32_t least = 4;
    if (frames / processes < least)
        throw InputError(fmt::format("local replacement divides the machine's memory, but {} are {} pages for {} "
                                     "processes: give 'memory' {} pages for each",
                                     machine.size ? text_of(*machine.size) : "no bounds", frames, processes, least),
                         machine.replacement_where);
    return frames / processes;
}

} // namespace

static void give_up(VirtualMemory& vm, memory::SpaceId space) {
    vm.memory.destroy(space);
    vm.reserved -= std::exchange(vm.spaces[space].reserved, 0);
}

VirtualMemory::VirtualMemory(const Scenario& scenario, memory::MemorySettings settings)
    : memory(std::move(settings)),
      layout(layout_of(scenario.machine.memory)),
      numbering(number_regions(scenario)),
      page_size(scenario.machine.memory.page_size.count) {}

bool speaks_of_memory(const Scenario& scenario) {
    if (scenario.machine.memory.size) return true;
    return std::ranges::any_of(scenario.tasks, [](const TaskTemplate& task) {
        return task.memory != SegmentSizes{} || task.memory_limit.count > 0 ||
               std::ranges::any_of(task.program.code,
                                   [](const Operation& operation) { return is_about_memory(operation.kind); });
    });
}

std::unique_ptr<VirtualMemory> create_virtual_memory(const Scenario& scenario) {
    const MachineMemory& machine = scenario.machine.memory;
    if (machine.page_size < base_page)
        throw InputError(fmt::format("pages of {} are too small for the simulator: {} are the least",
                                     text_of(machine.page_size), text_of(base_page)));
    const bool limits = has_limits(scenario);
    auto vm = std::make_unique<VirtualMemory>(scenario, settings_of(machine, scenario.seed, limits));
    vm->share = share_of_each(scenario);
    vm->has_limits = limits || vm->share > 0;
    const TranslationDescription translation = translation_of(machine.tlb, vm->layout.levels);
    for (std::uint32_t core = 0; core < scenario.machine.cores; ++core) vm->translation.emplace_back(translation);
    for (const TaskTemplate& task : scenario.tasks)
        for (const Observation& observation : task.program.memory.observations)
            if (std::ranges::find(vm->observations, observation.name, &VirtualMemory::Observed::name) ==
                vm->observations.end())
                vm->observations.push_back({observation.name, task.name, {}});
    return vm;
}

void create_space(Kernel& kernel, ProcessId process, std::uint32_t task_template, Bytes resident) {
    VirtualMemory& vm = *kernel.virtual_memory;
    const SegmentSizes none{};
    const SegmentSizes& segments = task_template == nothing ? none : kernel.scenario->tasks[task_template].memory;
    memory::Layout layout = vm.layout;
    layout.stack_limit = pages_in(vm, segments.stack);
    memory::AddressSpace& space = vm.memory.create(layout);
    if (const memory::DomainId domain = domain_of(kernel, process, task_template); domain != memory::no_domain)
        vm.memory.join(space.id(), domain);
    set_space(vm, process, space.id());
    ProcessSpace& names = names_of(vm, space.id());
    names.placement = RegionPlacement(first_address(kernel.scenario->machine.memory));
    names.regions.assign(vm.numbering.names.size(), {});
    names.working_set.reset();
    if (is_limited(vm)) names.working_set.emplace(kernel.scenario->machine.memory.working_set_window);
    place_segments(vm, space, names, segments, task_template);
    if (resident.count > 0) {
        memory::MapRequest request;
        request.pages = pages_in(vm, resident);
        request.populate = true;
        request.huge_pages = memory::HugePages::refused;
        memory::Change change;
        space.map(request, change);
    }
    count_reserved(vm, space.id());
    count_memory_in_use(kernel);
}

memory::Change fork_space(Kernel& kernel, TaskId forker) {
    VirtualMemory& vm = *kernel.virtual_memory;
    const memory::SpaceId parent = vm.space_of[kernel.tasks[forker].process];
    memory::Change change;
    const memory::SpaceId child = vm.memory.space(parent).fork(change).id();
    ProcessSpace& names = names_of(vm, child); // the table may move
    const ProcessSpace& like = names_of(vm, parent);
    names = {like.placement, like.regions, like.reserved, std::nullopt};
    if (is_limited(vm)) names.working_set.emplace(kernel.scenario->machine.memory.working_set_window);
    vm.reserved += vm.spaces[child].reserved;
    vm.forking[forker] = child;
    count_memory_in_use(kernel);
    return change;
}

void take_forked_space(Kernel& kernel, TaskId forker, ProcessId child) {
    VirtualMemory& vm = *kernel.virtual_memory;
    const memory::SpaceId space = vm.forking.at(forker);
    vm.forking.erase(forker);
    set_space(vm, child, space);
}

void begin_account(Kernel& kernel, TaskId task) {
    VirtualMemory& vm = *kernel.virtual_memory;
    if (task >= vm.tasks.size()) vm.tasks.resize(task + 1);
}

memory::ObjectId file_of(VirtualMemory& vm, std::uint32_t task_template, std::uint32_t operation,
                         memory::PageNumber pages, bool cached) {
    const auto [file, is_new] = vm.files.try_emplace({task_template, operation}, memory::no_object);
    if (is_new) file->second = vm.memory.create_file(pages, cached);
    vm.has_cold_files = vm.has_cold_files || !cached;
    if (!is_new && !cached) vm.memory.drop_cache(file->second);
    return file->second;
}

void forget_task(Kernel& kernel, TaskId task) {
    VirtualMemory& vm = *kernel.virtual_memory;
    close_account(kernel, task);
    vm.touching.erase(task);
    const auto forked = vm.forking.find(task);
    if (forked == vm.forking.end()) return;
    give_up(vm, forked->second);
    vm.forking.erase(forked);
    count_memory_in_use(kernel);
}

void share_space(Kernel& kernel, ProcessId child, ProcessId parent) {
    set_space(*kernel.virtual_memory, child, kernel.virtual_memory->space_of[parent]);
}

void destroy_space(Kernel& kernel, ProcessId process) {
    VirtualMemory& vm = *kernel.virtual_memory;
    const memory::SpaceId space = std::exchange(vm.space_of[process], memory::no_space);
    if (space == memory::no_space || !kernel.processes[process].owns_memory) return;
    give_up(vm, space);
    count_memory_in_use(kernel);
}

Duration cost_of_faults(Kernel& kernel, const memory::FaultCounts& counts) {
    using memory::FaultKind;
    Duration total{};
    const auto add = [&](Cost cost, std::uint64_t times) {
        if (times > 0) total += charge(kernel, cost) * static_cast<std::int64_t>(times);
    };
    add(Cost::fault_zero_page, counts[FaultKind::zero_page] + counts[FaultKind::huge_zero]);
    // Frames that were taken one after another have been away for about as long: the mean of it counts.
    const auto add_since = [&](Cost cost, std::uint64_t times, std::uint64_t since, std::uint64_t frames_of_each) {
        if (times > 0)
            total += charge(kernel, cost, Quantity::pages_since,
                            static_cast<std::int64_t>(since / (frames_of_each * times))) *
                     static_cast<std::int64_t>(times);
    };
    add_since(Cost::fault_anonymous, counts[FaultKind::anonymous], counts.pages_since_cleared, 1);
    add(Cost::fault_after_zero_page, counts[FaultKind::after_zero_page]);
    add_since(Cost::fault_copy, counts[FaultKind::copy], counts.pages_since_copied, 2);
    add(Cost::fault_reuse, counts[FaultKind::reuse] + counts[FaultKind::huge_reuse]);
    add(Cost::fault_shared, counts[FaultKind::shared]);
    // Pieces of 2 MiB: 512 of a page of 1 GiB. A copy is read and written, each like what clearing writes.
    add(Cost::fault_huge, counts.huge_pieces_cleared + 2 * counts.huge_pieces_copied);
    // Read or not, the page is in the page cache or the swap cache by the time it is mapped.
    const std::uint64_t cached = counts[FaultKind::page_cache] + counts[FaultKind::swap_cache] + counts.major();
    if (cached > 0) {
        const std::uint64_t mapped = std::max(counts.pages_mapped, cached);
        total += charge(kernel, Cost::fault_page_cache, Quantity::pages, static_cast<std::int64_t>(mapped)) +
                 charge(kernel, Cost::fault_page_cache) * static_cast<std::int64_t>(cached - 1);
    }
    return total;
}

void note_faults(Kernel& kernel, TaskId task, const memory::FaultCounts& counts) {
    VirtualMemory& vm = *kernel.virtual_memory;
    TaskMemory& own = vm.tasks[task];
    const std::uint64_t minor = counts.minor();
    const std::uint64_t major = counts.major();
    own.faults += counts;
    own.minor_faults += static_cast<std::int64_t>(minor);
    own.major_faults += static_cast<std::int64_t>(major);
    kernel.counters.minor_faults += minor;
    kernel.counters.major_faults += major;
    kernel.counters.pages_swapped_in += counts.pages_swapped_in;
    kernel.counters.pages_swapped_out += counts.pages_swapped_out;
    kernel.counters.pages_written_back += counts.pages_written_back;
    own.debt.faults += cost_of_faults(kernel, counts);
    own.debt.pages_read += counts.pages_read + counts.pages_swapped_in;
    if (const std::uint64_t written = counts.pages_swapped_out + counts.pages_written_back; written > 0)
        write_to_disk(kernel, written);
}

Time read_from_disk(Kernel& kernel, std::uint64_t pages) {
    Time& free = kernel.virtual_memory->disk_free;
    const Duration takes = charge(kernel, Cost::disk_read, Quantity::pages, static_cast<std::int64_t>(pages));
    free = checked_add(std::max(free, kernel.now()), takes);
    return free;
}

void write_to_disk(Kernel& kernel, std::uint64_t pages) {
    Time& free = kernel.virtual_memory->disk_free;
    const Duration takes = charge(kernel, Cost::disk_write, Quantity::pages, static_cast<std::int64_t>(pages));
    free = checked_add(std::max(free, kernel.now()), takes);
}

void count_reserved(VirtualMemory& vm, memory::SpaceId space) {
    std::int64_t pages = 0;
    for (const memory::Region& region : vm.memory.space(space).regions())
        pages += static_cast<std::int64_t>(region.pages());
    vm.reserved += pages * vm.page_size - vm.spaces[space].reserved;
    vm.spaces[space].reserved = pages * vm.page_size;
}

void count_memory_in_use(Kernel& kernel) {
    VirtualMemory& vm = *kernel.virtual_memory;
    const std::int64_t tables =
        static_cast<std::int64_t>(vm.memory.tables_in_use(vm.layout.index_bits)) * base_page.count;
    const std::int64_t resident = std::int64_t{vm.memory.frames().in_use()} * vm.page_size;
    const std::array<std::int64_t, 3> now{vm.reserved, resident, tables};
    for (std::size_t i = 0; i < now.size(); ++i) {
        kernel.memory[i] += now[i] - vm.counted[i];
        kernel.memory_peak[i] = std::max(kernel.memory_peak[i], kernel.memory[i]);
    }
    vm.counted = now;
}

} // namespace switchyard::sim
