// A duration, size or count that is drawn anew each time it is needed, or is always the same.
#pragma once

#include <cstdint>
#include <vector>

namespace switchyard {

// A distribution over non-negative integers in the base unit of the thing described (picoseconds, bytes, a plain
// count). Draws are rounded to the nearest integer and clipped at 0 (only `normal` can go below).
//
//     kind          first            second             density or mass
//     constant      value            -                  always `value`
//     uniform       low              high               1 / (high - low) between low and high
//     exponential   mean             -                  exp(-x / mean) / mean
//     normal        mean             deviation          Gaussian, clipped at 0
//     lognormal     median           sigma (no unit)    exp(Normal(ln median, sigma))
//     pareto        minimum          shape (no unit)    shape * minimum^shape / x^(shape + 1) from minimum on
//     empirical     -                -                  each of `values` equally likely
//     sequence      -                -                  `values` one after another, and again from the first: what was
//                                                       recorded, in the order in which it was
struct Distribution {
    enum class Kind : std::uint8_t { constant, uniform, exponential, normal, lognormal, pareto, empirical, sequence };

    Kind kind = Kind::constant;
    std::int64_t value = 0; // constant, exactly
    double first = 0;       // the others: see the table
    double second = 0;
    std::vector<std::int64_t> values{}; // empirical, sequence

    friend bool operator==(const Distribution&, const Distribution&) = default;

    // All throw InputError where a parameter is negative, not finite or out of order, or there is nothing to draw from.
    [[nodiscard]] static Distribution constant(std::int64_t value);
    [[nodiscard]] static Distribution uniform(double low, double high);
    [[nodiscard]] static Distribution exponential(double mean);
    [[nodiscard]] static Distribution normal(double mean, double deviation);
    [[nodiscard]] static Distribution lognormal(double median, double sigma);
    [[nodiscard]] static Distribution pareto(double minimum, double shape);
    [[nodiscard]] static Distribution empirical(std::vector<std::int64_t> values);
    [[nodiscard]] static Distribution sequence(std::vector<std::int64_t> values);

    [[nodiscard]] bool is_constant() const { return kind == Kind::constant; }
};

// Throws InputError for parameters out of their range, which only a distribution written by hand can have.
void validate(const Distribution& distribution);

// Which draw (models/random makes its bits): the same key gives the same value in the simulator, in the native run and
// under every policy, because no draw depends on how many others were made before it.
struct DrawKey {
    std::uint64_t seed = 0;
    std::uint32_t task = 0;      // index of the task template
    std::uint32_t instance = 0;  // which of its instances
    std::uint32_t operation = 0; // index into the program's code
    std::uint64_t draw = 0;      // how often this instance has executed that operation before
};

// The instance number of a task's child, so that every child draws for itself: the `nth` one that `parent` (an instance
// number) has created by its operation `operation`. The same in every executor.
[[nodiscard]] std::uint32_t child_instance(std::uint32_t parent, std::uint32_t operation, std::uint64_t nth);

// One draw, by inversion of the distribution function (normal: Box and Muller 1958). Values beyond 2^63 - 1 are
// clipped.
[[nodiscard]] std::int64_t sample(const Distribution& distribution, const DrawKey& key);

// The expected value (infinite for pareto with shape <= 1); the clipping of `normal` at 0 is not accounted for.
[[nodiscard]] double mean(const Distribution& distribution);

} // namespace switchyard
