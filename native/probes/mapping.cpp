// Mapping, unmapping and protecting regions of which `amount` pages are present; and what the last takes longer while
// another processor has the address space loaded and must be told to forget the old entries; and what that one loses.
#include "models/errors.hpp"
#include "native/measurement/isolation.hpp"
#include "native/probes/gaps.hpp"
#include "native/probes/primitives.hpp"
#include "native/probes/region.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <sys/mman.h>
#include <thread>

namespace switchyard::native {

namespace {

// So many regions make a sample that a stopwatch sees well, of few pages and of many.
std::int64_t regions_of(std::int64_t pages) { return std::max<std::int64_t>(1, 64 / std::max<std::int64_t>(1, pages)); }

// A region between two pages that cannot be accessed: no change of its permissions makes it one with a neighbour.
class EnclosedRegion {
public:
    explicit EnclosedRegion(std::int64_t pages)
        : with_bounds_(pages + 2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS),
          size_(static_cast<std::size_t>(pages) * page_size) {
        protect(PROT_READ | PROT_WRITE);
    }
    [[nodiscard]] char* data() const { return with_bounds_.data() + page_size; }
    void protect(int protection) const {
        if (mprotect(data(), size_, protection) != 0)
            throw SystemError::from_errno("changing the permissions of memory", errno);
    }
    void write() const {
        for (std::size_t offset = 0; offset < size_; offset += page_size)
            static_cast<volatile char*>(data())[offset] = 1;
    }

private:
    Region with_bounds_;
    std::size_t size_;
};

std::vector<Sample> measure_protecting(const ProbeRun& run) {
    const std::int64_t present = run.amount;
    const EnclosedRegion region(std::max<std::int64_t>(1, present));
    if (present > 0) region.write();
    const std::int64_t times = 8 * regions_of(present);
    return sample_batches(run, 2 * times, [&] {
        for (std::int64_t i = 0; i < times; ++i) {
            region.protect(PROT_READ);
            region.protect(PROT_READ | PROT_WRITE);
        }
    });
}

} // namespace

std::vector<Sample> measure_memory_map(const ProbeRun& run) {
    constexpr std::int64_t regions = 100;
    constexpr std::size_t size = 16 * page_size;
    std::vector<void*> mapped(regions);
    return sample_prepared_batches(
        run, regions, [] {},
        [&] {
            // Neighbours with other permissions do not become one region.
            for (std::size_t i = 0; i < mapped.size(); ++i)
                mapped[i] = mmap(nullptr, size, i % 2 == 0 ? PROT_READ : PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        },
        [&] {
            for (void* const memory : mapped) {
                if (memory == MAP_FAILED) throw SystemError("no memory to map");
                munmap(memory, size);
            }
        });
}

std::vector<Sample> measure_memory_unmap(const ProbeRun& run) {
    const std::int64_t present = run.amount;
    const std::int64_t regions = regions_of(present);
    std::vector<EnclosedRegion> mapped;
    mapped.reserve(static_cast<std::size_t>(regions));
    const std::size_t size = static_cast<std::size_t>(std::max<std::int64_t>(1, present)) * page_size;
    return sample_prepared_batches(
        run, regions,
        [&] {
            for (std::int64_t i = 0; i < regions; ++i) {
                mapped.emplace_back(std::max<std::int64_t>(1, present));
                if (present > 0) mapped.back().write();
            }
        },
        [&] {
            for (const EnclosedRegion& region : mapped) munmap(region.data(), size);
        },
        [&] { mapped.clear(); });
}

std::vector<Sample> measure_memory_protect(const ProbeRun& run) { return measure_protecting(run); }

namespace {

// What a thread does on another processor, beside the one that measures, until this object's end: `turn()` over and
// over.
template <class Turn>
class Beside {
public:
    Beside(int cpu, Turn turn)
        : thread_([this, cpu, turn] {
              const std::vector<int> cpus{cpu};
              pin_to(cpus);
              running_ = true;
              while (!stop_.load(std::memory_order_relaxed)) turn();
          }) {
        while (!running_) std::this_thread::yield();
    }
    ~Beside() {
        stop_ = true;
        thread_.join();
    }
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;

private:
    std::atomic<bool> running_{false};
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

} // namespace

std::vector<Sample> measure_memory_protect_seen_by_another(const ProbeRun& run) {
    const Beside other(run.other_cpu.value(), [] {});
    return measure_protecting(run);
}

// Nearly every gap is an interrupt of the other thread's making; ticks and the rest are too few to move the median.
std::vector<Sample> measure_interrupted_by_protecting(const ProbeRun& run) {
    const EnclosedRegion region(run.amount);
    region.write();
    std::atomic<std::size_t> changes{0};
    const double iteration = iteration_picoseconds_now(run.scale);
    std::vector<Gap> gaps;
    std::size_t during = 0;
    {
        const Beside other(run.other_cpu.value(), [&] {
            region.protect(PROT_READ);
            region.protect(PROT_READ | PROT_WRITE);
            changes.fetch_add(2, std::memory_order_relaxed);
        });
        const std::size_t before = changes;
        gaps = find_gaps(run, run.budget_nanoseconds);
        during = changes - before;
    }
    std::vector<Sample> samples;
    if (gaps.size() < during / 2) return samples; // not every change interrupts this processor
    for (const Gap& gap : gaps) samples.push_back({gap.length, iteration, 0});
    return samples;
}

} // namespace switchyard::native
