// What fork(2) takes longer, and what a forked child's whole life does, for what the process has besides pages: page
// tables, huge pages, regions, open descriptors. For each of them.
//
// The same process forks with and without them in turn: a region is left out of a fork by MADV_DONTFORK, and costs it
// nothing then. The least of some forks counts, of each sort.
#include "models/errors.hpp"
#include "native/probes/primitives.hpp"
#include "native/probes/region.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

enum class Until { call_returns, child_is_reaped };

constexpr std::int64_t pages_of_table = 512;

double nanoseconds_of_fork(const ProbeRun& run, Until until) {
    const std::uint64_t start = time_stamp();
    const pid_t child = fork();
    if (child == 0) _exit(0);
    const std::uint64_t returned = time_stamp();
    if (child < 0) throw SystemError::from_errno("forking", errno);
    waitpid(child, nullptr, 0);
    return run.scale.nanoseconds(start, until == Until::call_returns ? returned : time_stamp());
}

// `include(true)` lets forks have `units` more of it than `include(false)`.
std::vector<Sample> sample_differences(const ProbeRun& run, Until until, std::int64_t units,
                                       const std::function<void(bool)>& include) {
    constexpr int forks = 5;
    const auto least = [&](bool with) {
        include(with);
        double found = std::numeric_limits<double>::infinity();
        for (int i = 0; i < forks; ++i) found = std::min(found, nanoseconds_of_fork(run, until));
        return found;
    };
    std::vector<Sample> samples;
    least(true); // the first fork also write-protects every page
    const std::uint64_t begin = time_stamp();
    while (samples.size() < 3 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds) {
        const double before = iteration_picoseconds_now(run.scale);
        const double without = least(false);
        const double with = least(true);
        const BracketedTime time =
            bracketed((with - without) / static_cast<double>(units), before, iteration_picoseconds_now(run.scale));
        samples.push_back({time.nanoseconds, time.iteration_picoseconds, time.disagreement});
    }
    return samples;
}

void set_forked(void* memory, std::size_t size, bool is_forked) {
    if (madvise(memory, size, is_forked ? MADV_DOFORK : MADV_DONTFORK) != 0)
        throw SystemError::from_errno("leaving memory out of a fork", errno);
}

// The same number of pages, in a table each or side by side.
std::vector<Sample> measure_tables(const ProbeRun& run, Until until) {
    constexpr std::int64_t tables = 64;
    const Region sparse(tables * pages_of_table);
    const Region dense(tables);
    sparse.write(pages_of_table);
    dense.write();
    return sample_differences(run, until, tables - 1, [&](bool is_sparse) {
        set_forked(sparse.data(), sparse.size(), is_sparse);
        set_forked(dense.data(), dense.size(), !is_sparse);
    });
}

// The same pages, in one region or, where every second one may not be written, in a region each.
std::vector<Sample> measure_regions(const ProbeRun& run, Until until) {
    constexpr std::int64_t regions = 64;
    const Region region(regions + 1); // the last page stays as it is: neighbours do not count
    region.write();
    const auto protect = [&](std::size_t page, std::size_t pages, int protection) {
        if (mprotect(region.data() + page * page_size, pages * page_size, protection) != 0)
            throw SystemError::from_errno("protecting memory", errno);
    };
    return sample_differences(run, until, regions, [&](bool in_several) {
        protect(0, regions, PROT_READ | PROT_WRITE);
        for (std::size_t page = 0; in_several && page < regions; page += 2) protect(page, 1, PROT_READ);
    });
}

// How much of this process's memory is in huge pages.
std::int64_t bytes_in_huge_pages() {
    std::ifstream file("/proc/self/smaps_rollup");
    for (std::string word; file >> word;)
        if (std::int64_t kibibytes = 0; word == "AnonHugePages:" && file >> kibibytes) return kibibytes << 10;
    return 0;
}

std::vector<Sample> measure_huge_pages(const ProbeRun& run, Until until) {
    constexpr std::int64_t huge_pages = 8;
    constexpr std::size_t huge_page = page_size * pages_of_table;
    const Region region((huge_pages + 1) * pages_of_table);
    const auto beyond = reinterpret_cast<std::uintptr_t>(region.data()) % huge_page;
    char* const first = region.data() + (huge_page - beyond) % huge_page;
    madvise(first, huge_pages * huge_page, MADV_HUGEPAGE);
    const std::int64_t before = bytes_in_huge_pages();
    for (std::size_t at = 0; at < huge_pages * huge_page; at += page_size) static_cast<volatile char*>(first)[at] = 1;
    if (bytes_in_huge_pages() - before < static_cast<std::int64_t>(huge_pages * huge_page))
        throw SystemError("this kernel gave no transparent huge pages");
    return sample_differences(run, until, huge_pages,
                              [&](bool there) { set_forked(first, huge_pages * huge_page, there); });
}

class Descriptors {
public:
    Descriptors() = default;
    Descriptors(const Descriptors&) = delete;
    Descriptors& operator=(const Descriptors&) = delete;
    ~Descriptors() { close_all(); }
    void open_so_many(std::int64_t count) {
        while (static_cast<std::int64_t>(open_.size()) < count) {
            const int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
            if (descriptor < 0) throw SystemError::from_errno("opening /dev/null", errno);
            open_.push_back(descriptor);
        }
    }
    void close_all() {
        for (const int descriptor : open_) close(descriptor);
        open_.clear();
    }

private:
    std::vector<int> open_;
};

std::vector<Sample> measure_descriptors(const ProbeRun& run, Until until) {
    constexpr std::int64_t count = 256;
    Descriptors descriptors;
    return sample_differences(run, until, count, [&](bool there) {
        descriptors.close_all();
        if (there) descriptors.open_so_many(count);
    });
}

} // namespace

std::vector<Sample> measure_fork_of_tables(const ProbeRun& run) { return measure_tables(run, Until::call_returns); }

std::vector<Sample> measure_fork_life_of_tables(const ProbeRun& run) {
    return measure_tables(run, Until::child_is_reaped);
}

std::vector<Sample> measure_fork_of_huge_pages(const ProbeRun& run) {
    return measure_huge_pages(run, Until::call_returns);
}

std::vector<Sample> measure_fork_life_of_huge_pages(const ProbeRun& run) {
    return measure_huge_pages(run, Until::child_is_reaped);
}

std::vector<Sample> measure_fork_of_regions(const ProbeRun& run) { return measure_regions(run, Until::call_returns); }

std::vector<Sample> measure_fork_life_of_regions(const ProbeRun& run) {
    return measure_regions(run, Until::child_is_reaped);
}

std::vector<Sample> measure_fork_of_descriptors(const ProbeRun& run) {
    return measure_descriptors(run, Until::call_returns);
}

std::vector<Sample> measure_fork_life_of_descriptors(const ProbeRun& run) {
    return measure_descriptors(run, Until::child_is_reaped);
}

} // namespace switchyard::native
