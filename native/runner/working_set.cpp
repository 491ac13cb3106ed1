#include "native/runner/working_set.hpp"

#include "native/measurement/cycles.hpp"
#include "native/measurement/working_set.hpp"
#include "native/runner/task.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
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

void prepare_working_sets(Task& task) {
    const Run& run = *task.thread->run;
    if (run.plan.working_sets.empty()) return;
    const PlanProgram& program = run.plan.programs[task.instance->program];
    for (const PlanOperation& operation : run.plan.operations.subspan(program.first_operation, program.operations)) {
        if (operation.kind != OperationKind::compute || operation.object == no_object) continue;
        const PlanWorkingSet& over = run.plan.working_sets[operation.object];
        if (over.region == no_index) static_cast<void>(task.own_working_set.at_least(run, over.size));
    }
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
    const std::uint64_t warm = std::max<std::uint64_t>(run.state.walks[index], 1);
    std::optional<FaultsOf> faults;
    if (!is_own) faults.emplace(task);
    for (auto left = static_cast<std::uint64_t>(std::max<std::int64_t>(iterations, 0)); left > 0;) {
        const std::uint64_t piece = std::min(left, std::max(timer.longest_piece, 2 * warm));
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

namespace {

constexpr std::int64_t largest_measured = std::int64_t{64}
                                          << 20; // beyond it nothing is cached, and a line costs the same

// The median of several walks, each beside the work loop, so that the processor's speed does not matter.
double iterations_of_walk(const Run& run, std::int64_t size) {
    constexpr std::uint64_t compared = 8192;
    constexpr double enough_nanoseconds = 30e6;
    OwnWorkingSet memory;
    WorkingSetWalk walk(memory.at_least(run, size), static_cast<std::uint64_t>(size));
    const TimeStampScale scale{run.state.header->costs.nanoseconds_per_stamp};
    for (int i = 0; i < 2; ++i) walk.over(walk.lines());
    std::vector<double> walks;
    const std::uint64_t begin = time_stamp();
    while (walks.size() < 3 || scale.nanoseconds(begin, time_stamp()) < enough_nanoseconds) {
        const std::uint64_t start = time_stamp();
        walk.over(walk.lines());
        const std::uint64_t walked = time_stamp();
        asm volatile("" : : "r"(run_work_loop(compared)));
        const std::uint64_t end = time_stamp();
        walks.push_back(static_cast<double>(walked - start) / static_cast<double>(end - walked) * compared);
    }
    const auto middle = walks.begin() + static_cast<std::ptrdiff_t>(walks.size() / 2);
    std::nth_element(walks.begin(), middle, walks.end());
    return *middle;
}

} // namespace

void measure_walks(const Run& run) {
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
        run.state.walks[i] = static_cast<std::uint64_t>(iterations_of_walk(run, measured) * scale);
    }
}

} // namespace switchyard::native
