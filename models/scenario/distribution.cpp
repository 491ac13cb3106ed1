#include "models/scenario/distribution.hpp"

#include "models/errors.hpp"
#include "models/random/draw.hpp"
#include "models/random/uniform.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numbers>
#include <utility>

namespace switchyard {

// --- Parameters --------------------------------------------------------------------------------------------------

static void require(bool holds, std::string_view what) {
    if (!holds) throw InputError(std::string(what));
}

// Finite and not negative: what every parameter of every distribution has to be.
static bool is_amount(double value) { return std::isfinite(value) && value >= 0; }

void validate(const Distribution& distribution) {
    using Kind = Distribution::Kind;
    const double first = distribution.first;
    const double second = distribution.second;
    switch (distribution.kind) {
    case Kind::constant: return require(distribution.value >= 0, "it cannot be negative: write 0 or more");
    case Kind::uniform:
        return require(is_amount(first) && is_amount(second) && first <= second,
                       "uniform: the bounds must not be negative, and 'low' not above 'high'");
    case Kind::exponential: return require(is_amount(first), "exponential: the mean must not be negative");
    case Kind::normal:
        return require(is_amount(first) && is_amount(second), "normal: mean and deviation must not be negative");
    case Kind::lognormal:
        return require(is_amount(first) && is_amount(second), "lognormal: median and sigma must not be negative");
    case Kind::pareto:
        return require(is_amount(first) && is_amount(second) && second > 0,
                       "pareto: the minimum must not be negative, and the shape must be above 0");
    case Kind::empirical:
        require(!distribution.values.empty(), "empirical: there is no value to draw: list at least one");
        return require(*std::ranges::min_element(distribution.values) >= 0, "empirical: a value cannot be negative");
    case Kind::sequence:
        require(!distribution.values.empty(), "sequence: there is no value in it: list at least one");
        return require(*std::ranges::min_element(distribution.values) >= 0, "sequence: a value cannot be negative");
    }
}

static Distribution validated(Distribution distribution) {
    validate(distribution);
    return distribution;
}

Distribution Distribution::constant(std::int64_t value) { return validated({.kind = Kind::constant, .value = value}); }

Distribution Distribution::uniform(double low, double high) {
    return validated({.kind = Kind::uniform, .first = low, .second = high});
}

Distribution Distribution::exponential(double mean) { return validated({.kind = Kind::exponential, .first = mean}); }

Distribution Distribution::normal(double mean, double deviation) {
    return validated({.kind = Kind::normal, .first = mean, .second = deviation});
}

Distribution Distribution::lognormal(double median, double sigma) {
    return validated({.kind = Kind::lognormal, .first = median, .second = sigma});
}

Distribution Distribution::pareto(double minimum, double shape) {
    return validated({.kind = Kind::pareto, .first = minimum, .second = shape});
}

Distribution Distribution::empirical(std::vector<std::int64_t> values) {
    return validated({.kind = Kind::empirical, .values = std::move(values)});
}

Distribution Distribution::sequence(std::vector<std::int64_t> values) {
    return validated({.kind = Kind::sequence, .values = std::move(values)});
}

// --- Draws -------------------------------------------------------------------------------------------------------

std::uint32_t child_instance(std::uint32_t parent, std::uint32_t operation, std::uint64_t nth) {
    // The draws' own cipher: whatever differs in its counter makes an unrelated word. Under key 0, as the number must
    // not depend on the seed of the run.
    return philox4x32({static_cast<std::uint32_t>(nth), static_cast<std::uint32_t>(nth >> 32U), operation, parent},
                      {0, 0})[0];
}

// A stream has 2^33 words: whoever draws more than 2^32 times goes on in the stream of another seed.
// The 128 random bits of one draw are two numbers: `normal` takes both, the others the first.
static std::uint64_t bits_of(const DrawKey& key, std::uint64_t which) {
    const StreamKey stream{.seed = key.seed + (key.draw >> 32U) * 0x9E3779B97F4A7C15U,
                           .task = key.task,
                           .instance = key.instance,
                           .operation = key.operation};
    return draw(stream, (key.draw & 0xFFFFFFFFU) * 2 + which);
}

static std::int64_t rounded_amount(double value) {
    if (!(value > 0)) return 0;
    if (value >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
    return std::llround(value);
}

std::int64_t sample(const Distribution& distribution, const DrawKey& key) {
    using Kind = Distribution::Kind;
    if (distribution.is_constant()) return distribution.value;
    if (distribution.kind == Kind::sequence) return distribution.values[key.draw % distribution.values.size()];

    const std::uint64_t bits = bits_of(key, 0);
    const double first = distribution.first;
    const double second = distribution.second;
    // Box and Muller 1958, the half of it that one number needs.
    const auto standard_normal = [&] {
        return std::sqrt(-2 * std::log(uniform_to_one(bits))) *
               std::cos(2 * std::numbers::pi * uniform_from_zero(bits_of(key, 1)));
    };
    switch (distribution.kind) {
    case Kind::constant:
    case Kind::sequence: break; // not drawn
    case Kind::uniform: return rounded_amount(first + (second - first) * uniform_from_zero(bits));
    case Kind::exponential: return rounded_amount(-first * std::log(uniform_to_one(bits)));
    case Kind::normal: return rounded_amount(first + second * standard_normal());
    case Kind::lognormal: return rounded_amount(first * std::exp(second * standard_normal()));
    case Kind::pareto: return rounded_amount(first * std::pow(uniform_to_one(bits), -1 / second));
    case Kind::empirical: {
        const auto index =
            static_cast<std::size_t>(uniform_from_zero(bits) * static_cast<double>(distribution.values.size()));
        return distribution.values[index];
    }
    }
    return distribution.value;
}

double mean(const Distribution& distribution) {
    using Kind = Distribution::Kind;
    const double first = distribution.first;
    const double second = distribution.second;
    switch (distribution.kind) {
    case Kind::constant: break;
    case Kind::uniform: return first + (second - first) / 2;
    case Kind::exponential:
    case Kind::normal: return first;
    case Kind::lognormal: return first * std::exp(second * second / 2);
    case Kind::pareto: return second <= 1 ? std::numeric_limits<double>::infinity() : first * second / (second - 1);
    case Kind::empirical:
    case Kind::sequence: {
        double sum = 0;
        for (const std::int64_t value : distribution.values) sum += static_cast<double>(value);
        return sum / static_cast<double>(distribution.values.size());
    }
    }
    return static_cast<double>(distribution.value);
}

} // namespace switchyard
