// Fibers (Boost.Context): resumed in turn by a small loop, so that a hand-over is two jumps; created and destroyed;
// held in memory. The stacks are what boost::context::fiber allocates by default.
#include "native/machine/machine.hpp"
#include "native/probes/primitives.hpp"

#include <array>
#include <boost/context/fiber.hpp>
#include <malloc.h>

namespace switchyard::native {

namespace {

using boost::context::fiber;

fiber hand_over_until(const bool& stop) {
    return fiber([&stop](fiber&& loop) {
        while (!stop) loop = std::move(loop).resume();
        return std::move(loop);
    });
}

// Fibers that have run until their first hand-over; destroying one unwinds its stack.
std::vector<fiber> started_fibers(std::size_t count, const bool& stop) {
    std::vector<fiber> fibers;
    fibers.reserve(count);
    for (std::size_t i = 0; i < count; ++i) fibers.push_back(hand_over_until(stop).resume());
    return fibers;
}

// What 200 fibers change in a figure of this process, for each.
double each_of_many_fibers(const std::string& file, std::string_view key) {
    constexpr std::size_t fibers = 200;
    const bool stop = false;
    // A stack is a mapping of its own, as in a process that has never freed one: malloc then adapts (mallopt(3)).
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    const std::optional<Bytes> before = kernel_figure(file, key);
    const std::vector<fiber> held = started_fibers(fibers, stop);
    const std::optional<Bytes> after = kernel_figure(file, key);
    return before && after ? static_cast<double>((*after - *before).count) / static_cast<double>(fibers) : 0;
}

} // namespace

std::vector<Sample> measure_fiber_switch(const ProbeRun& run) {
    constexpr std::int64_t turns = 20'000;
    bool stop = false;
    std::array<fiber, 2> loop{hand_over_until(stop), hand_over_until(stop)};
    const std::vector<Sample> samples = sample_batches(run, 2 * turns, [&] {
        for (std::int64_t turn = 0; turn < turns; ++turn)
            for (fiber& next : loop) next = std::move(next).resume();
    });
    stop = true;
    for (fiber& next : loop) next = std::move(next).resume();
    return samples;
}

std::vector<Sample> measure_fiber_creation(const ProbeRun& run) {
    constexpr std::int64_t fibers = 1000;
    const bool stop = true;
    return sample_batches(run, fibers, [&] {
        for (std::int64_t i = 0; i < fibers; ++i) hand_over_until(stop).resume();
    });
}

std::vector<Sample> measure_fiber_reserved(const ProbeRun&) {
    return {{each_of_many_fibers("/proc/self/status", "VmSize"), 0, 0}};
}

std::vector<Sample> measure_fiber_resident(const ProbeRun&) {
    return {{each_of_many_fibers("/proc/self/smaps_rollup", "Private_Dirty"), 0, 0}};
}

} // namespace switchyard::native
