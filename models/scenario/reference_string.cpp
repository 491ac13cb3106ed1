#include "models/scenario/reference_string.hpp"

#include "models/random/uniform.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

namespace switchyard {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr int fraction_bits = 62; // of mantissas, in [1, 2)
constexpr int logarithm_bits = 44;
constexpr std::uint64_t one = std::uint64_t{1} << fraction_bits;

constexpr std::uint64_t product(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((Wide{a} * b) >> fraction_bits);
}

// The largest integer whose square is at most `value`, bit by bit.
constexpr std::uint64_t square_root(Wide value) {
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 63U; bit != 0; bit >>= 1U)
        if (Wide{root | bit} * (root | bit) <= value) root |= bit;
    return root;
}

// 2^-(1/2), 2^-(1/4), 2^-(1/8), ...
constexpr std::array<std::uint64_t, logarithm_bits> make_halvings() {
    std::array<std::uint64_t, logarithm_bits> halvings{};
    std::uint64_t value = one / 2;
    for (std::uint64_t& halving : halvings) halving = value = square_root(Wide{value} << fraction_bits);
    return halvings;
}
constexpr std::array<std::uint64_t, logarithm_bits> halvings = make_halvings();

// log2 of a positive integer with `logarithm_bits` behind the point: each squaring of the mantissa doubles its
// logarithm and so yields one bit.
constexpr std::uint64_t logarithm(std::uint64_t value) {
    const int exponent = static_cast<int>(std::bit_width(value)) - 1;
    std::uint64_t mantissa = value << static_cast<unsigned>(fraction_bits - exponent);
    auto result = static_cast<std::uint64_t>(exponent);
    for (int bit = 0; bit < logarithm_bits; ++bit) {
        const Wide square = Wide{mantissa} * mantissa >> fraction_bits; // below 4
        const bool at_least_two = square >= Wide{2 * one};
        mantissa = static_cast<std::uint64_t>(at_least_two ? square >> 1U : square);
        result = result << 1U | (at_least_two ? 1U : 0U);
    }
    return result;
}

// scale x 2^-exponent, the exponent with `logarithm_bits` behind the point.
constexpr std::uint64_t scaled(std::uint64_t scale, std::uint64_t exponent) {
    const std::uint64_t whole = exponent >> logarithm_bits;
    if (whole >= 64) return 0;
    std::uint64_t power = one;
    for (int bit = 0; bit < logarithm_bits; ++bit)
        if ((exponent >> static_cast<unsigned>(logarithm_bits - 1 - bit) & 1U) != 0)
            power = product(power, halvings[static_cast<std::size_t>(bit)]);
    return product(scale, power) >> whole;
}

std::uint64_t pages_in(Bytes length, Bytes page) { return static_cast<std::uint64_t>(pages_of(length, page)); }

// Where in its stream an execution's draws begin: behind those of the executions before it.
std::uint64_t first_draw(const DrawKey& key, std::uint64_t count) {
    return static_cast<std::uint64_t>(Wide{key.draw} * count * 2 % (draws_per_key / 2));
}

} // namespace

ZipfTable::ZipfTable(std::uint32_t size, std::uint32_t skew_in_thousandths) {
    assert(size > 0);
    const std::uint64_t scale = one / size; // so that the total fits
    cumulative_.reserve(size);
    std::uint64_t total = 0;
    for (std::uint32_t k = 0; k < size; ++k) {
        const Wide exponent = Wide{logarithm(std::uint64_t{k} + 1)} * skew_in_thousandths / 1000;
        cumulative_.push_back(total += scaled(scale, static_cast<std::uint64_t>(exponent)));
    }
}

std::uint32_t ZipfTable::value_of(std::uint64_t number) const {
    const auto found = std::ranges::upper_bound(cumulative_, number);
    return static_cast<std::uint32_t>(found - cumulative_.begin());
}

std::uint64_t references_of(const Touch& touch, Bytes length, const MemoryOperands& operands, Bytes page) {
    if (touch.count > 0) return touch.count;
    switch (touch.pattern) {
    case AccessPattern::strided:
        return static_cast<std::uint64_t>((length.count + touch.stride.count - 1) / touch.stride.count);
    case AccessPattern::trace: return operands.traces[touch.trace].pages.size();
    default: return pages_in(length, page);
    }
}

ReferenceString::ReferenceString(const Touch& touch, Bytes length, const DrawKey& key,
                                 std::span<const std::uint32_t> trace, const ZipfTable* zipf, Bytes page)
    : pattern_(touch.pattern),
      pages_(pages_in(length, page)),
      page_(static_cast<std::uint64_t>(page.count)),
      length_(static_cast<std::uint64_t>(length.count)),
      stride_(static_cast<std::uint64_t>(touch.stride.count)),
      count_(touch.count),
      working_set_(std::clamp<std::uint64_t>(pages_in(touch.working_set, page), 1, std::max<std::uint64_t>(pages_, 1))),
      phase_length_(std::max<std::uint64_t>(touch.references_per_phase, 1)),
      trace_(trace),
      zipf_(zipf),
      stream_({key.seed, key.task, key.instance, key.operation}, 0) {
    assert(pages_ > 0);
    if (count_ == 0) {
        if (pattern_ == AccessPattern::strided)
            count_ = (length_ + stride_ - 1) / stride_;
        else
            count_ = pattern_ == AccessPattern::trace ? trace_.size() : pages_;
    }
    if (is_drawn(pattern_))
        stream_ = DrawStream({key.seed, key.task, key.instance, key.operation}, first_draw(key, count_));
}

ReferenceString::Run ReferenceString::next_run(std::uint64_t most) {
    if (pattern_ != AccessPattern::sequential) return {next(), 1};
    const std::uint64_t first = made_ % pages_;
    const std::uint64_t pages = std::min({most, pages_ - first, count_ - made_});
    made_ += pages;
    return {first, pages};
}

std::uint64_t ReferenceString::next() {
    const std::uint64_t index = made_++;
    switch (pattern_) {
    case AccessPattern::sequential: return index % pages_;
    case AccessPattern::strided: {
        const std::uint64_t now = offset_;
        offset_ = (offset_ + stride_ % length_) % length_;
        return now / page_;
    }
    case AccessPattern::uniform: return uniform_below(stream_, pages_);
    case AccessPattern::zipf: return zipf_->value_of(uniform_below(stream_, zipf_->total()));
    case AccessPattern::phases:
        if (index % phase_length_ == 0) phase_begin_ = uniform_below(stream_, pages_ - working_set_ + 1);
        return phase_begin_ + uniform_below(stream_, working_set_);
    case AccessPattern::trace: return trace_[index % trace_.size()];
    case AccessPattern::downwards: return pages_ - 1 - index % pages_;
    }
    return 0;
}

} // namespace switchyard
