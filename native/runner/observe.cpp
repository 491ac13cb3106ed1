#include "native/runner/observe.hpp"

#include "models/report/observation.hpp"
#include "native/runner/task.hpp"

#include <array>
#include <cctype>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// Calls `line` with one line of the file after another, until it answers false. In a buffer on the stack: reading must
// not need memory.
template <class Line>
bool read_lines(const char* path, Line line) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    std::array<char, 8192> buffer;
    std::size_t held = 0;
    bool goes_on = true;
    while (goes_on) {
        const ssize_t got = read(file, buffer.data() + held, buffer.size() - held);
        if (got <= 0) break;
        held += static_cast<std::size_t>(got);
        std::size_t begin = 0;
        while (goes_on) {
            const void* const end = std::memchr(buffer.data() + begin, '\n', held - begin);
            if (end == nullptr) break;
            const auto length = static_cast<std::size_t>(static_cast<const char*>(end) - buffer.data()) - begin;
            goes_on = line(std::string_view(buffer.data() + begin, length));
            begin += length + 1;
        }
        held -= begin;
        std::memmove(buffer.data(), buffer.data() + begin, held);
        if (held == buffer.size()) held = 0; // a line longer than any of the kernel's
    }
    close(file);
    return true;
}

std::uint64_t hexadecimal(std::string_view text, std::size_t& at) {
    std::uint64_t value = 0;
    for (; at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0; ++at) {
        const char digit = text[at];
        value = value * 16 + static_cast<std::uint64_t>(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
    }
    return value;
}

// Of "Rss:      4 kB", in bytes.
std::optional<std::int64_t> kilobytes(std::string_view line, std::string_view name) {
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') return std::nullopt;
    std::int64_t value = 0;
    for (const char letter : line.substr(name.size() + 1))
        if (letter >= '0' && letter <= '9') value = value * 10 + (letter - '0');
    return value * 1024;
}

struct MapsEntry {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool readable = false;
    bool writable = false;
    bool shared = false;
    std::string_view name;
};

// A line of /proc/PID/maps, and what an entry of smaps begins with: "begin-end rwxp offset device inode   name".
std::optional<MapsEntry> entry_of(std::string_view line) {
    MapsEntry entry;
    std::size_t at = 0;
    entry.begin = hexadecimal(line, at);
    if (at == 0 || at >= line.size() || line[at] != '-') return std::nullopt;
    const std::size_t dash = at++;
    entry.end = hexadecimal(line, at);
    if (at == dash + 1 || at + 5 > line.size() || line[at] != ' ') return std::nullopt;
    entry.readable = line[at + 1] == 'r';
    entry.writable = line[at + 2] == 'w';
    entry.shared = line[at + 4] == 's';
    for (int blanks = 0; at < line.size() && blanks < 5; ++at)
        if (line[at] == ' ' && (at + 1 >= line.size() || line[at + 1] != ' ')) ++blanks;
    entry.name = at < line.size() ? line.substr(at) : std::string_view();
    return entry;
}

std::optional<std::int64_t> page_table_bytes() {
    std::optional<std::int64_t> bytes;
    read_lines("/proc/self/status", [&](std::string_view line) { return !(bytes = kilobytes(line, "VmPTE")); });
    return bytes;
}

FaultFigures figures_now() {
    FaultFigures figures;
    const std::optional<std::int64_t> tables = page_table_bytes();
    figures.page_tables = tables.value_or(0);
    figures.page_tables_known = tables.has_value();
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    figures.minor_faults = usage.ru_minflt;
    figures.major_faults = usage.ru_majflt;
    return figures;
}

// Sizes of entries of smaps together, in bytes.
struct Sizes {
    std::int64_t resident = 0, proportional = 0, shared = 0, own = 0, anonymous = 0, huge = 0, swapped = 0, hugetlb = 0;
};

// Of those entries that are meant; nothing where the kernel does not say.
template <class Meant>
std::optional<Sizes> sizes_of_entries(Meant is_meant) {
    struct Field {
        std::string_view name;
        std::int64_t Sizes::*sum;
    };
    static constexpr Field fields[] = {{"Rss", &Sizes::resident},          {"Pss", &Sizes::proportional},
                                       {"Shared_Clean", &Sizes::shared},   {"Shared_Dirty", &Sizes::shared},
                                       {"Private_Clean", &Sizes::own},     {"Private_Dirty", &Sizes::own},
                                       {"Anonymous", &Sizes::anonymous},   {"AnonHugePages", &Sizes::huge},
                                       {"Swap", &Sizes::swapped},          {"Private_Hugetlb", &Sizes::hugetlb},
                                       {"Shared_Hugetlb", &Sizes::hugetlb}};
    Sizes sizes;
    bool is_inside = false;
    const bool readable = read_lines("/proc/self/smaps", [&](std::string_view line) {
        if (const auto entry = entry_of(line)) {
            is_inside = is_meant(*entry);
            return true;
        }
        for (const Field& field : fields)
            if (const auto value = is_inside ? kilobytes(line, field.name) : std::nullopt) sizes.*field.sum += *value;
        return true;
    });
    return readable ? std::optional(sizes) : std::nullopt;
}

bool lies_within(const MapsEntry& entry, const MappedRegion& region) {
    const auto begin = reinterpret_cast<std::uint64_t>(region.address);
    return entry.begin >= begin && entry.end <= begin + static_cast<std::uint64_t>(region.size);
}

// The region's own entries: several where a part of it is protected or advised otherwise.
void look_at_region(const MappedRegion& region, ObservedFigures& seen) {
    const std::optional<Sizes> sizes =
        sizes_of_entries([&](const MapsEntry& entry) { return region.is_mapped && lies_within(entry, region); });
    if (!sizes) return;
    seen.resident = sizes->resident;
    seen.proportional = sizes->proportional;
    seen.shared = sizes->shared;
    seen.private_ = sizes->own;
    seen.anonymous = sizes->anonymous;
    seen.huge = sizes->huge;
    if (region.is_mapped && region.page_size > 0) seen.hugetlb = sizes->hugetlb;
}

constexpr std::uint64_t behind_regions = first_placement + (std::uint64_t{1} << 39);

bool is_of_scenario(const MapsEntry& entry) { return entry.begin >= first_placement && entry.begin < behind_regions; }

// What a window writes itself: after a fork the stack is to be copied, wherever its threads are.
[[gnu::noinline]] void settle_stack() {
    std::array<volatile char, 24 * 1024> room;
    for (std::size_t i = 0; i < room.size(); i += 1024) room[i] = 0;
}

} // namespace

