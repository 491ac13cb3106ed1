#include "sim/memory/miss_ratio/stack_distance.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

namespace switchyard::sim::miss_ratio {

// The bits of the first `whole` words and those `in_next` of the word behind them, in a block of eight. Counted by
// bytes in all words at once: no instruction that not every processor has, and no branch that depends on `whole`.
static std::uint32_t bits_of_block(const std::uint64_t* block, std::uint32_t whole, std::uint64_t in_next) {
    constexpr std::uint64_t all = ~std::uint64_t{0};
    static constexpr std::array<std::uint64_t, 16> masks{all, all, all, all, all, all, all, all};
    std::uint64_t bytes = 0;
    const auto count = [&](std::uint64_t word) {
        word -= (word >> 1) & 0x5555555555555555;
        word = (word & 0x3333333333333333) + ((word >> 2) & 0x3333333333333333);
        bytes += (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0F;
    };
    for (std::uint32_t word = 0; word < 8; ++word) count(block[word] & masks[8 - whole + word]);
    count(block[whole % 8] & in_next);
    bytes = (bytes & 0x00FF00FF00FF00FF) + ((bytes >> 8) & 0x00FF00FF00FF00FF);
    return static_cast<std::uint32_t>((bytes * 0x0001000100010001) >> 48);
}

RecencyStack::RecencyStack() {
    top_hashes_.fill(no_short_hash);
    make_line(16 * block_bits);
}

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
    const std::uint64_t* const block = &line_[place / block_bits * block_words];
    return sum + bits_of_block(block, place / 64 % block_words, ~std::uint64_t{0} >> (63 - place % 64));
}

std::uint32_t RecencyStack::marked_in(std::uint32_t block) const {
    return bits_of_block(&line_[block * block_words], block_words, 0);
}

void RecencyStack::clear(std::uint32_t place) {
    line_[place / 64] &= ~(std::uint64_t{1} << (place % 64));
    if (place / block_bits != next_place_ / block_bits) add(place / block_bits, ~std::uint32_t{0});
    --marked_;
}

void RecencyStack::push(Slot slot) {
    if (next_place_ == 64 * line_.size() - 1) compact(); // one is left free, so that a block is always being filled
    const std::uint32_t place = next_place_++;
    line_[place / 64] |= std::uint64_t{1} << (place % 64);
    places_[slot] = place;
    ++marked_;
    if (next_place_ % block_bits == 0) add(place / block_bits, marked_in(place / block_bits));
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
        if (place == in_top) continue;
        const std::uint64_t lower = line_[place / 64] & ((std::uint64_t{1} << (place % 64)) - 1);
        place = before[place / 64] + static_cast<std::uint32_t>(std::popcount(lower));
    }
    make_line(std::bit_ceil(marked_ / block_bits + 4) * std::size_t{4} * block_bits);
    next_place_ = marked_;
    for (std::uint32_t place = 0; place < marked_; ++place) line_[place / 64] |= std::uint64_t{1} << (place % 64);
    for (std::uint32_t block = 0; block < marked_ / block_bits; ++block) add(block, block_bits);
}

Depth RecencyStack::reference_below_top(std::uint64_t page, Slot known) {
    ++deep_of_late_;
    Depth depth = 0;
    Slot slot = known != replacement::no_slot ? known : index_.find(page);
    if (slot == replacement::no_slot) {
        slot = index_.add(page);
        if (slot == places_.size()) places_.push_back(in_top);
    } else {
        const std::uint32_t place = places_[slot];
        depth = top_size_ + marked_ - marked_up_to(place) + 1;
        clear(place);
    }
    places_[slot] = in_top;
    // It takes the place of the page that leaves the top.
    const std::uint64_t at = RecencyOrder::at(top_order_, std::min(top_size_, top_most - 1));
    if (top_size_ == top_most)
        push(top_slots_[at]);
    else
        ++top_size_;
    top_[at] = page;
    top_hashes_[at] = short_hash(page);
    top_slots_[at] = slot;
    top_order_ = RecencyOrder::with_first(top_order_, at);
    return depth;
}

void RecencyStack::remove(std::uint64_t page) {
    const Slot slot = index_.find(page);
    assert(slot != replacement::no_slot);
    if (places_[slot] == in_top) {
        unsigned at = 0;
        while (top_hashes_[at] == no_short_hash || top_[at] != page) ++at;
        top_hashes_[at] = no_short_hash;
        top_order_ = RecencyOrder::with_put_back(top_order_, at, --top_size_);
    } else {
        clear(places_[slot]);
    }
    places_[slot] = in_top; // of no page: is not moved
    index_.remove(slot);
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
    stack_.reference(references, [this](Depth depth) { depths_.add(depth); });
}

} // namespace switchyard::sim::miss_ratio
