// A cost law: what one primitive operation costs, as a function of named quantities.
#pragma once

#include "models/units/time.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

// What costs may depend on.
enum class Quantity : std::uint8_t {
    pages, // page-table entries: present in the address space (fork) or the range (unmap), or mapped by a fault
    bytes, // moved
    runnable_tasks,    // on the core's run queue
    idle_microseconds, // how long the core has been idle
    others_since,      // how many others have run there since this one did
    pages_since,       // how many pages the kernel has filled or copied since a frame was last
};
inline constexpr int quantities = 6;
[[nodiscard]] std::string_view name_of(Quantity quantity);

// A figure with the range it is believed to lie in (95 % unless said otherwise), both ends included.
struct Interval {
    double low = 0;
    double high = 0;
    friend bool operator==(const Interval&, const Interval&) = default;
};

// What was measured of a cost by one probe at one amount, in picoseconds or bytes.
struct MeasuredPoint {
    std::string probe;
    std::int64_t at = 0;       // amount of the probe's quantity; 0 where it has none
    double seen = 0;           // by the stopwatch: median over rounds
    double value = 0;          // of it the cost's own part, everything else the probe contains taken off
    Interval interval;         // of `value`, as far as the rounds of this probe disagree
    std::uint64_t samples = 0; // that count
    std::uint64_t dropped = 0; // because the processor's speed changed meanwhile
    std::uint32_t rounds = 0;  // they were spread over
    bool held_out = false;     // the law was not fitted to it, only judged by it
    double error = 0;          // (law - value) / seen
    friend bool operator==(const MeasuredPoint&, const MeasuredPoint&) = default;
};

// Where a figure comes from.
struct Origin {
    std::string probe;         // the probe that measured it, "definition" for a textbook's, "derived" from other laws
    std::uint64_t samples = 0; // single measurements behind it
    std::uint32_t rounds = 0;  // process-level rounds they were spread over
    std::string warning;       // not empty where the rounds disagree, or something could not be isolated
    std::vector<MeasuredPoint> points = {}; // by probe, then by amount; none in profiles of schema version 1
    friend bool operator==(const Origin&, const Origin&) = default;
};

// How well a law meets what was measured: its relative errors, without their signs.
struct FitQuality {
    std::size_t points = 0;
    double mean_error = 0;
    double largest_error = 0;
};

// Over the points that the law was fitted to, or over those that were held out.
[[nodiscard]] FitQuality quality_of_fit(const Origin& origin, bool held_out = false);

// The three shapes of a law. Figures are held in fixed point (2^-16 of a picosecond or byte) and evaluated in integers,
// so that the same profile gives the same simulation on any compiler; the error is below half a picosecond.
//
//     constant   base
//     affine     base + sum of coefficient x quantity
//     table      piecewise linear in one quantity, monotone, flat beyond its ends; but amounts of work (pages, bytes)
//                beyond the last point cost as much each as between the last two
struct Law {
    enum class Kind : std::uint8_t { constant, affine, table };
    struct Term {
        Quantity quantity = Quantity::pages;
        std::int64_t coefficient = 0; // fixed point, per unit of the quantity
        friend bool operator==(const Term&, const Term&) = default;
    };
    struct Point {
        std::int64_t at = 0;
        std::int64_t value = 0; // fixed point
        friend bool operator==(const Point&, const Point&) = default;
    };

    Kind kind = Kind::constant;
    std::int64_t base = 0;            // fixed point
    std::vector<Term> terms;          // affine
    Quantity over = Quantity::pages;  // table
    std::vector<Point> points;        // table: `at` strictly increasing
    std::optional<Interval> interval; // of `base`, or of a table's last value, in picoseconds or bytes
    Origin origin;

    friend bool operator==(const Law&, const Law&) = default;

    [[nodiscard]] static Law constant(Duration value);
    [[nodiscard]] static Law constant_of(double value); // in ps or bytes
    // `per_unit` in ps (or bytes) for each unit of the quantity.
    [[nodiscard]] static Law affine(double base, std::initializer_list<std::pair<Quantity, double>> per_unit);
    // Throws InputError unless `at` increases strictly and the values never fall.
    [[nodiscard]] static Law table(Quantity over, std::span<const std::pair<std::int64_t, double>> points);
};

// Amounts of the quantities, those not named being 0.
struct Amounts {
    std::int64_t value[quantities] = {};

    constexpr Amounts() = default;
    constexpr Amounts(Quantity quantity, std::int64_t amount) { value[static_cast<int>(quantity)] = amount; }
};

// The law's value in whole picoseconds or bytes, rounded to nearest, never negative.
[[nodiscard]] std::int64_t evaluate(const Law& law, const Amounts& amounts = {});

// Fixed point to and from the ordinary number.
[[nodiscard]] std::int64_t to_fixed_point(double value);
[[nodiscard]] double from_fixed_point(std::int64_t value);

} // namespace switchyard
