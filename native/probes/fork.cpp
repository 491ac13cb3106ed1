// fork(2) of a process with `amount` resident pages: the call itself, and the child's whole life until it is reaped.
#include "models/errors.hpp"
#include "models/units/size.hpp"
#include "native/machine/machine.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// Touched anonymous memory in ordinary pages: what a fork has to copy page-table entries for.
class ResidentPages {
public:
    explicit ResidentPages(std::int64_t pages) : size_(static_cast<std::size_t>(pages * base_page.count)) {
        if (size_ == 0) return;
        const std::optional<Bytes> available = kernel_figure("/proc/meminfo", "MemAvailable");
        if (available && available->count < 2 * static_cast<std::int64_t>(size_))
            throw SystemError(fmt::format("not enough memory to hold {} pages", pages));
        memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory_ == MAP_FAILED) throw SystemError::from_errno("mapping memory to fork with", errno);
        madvise(memory_, size_, MADV_NOHUGEPAGE);
        for (std::size_t offset = 0; offset < size_; offset += static_cast<std::size_t>(base_page.count))
            static_cast<volatile char*>(memory_)[offset] = 1;
    }
    ResidentPages(const ResidentPages&) = delete;
    ResidentPages& operator=(const ResidentPages&) = delete;
    ~ResidentPages() {
        if (size_ > 0) munmap(memory_, size_);
    }

private:
    std::size_t size_ = 0;
    void* memory_ = nullptr;
};

pid_t fork_child_that_exits() {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    if (child < 0) throw SystemError::from_errno("forking", errno);
    return child;
}

enum class Until { call_returns, child_is_reaped };

std::vector<Sample> measure_fork(const ProbeRun& run, Until until) {
    const ResidentPages pages(run.amount);
    std::vector<Sample> samples;
    waitpid(fork_child_that_exits(), nullptr, 0); // the first fork also write-protects every page
    const std::uint64_t begin = time_stamp();
    while (samples.size() < 5 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds) {
        const double before = iteration_picoseconds_now(run.scale);
        const std::uint64_t start = time_stamp();
        const pid_t child = fork_child_that_exits();
        const std::uint64_t returned = time_stamp();
        waitpid(child, nullptr, 0);
        const std::uint64_t reaped = time_stamp();
        const double after = iteration_picoseconds_now(run.scale);
        const std::uint64_t end = until == Until::call_returns ? returned : reaped;
        const BracketedTime time = bracketed(run.scale.nanoseconds(start, end), before, after);
        samples.push_back({time.nanoseconds, time.iteration_picoseconds, time.disagreement});
    }
    return samples;
}

} // namespace

std::vector<Sample> measure_fork_call(const ProbeRun& run) { return measure_fork(run, Until::call_returns); }

std::vector<Sample> measure_fork_life(const ProbeRun& run) { return measure_fork(run, Until::child_is_reaped); }

} // namespace switchyard::native
