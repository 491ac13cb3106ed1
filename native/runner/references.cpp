#include "native/runner/references.hpp"

#include "native/runner/observe.hpp"
#include "native/runner/task.hpp"

#include <algorithm>
#include <csignal>
#include <sys/prctl.h>

namespace switchyard::native {

namespace {

// What the calling thread is at.
struct Touching {
    Task* task = nullptr;
    const PlanMemoryOperation* operation = nullptr;
    const MappedRegion* region = nullptr;
    FaultWindow* window = nullptr;
};
thread_local Touching touching;

// Why the kernel did not permit it, in the words of the simulator: the order in which that looks is the same.
ViolationReason reason_of(const siginfo_t& fault, const Touching& at) {
    if (fault.si_signo == SIGBUS)
        return at.region->page_size > 0 ? ViolationReason::no_huge_page : ViolationReason::beyond_the_object;
    if (fault.si_code == SEGV_ACCERR)
        return at.operation->access == Access::write ? ViolationReason::not_writable : ViolationReason::not_readable;
    constexpr std::ptrdiff_t guard_gap = 256 * page_bytes; // Linux: stack_guard_gap
    const std::ptrdiff_t below = at.region->address - static_cast<std::byte*>(fault.si_addr);
    const bool is_stack = at.operation->region == static_cast<std::uint32_t>(Segment::stack);
    return is_stack && below > 0 && below <= guard_gap ? ViolationReason::stack_guard : ViolationReason::not_mapped;
}

// Going back, the access faults again, and the process dies of it. No core dump: prctl(2) holds where core(5) pipes
// dumps to a program, too.
void die_of_fault(int signal_number, siginfo_t* fault, void*) {
    if (Task* const task = touching.task; task != nullptr) {
        if (touching.window != nullptr) touching.window->close();
        TaskRecord& record = *task->record;
        if (record.forbidden.kind == ForbiddenReference::Kind::none) {
            constexpr auto page = static_cast<std::uint64_t>(page_bytes);
            const auto address = reinterpret_cast<std::uint64_t>(fault->si_addr);
            record.forbidden = {ForbiddenReference::Kind::violation, reason_of(*fault, touching),
                                touching.operation->region, address / page * page};
        }
        task->thread->run->state.header->crashes.fetch_add(1, std::memory_order_relaxed);
        record_end(*task, Ending::crashed);
        record.used = used_until_end(*task->thread);
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
    signal(signal_number, SIG_DFL);
}

// One load or store in each page; `next` answers which page.
template <class Next>
void reference(volatile char* begin, std::uint64_t count, Access access, Next next) {
    if (access == Access::write)
        for (std::uint64_t i = 0; i < count; ++i) begin[next(i) * static_cast<std::uint64_t>(page_bytes)] = 1;
    else
        for (std::uint64_t i = 0; i < count; ++i)
            static_cast<void>(begin[next(i) * static_cast<std::uint64_t>(page_bytes)]);
}

} // namespace

void record_forbidden_references() {
    struct sigaction action {};
    action.sa_sigaction = die_of_fault;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, nullptr);
    sigaction(SIGBUS, &action, nullptr);
}

ReadsIn::ReadsIn(Task& task, std::uint32_t region) {
    read_.region = region;
    touching = {&task, &read_, &task.thread->process->space.regions[region], nullptr};
}

ReadsIn::~ReadsIn() { touching = {}; }

void touch_region(Task& task, const PlanMemoryOperation& operation, std::int64_t first_page) {
    const MappedRegion& region = task.thread->process->space.regions[operation.region];
    const std::int64_t length = operation.length > 0 ? operation.length : region.size - operation.offset;
    const auto pages = static_cast<std::uint64_t>(std::max<std::int64_t>(pages_of(Bytes{length}), 1));
    const bool downwards = operation.pattern == AccessPattern::downwards;
    const std::int64_t offset = downwards ? region.size - static_cast<std::int64_t>(pages) * page_bytes
                                          : operation.offset / page_bytes * page_bytes;
    auto* const begin = reinterpret_cast<volatile char*>(region.address + offset);
    if (!region.is_mapped) task.record->forbidden = {ForbiddenReference::Kind::unmapped, {}, operation.region, 0};
    touching = {&task, &operation, &region, nullptr}; // its page is present then, as the window has to have it
    FaultWindow window(task);
    touching.window = &window;
    switch (operation.pattern) {
    case AccessPattern::sequential:
        reference(begin, operation.count > 0 ? operation.count : pages, operation.access,
                  [page = std::uint64_t{0}, pages](std::uint64_t) mutable {
                      const std::uint64_t now = page;
                      if (++page == pages) page = 0;
                      return now;
                  });
        break;
    case AccessPattern::downwards:
        reference(begin, operation.count > 0 ? operation.count : pages, operation.access,
                  [page = pages, pages](std::uint64_t) mutable {
                      if (page == 0) page = pages;
                      return --page;
                  });
        break;
    case AccessPattern::strided: {
        const auto range = static_cast<std::uint64_t>(std::max<std::int64_t>(length, 1));
        const auto stride = static_cast<std::uint64_t>(operation.stride);
        reference(begin, operation.count > 0 ? operation.count : (range + stride - 1) / stride, operation.access,
                  [offset = std::uint64_t{0}, step = stride % range, range](std::uint64_t) mutable {
                      const std::uint64_t now = offset;
                      offset += step;
                      if (offset >= range) offset -= range;
                      return now / static_cast<std::uint64_t>(page_bytes);
                  });
        break;
    }
    case AccessPattern::trace: {
        const std::uint32_t* const listed = task.thread->run->plan.pages.data() + operation.first_page;
        reference(begin, operation.count > 0 ? operation.count : operation.pages, operation.access,
                  [at = std::uint32_t{0}, listed, all = operation.pages](std::uint64_t) mutable {
                      const std::uint32_t now = listed[at];
                      if (++at == all) at = 0;
                      return now;
                  });
        break;
    }
    case AccessPattern::uniform:
    case AccessPattern::zipf:
    case AccessPattern::phases:
        reference(begin, operation.count, operation.access,
                  [drawn = task.thread->run->plan.pages.data() + first_page](std::uint64_t i) { return drawn[i]; });
        break;
    }
    touching = {};
}

} // namespace switchyard::native
