#include "native/runner/address_space.hpp"

#include "native/measurement/isolation.hpp"
#include "native/runner/observe.hpp"
#include "native/runner/references.hpp"
#include "native/runner/task.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <malloc.h>
#include <mutex>
#include <optional>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

constexpr int populate_read = 22, populate_write = 23; // madvise; linux/mman.h

std::size_t bytes_of(std::int64_t size) { return static_cast<std::size_t>(size); }

std::int64_t whole_pages(std::int64_t size) { return (size + page_bytes - 1) / page_bytes * page_bytes; }

int protection_of(const Permissions& permissions) {
    return (permissions.read ? PROT_READ : PROT_NONE) | (permissions.write ? PROT_WRITE : PROT_NONE) |
           (permissions.execute ? PROT_EXEC : PROT_NONE);
}

AddressSpace& space_of(const Task& task) { return task.thread->process->space; }

MappedRegion& region_of(const Task& task, const PlanMemoryOperation& operation) {
    return space_of(task).regions[operation.region];
}

// The pages an operation is about. One whose region is not there is about address 0, or where it was.
struct PageRange {
    std::byte* begin;
    std::size_t bytes;
};

PageRange range_of(const MappedRegion& region, const PlanMemoryOperation& operation) {
    const std::int64_t end = operation.length > 0 ? operation.offset + operation.length : region.size;
    const std::int64_t begin = operation.offset / page_bytes * page_bytes;
    return {region.address + begin, bytes_of(std::max<std::int64_t>(whole_pages(end) - begin, 0))};
}

class Lock {
public:
    explicit Lock(AddressSpace& space) : space_(space) {
        while (space_.busy.test_and_set(std::memory_order_acquire)) {
        }
    }
    ~Lock() { space_.busy.clear(std::memory_order_release); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    AddressSpace& space_;
};

// --- Regions -----------------------------------------------------------------------------------------------------

void place_segment(const Run& run, AddressSpace& space, Segment segment, std::int64_t size, int protection, int flags,
                   int file) {
    if (size <= 0) return;
    MappedRegion& region = space.regions[static_cast<std::size_t>(segment)];
    const std::int64_t whole = whole_pages(size);
    auto* const place = reinterpret_cast<void*>(space.placement.place(Bytes{whole}, 0));
    void* const memory = mmap(place, bytes_of(whole), protection, flags | MAP_FIXED_NOREPLACE, file, 0);
    if (memory == MAP_FAILED) fail(run, "mapping a segment of a process", errno);
    if ((flags & MAP_ANONYMOUS) != 0) madvise(memory, bytes_of(whole), MADV_NOHUGEPAGE);
    region = {static_cast<std::byte*>(memory), whole, 0, true, 0};
}

std::optional<rlimit> stack_limit_before; // of this process, where it has a stack of the scenario

// A stack as the kernel makes a program's own: its highest page, growing downwards to what is touched, as far as
// RLIMIT_STACK permits (mm/mmap.c: acct_stack_growth). That limit is also the calling thread's, whose own stack is
// large enough already then.
void place_stack(const Run& run, AddressSpace& space, std::int64_t size) {
    if (size <= 0) return;
    constexpr std::size_t own_stack = std::size_t{512} << 10;
    const std::int64_t whole = whole_pages(size);
    auto* const lowest = reinterpret_cast<std::byte*>(space.placement.place(Bytes{whole}, 0));
    void* const memory = mmap(lowest + whole - page_bytes, bytes_of(page_bytes), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory == MAP_FAILED) fail(run, "mapping the stack of a process", errno);
    madvise(memory, bytes_of(page_bytes), MADV_NOHUGEPAGE);
    prefault_stack(own_stack);
    rlimit limit{};
    getrlimit(RLIMIT_STACK, &limit);
    stack_limit_before = limit;
    limit.rlim_cur = bytes_of(whole);
    if (limit.rlim_cur > limit.rlim_max || setrlimit(RLIMIT_STACK, &limit) != 0)
        fail(run, "limiting the stack of a process", EPERM);
    space.regions[static_cast<std::size_t>(Segment::stack)] = {lowest, whole, 0, true};
}

// The heap of the scenario begins behind that of the C library, at a page table of its own, a page between them being
// forbidden, so that the kernel keeps two entries. The C library gets room enough to need brk no more.
void prepare_heap(const Run& run, AddressSpace& space, std::int64_t size) {
    constexpr std::size_t room = std::size_t{1} << 20;
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_MMAP_THRESHOLD, 1 << 24);
    void* volatile taken = std::malloc(room);
    std::free(taken);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    const auto alignment = static_cast<std::uintptr_t>(placement_alignment.count);
    const auto now = reinterpret_cast<std::uintptr_t>(sbrk(0));
    const std::uintptr_t begin =
        (now + static_cast<std::uintptr_t>(page_bytes) + alignment - 1) / alignment * alignment;
    auto* const first = reinterpret_cast<std::byte*>(begin);
    if (brk(first) != 0 || mprotect(first - page_bytes, bytes_of(page_bytes), PROT_NONE) != 0 || brk(first + size) != 0)
        fail(run, "making room for the heap", errno);
    space.regions[static_cast<std::size_t>(Segment::heap)] = {first, size, 0, true};
}