FaultWindow::FaultWindow(Task& task) : task_(task.thread->run->plan.header.observations > 0 ? &task : nullptr) {
    if (task_ == nullptr) return;
    settle_stack();
    before_ = figures_now();
}

void FaultWindow::close() {
    if (task_ == nullptr) return;
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    const std::optional<std::int64_t> tables = page_table_bytes();
    FaultFigures& faults = task_->faults;
    const std::int64_t minor = usage.ru_minflt - before_.minor_faults;
    const std::int64_t major = usage.ru_majflt - before_.major_faults;
    faults.minor_faults += minor;
    faults.major_faults += major;
    task_->record->minor_faults += minor;
    task_->record->major_faults += major;
    faults.page_tables += tables.value_or(0) - before_.page_tables;
    faults.page_tables_known = faults.page_tables_known && before_.page_tables_known && tables.has_value();
    StateHeader& header = *task_->thread->run->state.header;
    header.minor_faults.fetch_add(static_cast<std::uint64_t>(minor), std::memory_order_relaxed);
    header.major_faults.fetch_add(static_cast<std::uint64_t>(major), std::memory_order_relaxed);
    task_ = nullptr;
}

void settle(const Run& run, const AddressSpace& space) {
    if (run.plan.header.observations == 0) return;
    constexpr int populate_read = 22, populate_write = 23; // linux/mman.h
    constexpr std::uint64_t large = std::uint64_t{4} << 20;
    const std::array files{reinterpret_cast<std::uint64_t>(run.state.header),
                           reinterpret_cast<std::uint64_t>(run.plan.operations.data())};
    const auto heap =
        space.regions.empty()
            ? 0
            : reinterpret_cast<std::uint64_t>(space.regions[static_cast<std::size_t>(Segment::heap)].address);
    read_lines("/proc/self/maps", [&](std::string_view line) {
        const auto entry = entry_of(line);
        if (!entry || !entry->readable || entry->name.starts_with("[v")) return true;
        if (is_of_scenario(*entry)) return true;
        bool is_of_run = false;
        for (const std::uint64_t address : files)
            is_of_run = is_of_run || (address >= entry->begin && address < entry->end);
        // The scenario's heap, and stacks of other threads, are left as they are.
        if (!is_of_run && entry->end - entry->begin > large) return true;
        if (entry->begin == heap) return true;
        const bool writes = entry->writable && (!entry->shared || is_of_run);
        madvise(reinterpret_cast<void*>(entry->begin), entry->end - entry->begin,
                writes ? populate_write : populate_read);
        return true;
    });
}

void look_at_process(const Task& task) {
    const Run& run = *task.thread->run;
    const AddressSpace& space = task.thread->process->space;
    const bool is_last = task.kind == TaskKind::process || task.thread->process->threads == 1;
    if (run.plan.header.observations == 0 || space.regions.empty() || !is_last) return;
    const MappedRegion& heap = space.regions[static_cast<std::size_t>(Segment::heap)];
    const std::optional<Sizes> sizes = sizes_of_entries(
        [&](const MapsEntry& entry) { return is_of_scenario(entry) || (heap.is_mapped && lies_within(entry, heap)); });
    if (sizes) task.record->sizes = {1, sizes->resident, sizes->proportional, sizes->shared, sizes->swapped};
}

void observe(Task& task, const PlanMemoryOperation& operation) {
    ObservedFigures seen;
    seen.minor_faults = task.faults.minor_faults;
    seen.major_faults = task.faults.major_faults;
    if (task.faults.page_tables_known) seen.page_tables = task.faults.page_tables;
    task.faults = {};
    if (operation.region != no_index) look_at_region(task.thread->process->space.regions[operation.region], seen);

    ObservationState& row = task.thread->run->state.observations[operation.observation];
    std::uint32_t unknown = 0;
    for (std::size_t i = 0; i < observed_figures.size(); ++i) {
        const std::optional<std::int64_t> value = seen.*observed_figures[i].member;
        row.sums[i].fetch_add(value.value_or(0), std::memory_order_relaxed);
        if (!value) unknown |= 1U << i;
    }
    row.unknown.fetch_or(unknown, std::memory_order_relaxed);
    row.count.fetch_add(1, std::memory_order_relaxed);
}

} // namespace switchyard::native
