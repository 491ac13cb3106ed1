#include "sim/memory/miss_ratio/optimal_stack.hpp"

#include "sim/memory/replacement/optimal.hpp"

#include <algorithm>

namespace switchyard::sim::miss_ratio {

namespace {

constexpr std::size_t block_size = 128;

// Times: those at which pages are needed are below the length of the string; pages that are not needed any more get
// times of their own beyond, later the later they were last referenced (any order will do).
using Need = std::uint64_t;

class OptimalStack {
public:
    // The page needed `now` moves to the top and is needed at `next`. Its depth, or 0 where it was not there.
    Depth reference(Need now, Need next) {
        Need down = next;
        for (std::size_t block = 0; block < latest_.size(); ++block) {
            Need* const begin = needs_.data() + block * block_size;
            Need* const end = needs_.data() + std::min(needs_.size(), (block + 1) * block_size);
            const bool holds_page = earliest_[block] == now;
            if (!holds_page && down >= latest_[block] && block > 0) continue;
            Need* at = begin;
            if (block == 0 && *at != now) { // the top goes down whatever it is
                std::swap(*at, down);
                ++at;
            } else if (block == 0) {
                *at = down;
                measure(block);
                return 1;
            }
            for (; at != end; ++at) {
                if (*at == now) {
                    *at = down;
                    measure(block);
                    return static_cast<Depth>(at - needs_.data()) + 1;
                }
                if (*at > down) std::swap(*at, down);
            }
            measure(block);
        }
        needs_.push_back(down);
        if (needs_.size() > latest_.size() * block_size) {
            latest_.push_back(0);
            earliest_.push_back(0);
        }
        measure(latest_.size() - 1);
        return 0;
    }

private:
    void measure(std::size_t block) {
        const auto begin = needs_.begin() + static_cast<std::ptrdiff_t>(block * block_size);
        const auto end =
            needs_.begin() + static_cast<std::ptrdiff_t>(std::min(needs_.size(), (block + 1) * block_size));
        const auto [least, most] = std::minmax_element(begin, end);
        earliest_[block] = *least;
        latest_[block] = *most;
    }

    std::vector<Need> needs_;  // from the top
    std::vector<Need> latest_; // by block
    std::vector<Need> earliest_;
};

} // namespace

DepthHistogram optimal_depths(std::span<const std::uint32_t> next_uses) {
    OptimalStack stack;
    DepthHistogram depths;
    for (std::size_t now = 0; now < next_uses.size(); ++now) {
        const bool needed = next_uses[now] != replacement::never;
        depths.add(stack.reference(now, needed ? next_uses[now] : next_uses.size() + now));
    }
    return depths;
}

} // namespace switchyard::sim::miss_ratio
