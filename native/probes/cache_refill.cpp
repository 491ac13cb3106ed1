// What going over a working set takes longer when others have displaced it: one walk
// (native/measurement/working_set.hpp) after a walk over something larger than the core's own caches, less one when
// everything is there. And the same where another processor has gone over it meanwhile, in whose caches it is; and
// where it is in no cache at all.
//
// There is no switch in it: one thread goes over both. What the other one's walk has displaced from the TLB is part of
// it.
#include "models/fit/statistics.hpp"
#include "native/machine/topology.hpp"
#include "native/measurement/isolation.hpp"
#include "native/measurement/working_set.hpp"
#include "native/probes/primitives.hpp"
#include "native/probes/region.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace switchyard::native {

namespace {

struct Caches {
    Bytes own;               // 0: the machine does not say
    std::uint32_t level = 0; // of that one
    Bytes shared;            // likewise
};

// Of the processor this runs on: the last-level cache, and the largest below it.
Caches caches_here() {
    const MachineTopology machine = read_topology();
    const auto here = std::find(machine.cpus.begin(), machine.cpus.end(), allowed_cpus().front());
    const auto core = static_cast<std::uint32_t>(here - machine.cpus.begin());
    std::vector<SharedCache> levels;
    for (const SharedCache& cache : machine.description.caches)
        if (std::find(cache.cores.begin(), cache.cores.end(), core) != cache.cores.end()) levels.push_back(cache);
    std::sort(levels.begin(), levels.end(), [](const auto& a, const auto& b) { return a.level < b.level; });
    Caches caches;
    if (!levels.empty()) caches.shared = levels.back().size;
    if (levels.size() > 1) {
        caches.own = levels[levels.size() - 2].size;
        caches.level = levels[levels.size() - 2].level;
    }
    return caches;
}

Region zeros(std::int64_t bytes) {
    Region region((bytes + base_page.count - 1) / base_page.count);
    region.write();
    return region;
}

WorkingSetWalk walk_of(const Region& region, std::int64_t bytes) {
    return {reinterpret_cast<const std::byte*>(region.data()), static_cast<std::uint64_t>(bytes)};
}

// Something else to go over, so large that nothing remains of what was there.
class Displacement {
public:
    Displacement() : region_(zeros(size())), walk_(walk_of(region_, size())) {}
    void run() { walk_.over(walk_.lines()); }

private:
    static std::int64_t size() {
        constexpr std::int64_t usual = std::int64_t{2} << 20;
        const std::int64_t own = caches_here().own.count;
        return 3 * (own > 0 ? own : usual);
    }
    Region region_;
    WorkingSetWalk walk_;
};

std::vector<Sample> measure_refill(const ProbeRun& run, WorkingSetWalk& walk, const std::function<void()>& displace) {
    constexpr int warm_walks = 3;
    const auto time_walk = [&] {
        const std::uint64_t start = time_stamp();
        walk.over(walk.lines());
        return run.scale.nanoseconds(start, time_stamp());
    };
    std::vector<Sample> samples;
    const std::uint64_t begin = time_stamp();
    while (samples.size() < 4 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds) {
        const double before = iteration_picoseconds_now(run.scale);
        static_cast<void>(time_walk());
        std::vector<double> warm;
        for (int i = 0; i < warm_walks; ++i) warm.push_back(time_walk());
        displace();
        const double cold = time_walk();
        const BracketedTime time = bracketed(cold - median(warm), before, iteration_picoseconds_now(run.scale));
        samples.push_back({time.nanoseconds, time.iteration_picoseconds, time.disagreement});
    }
    samples.erase(samples.begin()); // the first one warmed up
    return samples;
}

// A thread on the other processor that goes over the same whenever it is asked to.
class Neighbour {
public:
    Neighbour(WorkingSetWalk walk, int cpu)
        : thread_([this, walk, cpu]() mutable {
              pin_to(std::array{cpu});
              for (;;) {
                  Order order = order_.load(std::memory_order_acquire);
                  if (order == Order::end) return;
                  if (order != Order::walk) continue;
                  for (int i = 0; i < 2; ++i) walk.over(walk.lines());
                  order_.store(Order::wait, std::memory_order_release);
              }
          }) {}
    ~Neighbour() {
        order_ = Order::end;
        thread_.join();
    }
    Neighbour(const Neighbour&) = delete;
    Neighbour& operator=(const Neighbour&) = delete;

    void go_over_it() {
        order_.store(Order::walk, std::memory_order_release);
        while (order_.load(std::memory_order_acquire) == Order::walk) {
        }
    }

private:
    enum class Order { wait, walk, end };
    std::atomic<Order> order_{Order::wait};
    std::thread thread_;
};

// How many places each line has to be in, in the cache of that level; 0: not known.
std::int64_t associativity(std::uint32_t wanted) {
    const auto number_in = [](const std::string& file) {
        std::int64_t number = 0;
        std::ifstream(file) >> number;
        return number;
    };
    constexpr int most_caches = 8;
    for (int index = 0; index < most_caches; ++index) {
        const std::string folder =
            fmt::format("/sys/devices/system/cpu/cpu{}/cache/index{}/", allowed_cpus().front(), index);
        if (number_in(folder + "level") == wanted) return number_in(folder + "ways_of_associativity");
    }
    return 0;
}

std::vector<Sample> one_size(Bytes size) {
    if (size.count == 0) return {};
    return {{static_cast<double>(size.count), 0, 0}};
}

} // namespace

std::vector<Sample> measure_refill_from_shared_cache(const ProbeRun& run) {
    const Region region = zeros(run.amount);
    WorkingSetWalk walk = walk_of(region, run.amount);
    Displacement other;
    return measure_refill(run, walk, [&] { other.run(); });
}

std::vector<Sample> measure_refill_from_other_core(const ProbeRun& run) {
    const Region region = zeros(run.amount);
    WorkingSetWalk walk = walk_of(region, run.amount);
    Displacement other;
    Neighbour neighbour(walk, run.other_cpu.value());
    return measure_refill(run, walk, [&] {
        other.run();
        neighbour.go_over_it();
    });
}

std::vector<Sample> measure_refill_from_memory([[maybe_unused]] const ProbeRun& run) {
#if defined(__x86_64__)
    const Region region = zeros(run.amount);
    WorkingSetWalk walk = walk_of(region, run.amount);
    return measure_refill(run, walk, [&] {
        for (std::uint64_t line = 0; line < walk.lines(); ++line) _mm_clflush(walk.begin() + line * cache_line_bytes);
        _mm_mfence();
    });
#else
    return {}; // other processors do not let programs empty caches
#endif
}

std::vector<Sample> measure_private_cache(const ProbeRun&) { return one_size(caches_here().own); }

std::vector<Sample> measure_private_cache_way(const ProbeRun&) {
    const Caches caches = caches_here();
    const std::int64_t ways = associativity(caches.level);
    return one_size(Bytes{ways > 0 ? caches.own.count / ways : 0});
}

std::vector<Sample> measure_shared_cache(const ProbeRun&) { return one_size(caches_here().shared); }

} // namespace switchyard::native
