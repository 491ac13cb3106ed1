#include "native/runner/working_set.hpp"

#include "native/measurement/cycles.hpp"
#include "native/measurement/working_set.hpp"
#include "native/runner/references.hpp"
#include "native/runner/task.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <sys/mman.h>
#include <vector>

namespace switchyard::native {

OwnWorkingSet::~OwnWorkingSet() {
    if (memory_ != nullptr) munmap(memory_, static_cast<std::size_t>(size_));
}

const std::byte* OwnWorkingSet::at_least(const Run& run, std::int64_t size) {
    if (size <= size_) return memory_;
    OwnWorkingSet larger;
    const auto bytes = static_cast<std::size_t>(size);
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail(run, "mapping a task's working set", errno);
    madvise(memory, bytes, MADV_NOHUGEPAGE);
    std::memset(memory, 0, bytes); // pages that are only read are all the same one
    larger.memory_ = static_cast<std::byte*>(memory);
    larger.size_ = size;
    *this = std::move(larger);
    return memory_;
}

namespace {

constexpr std::int64_t largest_measured = std::int64_t{64} << 20; // more is not cached, and a line costs the same

// Of the calling thread: who is preempted meanwhile is not slower.
double processor_nanoseconds() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

// The median of several batches of walks, each beside the work loop, so that the processor's speed does not matter.
double iterations_of_walk(const Run& run, WorkingSetWalk walk, double nanoseconds) {
    constexpr double batch_nanoseconds = 200e3; // far longer than reading the clock
    constexpr std::uint64_t compared = 150'000; // about as long
    for (int i = 0; i < 2; ++i) walk.over(walk.lines());
    const std::uint64_t begin = time_stamp();
    walk.over(walk.lines());
    const TimeStampScale scale{run.state.header->costs.nanoseconds_per_stamp};
    const double one = std::max(scale.nanoseconds(begin, time_stamp()), 1.0);
    const int walks = 1 + static_cast<int>(batch_nanoseconds / one);
    std::vector<double> batches;
    const double start = processor_nanoseconds();
    while (batches.size() < 3 || processor_nanoseconds() - start < nanoseconds) {
        const double before = processor_nanoseconds();
        for (int i = 0; i < walks; ++i) walk.over(walk.lines());
        const double walked = processor_nanoseconds();
        asm volatile("" : : "r"(run_work_loop(compared)));
        const double after = processor_nanoseconds();
        batches.push_back((walked - before) / (after - walked) * compared / walks);
    }
    const auto middle = batches.begin() + static_cast<std::ptrdiff_t>(batches.size() / 2);
    std::nth_element(batches.begin(), middle, batches.end());
    return *middle;
}

} // namespace

void prepare_working_sets(Task& task) {
    const Run& run = *task.thread->run;
    if (run.plan.working_sets.empty()) return;
    const PlanProgram& program = run.plan.programs[task.instance->program];
    const auto each_of_its_own = [&](auto&& action) {
        for (const PlanOperation& operation :
             run.plan.operations.subspan(program.first_operation, program.operations)) {
            if (operation.kind != OperationKind::compute || operation.object == no_object) continue;
            const PlanWorkingSet& over = run.plan.working_sets[operation.object];
            if (over.region == no_index) action(operation.object, over.size);
        }
    };
    each_of_its_own([&](std::uint32_t, std::int64_t size) {
        static_cast<void>(task.own_working_set.at_least(run, size)); // the largest stays
    });
    const double nanoseconds_each = std::min(10e6, 200e6 / static_cast<double>(run.plan.instances.size()));
    task.warm_walks.assign(run.plan.working_sets.size(), 0);
    each_of_its_own([&](std::uint32_t index, std::int64_t size) {
        if (task.warm_walks[index] > 0) return;
        const WorkingSetWalk walk(task.own_working_set.at_least(run, size), static_cast<std::uint64_t>(size));
        task.warm_walks[index] = static_cast<std::uint64_t>(iterations_of_walk(run, walk, nanoseconds_each));
    });
}

void compute_over(Task& task, const PlanWorkingSet& over, std::int64_t iterations) {
    const Run& run = *task.thread->run;
    WorkTimer& timer = task.thread->timer;
    const bool is_own = over.region == no_index;
    const std::byte* const begin = is_own ? task.own_working_set.at_least(run, over.size)
                                          : task.thread->process->space.regions[over.region].address;
    WorkingSetWalk walk(begin, static_cast<std::uint64_t>(over.size));
    walk.go_on_from(task.walked_to);
    const auto index = static_cast<std::size_t>(&over - run.plan.working_sets.data());
    const bool is_measured = index < task.warm_walks.size() && task.warm_walks[index] > 0;
    const std::uint64_t warm =
        std::max<std::uint64_t>(is_measured ? task.warm_walks[index] : run.state.walks[index], 1);
    constexpr std::uint64_t walks_share = 8; // memory that is slower now than before the run is not to matter much
    std::optional<ReadsIn> reads;
    if (!is_own) reads.emplace(task, over.region);
    for (auto left = static_cast<std::uint64_t>(std::max<std::int64_t>(iterations, 0)); left > 0;) {
        const std::uint64_t piece = std::min(left, std::max(timer.longest_piece, walks_share * warm));
        left -= piece;
        if (piece >= warm) {
            walk.over(walk.lines());
            work(timer, static_cast<std::int64_t>(piece - warm));
        } else {
            const double share = static_cast<double>(piece) / static_cast<double>(warm);
            walk.over(static_cast<std::uint64_t>(static_cast<double>(walk.lines()) * share));
        }
    }
    task.walked_to = walk.state();
}

void measure_walks(const Run& run) {
    constexpr double nanoseconds_each = 30e6;
    for (std::size_t i = 0; i < run.plan.working_sets.size(); ++i) {
        const std::int64_t size = run.plan.working_sets[i].size;
        const auto like = std::find_if(run.plan.working_sets.begin(), run.plan.working_sets.end(),
                                       [&](const PlanWorkingSet& one) { return one.size == size; });
        const auto first = static_cast<std::size_t>(like - run.plan.working_sets.begin());
        if (first < i) {
            run.state.walks[i] = run.state.walks[first];
            continue;
        }
        const std::int64_t measured = std::min(size, largest_measured);
        const double scale = static_cast<double>(size) / static_cast<double>(measured);
        OwnWorkingSet memory;
        const WorkingSetWalk walk(memory.at_least(run, measured), static_cast<std::uint64_t>(measured));
        run.state.walks[i] = static_cast<std::uint64_t>(iterations_of_walk(run, walk, nanoseconds_each) * scale);
    }
}

} // namespace switchyard::native
