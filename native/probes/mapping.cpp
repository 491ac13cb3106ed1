// Mapping, unmapping and protecting regions of which `amount` pages are present; and what the last takes longer while
// another processor has the address space loaded and must be told to forget the old entries.
#include "models/errors.hpp"
#include "native/measurement/isolation.hpp"
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

std::vector<Sample> measure_memory_protect_seen_by_another(const ProbeRun& run) {
    std::atomic<bool> running{false};
    std::atomic<bool> stop{false};
    const int there = run.other_cpu.value();
    std::thread other([&] {
        const std::vector<int> cpus{there};
        pin_to(cpus);
        running = true;
        while (!stop.load(std::memory_order_relaxed)) {
        }
    });
    while (!running) std::this_thread::yield();
    std::vector<Sample> samples = measure_protecting(run);
    stop = true;
    other.join();
    return samples;
}

} // namespace switchyard::native
