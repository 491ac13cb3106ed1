// Which cells a design has, and which values a parameter takes in each.
//
// Everything follows from a cell's number alone, so that no list of cells is ever kept.
#pragma once

#include "models/sweep/sweep.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace switchyard {

inline constexpr std::uint64_t most_cells = 1'000'000'000'000;
inline constexpr std::uint64_t most_sobol_samples = (std::uint64_t{1} << 32U) - 1;

// How many cells there are. Throws InputError for more than `most_cells`, for paired lists of different lengths (at the
// place of the first that differs), and for a drawn design without samples.
[[nodiscard]] std::uint64_t count_cells(const Sweep& sweep);

// The indices of a grid's cell, one a parameter: the first parameter varies slowest.
[[nodiscard]] std::vector<std::uint64_t> grid_indices(const Sweep& sweep, std::uint64_t cell);

// A sample of a Latin hypercube, one position in [0, 1) a dimension: in every dimension each of `samples` strata of one
// width holds one sample, at a uniform place in it (McKay, Beckman and Conover 1979, Technometrics 21(2)). Which
// sample has which stratum is a permutation that is computed, not kept: a Feistel network over the next power of four,
// walked along until it is back in range (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
[[nodiscard]] std::vector<double> latin_hypercube(std::uint64_t seed, std::uint64_t samples, std::uint64_t sample,
                                                  std::size_t dimensions);

// The Sobol sequence with the direction numbers of Joe and Kuo 2008 (SIAM J. Sci. Comput. 30(5)), without the point at
// the origin: any of its points by itself.
class SobolSequence {
public:
    explicit SobolSequence(std::size_t dimensions);
    ~SobolSequence();
    SobolSequence(SobolSequence&&) noexcept;
    SobolSequence& operator=(SobolSequence&&) noexcept;

    // Positions in (0, 1). Precondition: index < most_sobol_samples.
    [[nodiscard]] std::vector<double> point(std::uint64_t index) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// How many dimensions the sequence of a design has with so many parameters: twice as many for saltelli.
[[nodiscard]] std::size_t sobol_dimensions(SweepDesign design, std::size_t parameters);

// The position of a cell of saltelli (Saltelli et al. 2010, Computer Physics Communications 181(2)): point n of the
// sequence is row n of matrix A and, in its second half, of B. Cells n (k + 2) to n (k + 2) + k + 1 are row n of A, row
// n of B, then row n of A with parameter 0, 1, ... from B, for k parameters.
[[nodiscard]] std::vector<double> saltelli_position(const SobolSequence& sequence, std::uint64_t cell,
                                                    std::size_t parameters);

[[nodiscard]] std::string_view name_of(SweepDesign design); // "grid", "latin hypercube"

} // namespace switchyard
