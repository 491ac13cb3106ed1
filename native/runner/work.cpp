#include "native/runner/work.hpp"

#include "native/measurement/cycles.hpp"
#include "native/runner/task.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace switchyard::native {

WorkTimer work_timer(const PlanView& plan, const SharedState& state, std::uint32_t thread) {
    const PlanThread& planned = plan.threads[thread];
    WorkTimer timer;
    timer.longest_piece = plan.header.longest_piece;
    timer.shortest_sampled_piece = plan.header.shortest_sampled_piece;
    timer.plain_iterations = state.header->costs.plain_iterations;
    timer.sampled_iterations = state.header->costs.sampled_iterations;
    timer.stride = planned.sample_stride;
    timer.record = &state.threads[thread];
    timer.room = state.samples.subspan(planned.first_sample, planned.samples);
    return timer;
}

WorkTimer for_child(const WorkTimer& timer, std::uint32_t child) {
    WorkTimer same = timer;
    same.until_sample = 1 + child % timer.stride;
    return same;
}

namespace {

// The loop's result has to exist, so that the compiler leaves nothing out.
void run_iterations(std::uint64_t iterations) { asm volatile("" : : "r"(run_work_loop(iterations))); }

std::uint64_t less(std::uint64_t amount, std::uint64_t deduction) {
    return amount > deduction ? amount - deduction : 0;
}

void run_sampled(WorkTimer& timer, std::uint64_t piece) {
    const std::uint64_t iterations = less(piece, timer.sampled_iterations);
    const std::uint64_t start = time_stamp();
    run_iterations(iterations);
    const std::uint64_t end = time_stamp();
    const std::uint32_t index = timer.record->samples.fetch_add(1, std::memory_order_relaxed);
    if (index < timer.room.size()) timer.room[index] = {start, end - start, iterations};
    timer.until_sample = index < timer.room.size() ? timer.stride : std::numeric_limits<std::uint32_t>::max();
}

} // namespace

void work(WorkTimer& timer, std::int64_t iterations) {
    for (auto left = static_cast<std::uint64_t>(std::max<std::int64_t>(iterations, 0)); left > 0;) {
        const std::uint64_t piece = std::min(left, timer.longest_piece);
        left -= piece;
        if (piece >= timer.shortest_sampled_piece && --timer.until_sample == 0)
            run_sampled(timer, piece);
        else
            run_iterations(less(piece, timer.plain_iterations));
    }
}

namespace {

double median(std::span<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

constexpr std::int64_t calibration_pieces = 200;
constexpr std::int64_t calibration_iterations = 4096;

// The interpreter runs a program of that many pieces; how long it takes, in time stamps.
double stamps_of_program(const WorkTimer& timer) {
    const std::array<PlanOperation, 4> code{
        PlanOperation{
            .kind = OperationKind::repeat, .operand = Operand::constant, .target = 3, .value = calibration_pieces},
        PlanOperation{.kind = OperationKind::compute, .operand = Operand::constant, .value = calibration_iterations},
        PlanOperation{.kind = OperationKind::repeat_end, .target = 1}, PlanOperation{.kind = OperationKind::end}};
    Run run;
    Thread thread;
    thread.run = &run;
    thread.timer = timer;
    TaskRecord record{};
    Task task;
    task.thread = &thread;
    task.record = &record;
    task.code = code.data();
    task.remaining.resize(1);
    const std::uint64_t start = time_stamp();
    static_cast<void>(advance(task));
    return static_cast<double>(time_stamp() - start);
}

double stamps_of_iterations(std::uint64_t iterations) {
    const std::uint64_t start = time_stamp();
    run_iterations(iterations);
    return static_cast<double>(time_stamp() - start);
}

std::uint64_t rounded(double value) { return static_cast<std::uint64_t>(std::llround(std::max(value, 0.0))); }

} // namespace

WorkCosts measure_work_costs(const PlanHeader& header) {
    constexpr std::size_t rounds = 15;
    constexpr double pieces = calibration_pieces;
    std::array<double, rounds> plain, sampled, inside;
    std::array<WorkSample, calibration_pieces> room;
    for (std::size_t round = 0; round < rounds; ++round) {
        ThreadRecord record{};
        WorkTimer timer;
        timer.longest_piece = std::max<std::uint64_t>(header.longest_piece, calibration_iterations);
        timer.record = &record;
        timer.room = room;
        const double bare = stamps_of_iterations(calibration_pieces * calibration_iterations);
        timer.shortest_sampled_piece = 0;
        const double timed = stamps_of_program(timer);
        timer.shortest_sampled_piece = std::numeric_limits<std::uint64_t>::max();
        const double untimed = stamps_of_program(timer);
        const double iteration = bare / (pieces * calibration_iterations);
        plain[round] = (untimed - bare) / pieces / iteration;
        sampled[round] = (timed - bare) / pieces / iteration;
        std::array<double, calibration_pieces> samples;
        for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<double>(room[i].stamps);
        inside[round] = median(samples) - bare / pieces;
    }
    WorkCosts costs{};
    costs.nanoseconds_per_stamp = calibrate_time_stamps().nanoseconds_per_stamp;
    costs.plain_iterations = rounded(median(plain));
    costs.sampled_iterations = rounded(median(sampled));
    costs.stamps_of_sample = rounded(median(inside));
    return costs;
}

} // namespace switchyard::native
