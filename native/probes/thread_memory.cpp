// What a thread that has done nothing yet takes: address space for its stack, touched pages of it, and in the kernel
// its stack there and the page tables of its stack here.
#include "native/machine/machine.hpp"
#include "native/probes/primitives.hpp"

#include <atomic>
#include <functional>
#include <thread>

namespace switchyard::native {

namespace {

constexpr int many = 200;

// What `many` idle threads change in a figure, for each.
double each_of_many_threads(const std::function<double()>& figure) {
    std::atomic<int> ready{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    threads.reserve(many);
    const double before = figure();
    for (int i = 0; i < many; ++i) {
        threads.emplace_back([&] {
            ready.fetch_add(1);
            ready.notify_one();
            stop.wait(false);
        });
    }
    for (int seen = 0; seen < many; seen = ready.load()) ready.wait(seen);
    const double after = figure();
    stop = true;
    stop.notify_all();
    for (std::thread& thread : threads) thread.join();
    return (after - before) / many;
}

double bytes_in(const char* file, std::string_view key) {
    const std::optional<Bytes> value = kernel_figure(file, key);
    return value ? static_cast<double>(value->count) : 0;
}

} // namespace

std::vector<Sample> measure_thread_reserved(const ProbeRun&) {
    return {{each_of_many_threads([] { return bytes_in("/proc/self/status", "VmSize"); }), 0, 0}};
}

std::vector<Sample> measure_thread_resident(const ProbeRun&) {
    return {{each_of_many_threads([] { return bytes_in("/proc/self/smaps_rollup", "Private_Dirty"); }), 0, 0}};
}

std::vector<Sample> measure_thread_kernel(const ProbeRun&) {
    return {{each_of_many_threads(
                 [] { return bytes_in("/proc/meminfo", "KernelStack") + bytes_in("/proc/self/status", "VmPTE"); }),
             0, 0}};
}

} // namespace switchyard::native