void evict(int file) { posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED); }

int advice_number(Advice advice) {
    switch (advice) {
    case Advice::normal: return MADV_NORMAL;
    case Advice::random: return MADV_RANDOM;
    case Advice::sequential: return MADV_SEQUENTIAL;
    case Advice::willneed: return MADV_WILLNEED;
    case Advice::dontneed: return MADV_DONTNEED;
    case Advice::free: return MADV_FREE;
    case Advice::hugepage: return MADV_HUGEPAGE;
    case Advice::nohugepage: return MADV_NOHUGEPAGE;
    case Advice::populate_read: return populate_read;
    case Advice::populate_write: return populate_write;
    }
    return MADV_NORMAL;
}

// The flags that ask for them: the size's logarithm stands above MAP_HUGE_SHIFT.
int explicit_huge_pages(const PlanMemoryOperation& operation) {
    if (operation.page_size == 0) return 0;
    constexpr int shift = 26; // MAP_HUGE_SHIFT of linux/mman.h
    const int size = operation.page_size == huge_page.count ? 30 << shift : 21 << shift;
    return MAP_HUGETLB | size | (operation.reserve ? 0 : MAP_NORESERVE);
}

} // namespace

void prepare_address_space(const Run& run, const PlanProcess& process, AddressSpace& space) {
    if (run.plan.header.regions == 0) return;
    record_forbidden_references();
    space.regions.assign(run.plan.header.regions, {});
    const auto size = [&](Segment segment) { return process.segment_sizes[static_cast<std::size_t>(segment)]; };
    const auto file = [&](std::uint32_t index) { return index == no_index ? -1 : run.state.files[index].descriptor; };
    constexpr int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    constexpr int read_write = PROT_READ | PROT_WRITE;
    place_segment(run, space, Segment::text, size(Segment::text), PROT_READ | PROT_EXEC, MAP_PRIVATE,
                  file(process.text_file));
    place_segment(run, space, Segment::data, size(Segment::data), read_write, MAP_PRIVATE, file(process.data_file));
    place_segment(run, space, Segment::bss, size(Segment::bss), read_write, anonymous, -1);
    place_stack(run, space, size(Segment::stack));
    const auto heap = static_cast<std::uint32_t>(Segment::heap);
    const auto is_about_heap = [&](const PlanMemoryOperation& operation) { return operation.region == heap; };
    const bool grows = std::any_of(run.plan.operations.begin(), run.plan.operations.end(),
                                   [](const auto& operation) { return operation.kind == OperationKind::brk; });
    if (grows || size(Segment::heap) > 0 ||
        std::any_of(run.plan.memory_operations.begin(), run.plan.memory_operations.end(), is_about_heap))
        prepare_heap(run, space, size(Segment::heap));
}

void restore_stack_limit() {
    if (stack_limit_before) setrlimit(RLIMIT_STACK, &*stack_limit_before);
}

