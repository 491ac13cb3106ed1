#include "sim/memory/miss_ratio/stack_distance.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

namespace switchyard::sim::miss_ratio {

RecencyStack::RecencyStack() { make_line(16 * block_bits); }

void RecencyStack::make_line(std::size_t bits) {
    line_.assign(bits / 64, 0);
    tree_.assign(bits / block_bits + 1, 0);
    next_place_ = 0;
}

void RecencyStack::add(std::uint32_t block, std::uint32_t change) {
    for (std::size_t node = block + 1; node < tree_.size(); node += node & (~node + 1)) tree_[node] += change;
}

// Bits in places up to this one, itself included.
std::uint32_t RecencyStack::marked_up_to(std::uint32_t place) const {
    std::uint32_t sum = 0;
    for (std::size_t node = place / block_bits; node > 0; node &= node - 1) sum += tree_[node];
    std::uint32_t word = place / block_bits * block_words;
    for (; word < place / 64; ++word) sum += static_cast<std::uint32_t>(std::popcount(line_[word]));
    return sum + static_cast<std::uint32_t>(std::popcount(line_[word] << (63 - place % 64)));
}

void RecencyStack::clear(std::uint32_t place) {
    line_[place / 64] &= ~(std::uint64_t{1} << (place % 64));
    add(place / block_bits, ~std::uint32_t{0});
    --marked_;
}

void RecencyStack::push_below_top(Slot page) {
    if (next_place_ == 64 * line_.size()) compact();
    const std::uint32_t place = next_place_++;
    line_[place / 64] |= std::uint64_t{1} << (place % 64);
    add(place / block_bits, 1);
    places_[page] = place;
    ++marked_;
}

// Every page to the place of its rank, on a line with as much room again.
void RecencyStack::compact() {
    std::vector<std::uint32_t> before(line_.size()); // bits in earlier words
    std::uint32_t sum = 0;
    for (std::size_t word = 0; word < line_.size(); ++word) {
        before[word] = sum;
        sum += static_cast<std::uint32_t>(std::popcount(line_[word]));
    }
    for (std::uint32_t& place : places_) {
        if (place >= nowhere) continue;
        const std::uint64_t lower = line_[place / 64] & ((std::uint64_t{1} << (place % 64)) - 1);
        place = before[place / 64] + static_cast<std::uint32_t>(std::popcount(lower));
    }
    make_line(std::max<std::size_t>(16, std::bit_ceil(marked_ / block_bits + 1) * 4) * block_bits);
    next_place_ = marked_;
    for (std::uint32_t place = 0; place < marked_; ++place) line_[place / 64] |= std::uint64_t{1} << (place % 64);
    for (std::uint32_t block = 0; block * block_bits < marked_; ++block)
        add(block, std::min(block_bits, marked_ - block * block_bits));
}

Depth RecencyStack::reference(Slot page) {
    if (page >= places_.size()) places_.resize(std::max<std::size_t>(page + 1, places_.size() * 3 / 2), nowhere);
    const std::uint32_t place = places_[page];
    std::uint32_t from = top_size_; // the hole the pages above it move down to
    Depth depth = 0;
    if (place == in_top) {
        from = 0;
        while (top_[from] != page) ++from;
        depth = from + 1;
    } else {
        if (place != nowhere) {
            depth = top_size_ + marked_ - marked_up_to(place) + 1;
            clear(place);
        }
        places_[page] = in_top;
        if (top_size_ == top_most)
            push_below_top(top_[--from]);
        else
            ++top_size_;
    }
    for (; from > 0; --from) top_[from] = top_[from - 1];
    top_[0] = page;
    return depth;
}

void RecencyStack::remove(Slot page) {
    const std::uint32_t place = places_[page];
    assert(place != nowhere);
    if (place == in_top) {
        const auto end = top_.begin() + top_size_;
        std::shift_left(std::find(top_.begin(), end, page), end, 1);
        --top_size_;
    } else {
        clear(place);
    }
    places_[page] = nowhere;
}

std::uint64_t DepthHistogram::references() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::vector<std::uint64_t> DepthHistogram::misses() const {
    std::vector<std::uint64_t> by_frames{references()};
    std::uint64_t left = by_frames[0];
    for (std::size_t depth = 1; depth < counts_.size() && left > first_references(); ++depth)
        by_frames.push_back(left -= counts_[depth]);
    return by_frames;
}

void RecencyCurve::play(std::span<const std::uint64_t> references) {
    constexpr std::size_t far = 24;
    constexpr std::size_t near = 10;
    for (std::size_t at = 0; at < references.size(); ++at) {
        const std::uint64_t page = references[at];
        if (index_.bound() > 0 && page == latest_) { // on top: nothing moves
            depths_.add(1);
            continue;
        }
        if (at + far < references.size()) {
            index_.prefetch(references[at + far]);
            if (const Slot soon = index_.find(references[at + near]); soon != replacement::no_slot)
                stack_.prefetch(soon);
        }
        latest_ = page;
        Slot slot = index_.find(page);
        if (slot == replacement::no_slot) slot = index_.add(page);
        depths_.add(stack_.reference(slot));
    }
}

} // namespace switchyard::sim::miss_ratio
