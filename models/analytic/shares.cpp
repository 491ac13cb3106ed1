#include "models/analytic/shares.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "models/units/wide_integer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace switchyard {

namespace {

void require_weight(std::uint64_t weight, std::size_t task) {
    if (weight == 0)
        throw InputError(fmt::format("task {}: a weight of 0 never gets the processor: write 1 or more", task + 1));
}

} // namespace

std::vector<double> proportional_shares(std::span<const std::uint64_t> weights) {
    WideInteger sum = 0;
    for (std::size_t task = 0; task < weights.size(); ++task) {
        require_weight(weights[task], task);
        sum += weights[task];
    }
    std::vector<double> shares;
    for (const std::uint64_t weight : weights) shares.push_back(static_cast<double>(weight) / static_cast<double>(sum));
    return shares;
}

std::vector<double> core_shares(std::span<const std::uint64_t> weights, std::uint32_t cores) {
    if (cores == 0) throw InputError("there is nothing to share of 0 cores: give at least 1");
    WideInteger weight_left = 0;
    for (std::size_t task = 0; task < weights.size(); ++task) {
        require_weight(weights[task], task);
        weight_left += weights[task];
    }
    std::vector<std::size_t> heaviest_first(weights.size());
    std::iota(heaviest_first.begin(), heaviest_first.end(), std::size_t{0});
    std::ranges::stable_sort(heaviest_first, [&](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });

    std::vector<double> shares(weights.size());
    WideInteger cores_left = cores;
    for (const std::size_t task : heaviest_first) {
        // Once one is not capped, no lighter one is.
        if (WideInteger{weights[task]} * cores_left >= weight_left) {
            shares[task] = 1;
            --cores_left;
            weight_left -= weights[task];
        } else {
            shares[task] =
                static_cast<double>(WideInteger{weights[task]} * cores_left) / static_cast<double>(weight_left);
        }
    }
    return shares;
}

std::vector<Duration> fluid_turnarounds(std::span<const WeightedTask> tasks, std::uint32_t cores) {
    std::vector<std::size_t> ready;
    std::vector<double> left; // picoseconds of work, of each that is ready
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        if (tasks[task].work < Duration::zero())
            throw InputError(fmt::format("a task cannot work for {}: write 0 or more", exact_text(tasks[task].work)));
        ready.push_back(task);
        left.push_back(static_cast<double>(tasks[task].work.count()));
    }

    std::vector<Duration> turnarounds(tasks.size());
    double now = 0;
    while (!ready.empty()) {
        std::vector<std::uint64_t> weights;
        for (const std::size_t task : ready) weights.push_back(tasks[task].weight);
        const std::vector<double> shares = core_shares(weights, cores);
        double step = std::numeric_limits<double>::infinity();
        for (std::size_t place = 0; place < ready.size(); ++place) step = std::min(step, left[place] / shares[place]);
        now += step;
        std::size_t kept = 0;
        for (std::size_t place = 0; place < ready.size(); ++place) {
            const double still = left[place] - shares[place] * step;
            if (left[place] / shares[place] <= step) {
                turnarounds[ready[place]] = from_seconds(now * 1e-12);
                continue;
            }
            ready[kept] = ready[place];
            left[kept++] = std::max(0.0, still);
        }
        ready.resize(kept);
        left.resize(kept);
    }
    return turnarounds;
}

} // namespace switchyard