void map_region(Task& task, const PlanMemoryOperation& operation) {
    const Run& run = *task.thread->run;
    const Lock lock(space_of(task));
    MappedRegion& region = region_of(task, operation);
    if (region.is_mapped) fail(run, "mapping a region that is mapped", EEXIST);
    const std::int64_t size = whole_pages(operation.size);
    auto* const place = reinterpret_cast<void*>(
        space_of(task).placement.place(Bytes{size}, operation.start_page, base_page, Bytes{operation.page_size}));
    const bool is_anonymous = operation.kind == RegionKind::anonymous && operation.page_size == 0;
    const bool is_file = operation.kind == RegionKind::file;
    const int sharing = operation.kind == RegionKind::shared || operation.writes_to_file ? MAP_SHARED : MAP_PRIVATE;
    const int file = is_file ? run.state.files[operation.file].descriptor : -1;
    if (operation.cold) evict(file);
    // Where the kernel would make huge pages by itself, it has to be told before any is made.
    const bool advised = is_anonymous && (operation.huge || run.state.header->huge_pages_everywhere != 0);
    const int populate = operation.populate && !advised ? MAP_POPULATE : 0;
    {
        const FaultWindow window(task);
        void* const memory = mmap(place, bytes_of(size), protection_of(operation.permissions),
                                  sharing | (is_file ? 0 : MAP_ANONYMOUS) | populate | explicit_huge_pages(operation) |
                                      MAP_FIXED_NOREPLACE,
                                  file, 0);
        if (memory == MAP_FAILED) fail(run, "mapping a region", errno);
        if (advised) madvise(memory, bytes_of(size), operation.huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
        if (operation.populate && advised)
            madvise(memory, bytes_of(size), operation.permissions.write ? populate_write : populate_read);
    }
    region = {static_cast<std::byte*>(place), size, operation.start_page, true, operation.page_size};
}

void unmap_region(Task& task, const PlanMemoryOperation& operation) {
    const Lock lock(space_of(task));
    MappedRegion& region = region_of(task, operation);
    const PageRange range = range_of(region, operation);
    if (!region.is_mapped || range.bytes == 0) return; // as munmap(2): nothing is there
    {
        const FaultWindow window(task);
        if (munmap(range.begin, range.bytes) != 0) fail(*task.thread->run, "unmapping a region", errno);
    }
    if (range.begin == region.address && range.bytes >= bytes_of(region.size)) region.is_mapped = false;
}

void remap_region(Task& task, const PlanMemoryOperation& operation) {
    const Run& run = *task.thread->run;
    const Lock lock(space_of(task));
    MappedRegion& region = region_of(task, operation);
    if (!region.is_mapped) fail(run, "remapping a region that is not mapped", ENOENT);
    std::int64_t size = whole_pages(operation.size);
    if (region.page_size > 0) size = (size + region.page_size - 1) / region.page_size * region.page_size;
    const bool moves = size > region.size;
    auto* place = region.address;
    if (moves) place = reinterpret_cast<std::byte*>(space_of(task).placement.place(Bytes{size}, region.start_page));
    {
        const FaultWindow window(task);
        if (mremap(region.address, bytes_of(region.size), bytes_of(size), moves ? MREMAP_MAYMOVE | MREMAP_FIXED : 0,
                   place) == MAP_FAILED)
            fail(run, "remapping a region", errno);
    }
    region.address = place;
    region.size = size;
}

void protect_region(Task& task, const PlanMemoryOperation& operation) {
    const PageRange range = range_of(region_of(task, operation), operation);
    const FaultWindow window(task);
    if (mprotect(range.begin, range.bytes, protection_of(operation.permissions)) != 0)
        fail(*task.thread->run, "protecting a region", errno);
}

void change_heap(Task& task, const PlanMemoryOperation& operation) {
    const Lock lock(space_of(task));
    MappedRegion& heap = space_of(task).regions[static_cast<std::size_t>(Segment::heap)];
    const std::int64_t size = std::max<std::int64_t>(heap.size + operation.size, 0);
    {
        const FaultWindow window(task);
        if (brk(heap.address + size) != 0) fail(*task.thread->run, "changing the size of the heap", errno);
    }
    heap.size = size;
}

void advise_region(Task& task, const PlanMemoryOperation& operation) {
    const PageRange range = range_of(region_of(task, operation), operation);
    const FaultWindow window(task);
    if (madvise(range.begin, range.bytes, advice_number(operation.advice)) != 0)
        fail(*task.thread->run, "advising the kernel of a region", errno);
}

} // namespace switchyard::native
