#include "models/sweep/design.hpp"

#include "models/random/philox.hpp"
#include "models/random/uniform.hpp"

#include <bit>
#include <boost/random/sobol.hpp>
#include <fmt/format.h>

namespace switchyard {

namespace {

std::uint64_t count_grid(const Sweep& sweep) {
    std::uint64_t cells = 1;
    for (const SweepParameter& parameter : sweep.parameters)
        if (__builtin_mul_overflow(cells, std::uint64_t{parameter.values.size()}, &cells) || cells > most_cells)
            throw InputError(
                fmt::format("the grid has more than {} cells: draw a sample of it instead (design: sobol)", most_cells),
                parameter.where);
    return cells;
}

std::uint64_t count_pairs(const Sweep& sweep) {
    if (sweep.parameters.empty()) return 1;
    const SweepParameter& first = sweep.parameters.front();
    for (const SweepParameter& parameter : sweep.parameters)
        if (parameter.values.size() != first.values.size())
            throw InputError(fmt::format("design 'paired' goes through all lists together: '{}' has {} values, '{}' {}",
                                         first.name, first.values.size(), parameter.name, parameter.values.size()),
                             parameter.where);
    return first.values.size();
}

std::uint64_t count_samples(const Sweep& sweep) {
    const std::uint64_t most = sweep.design == SweepDesign::latin_hypercube ? most_cells : most_sobol_samples;
    if (sweep.samples == 0 || sweep.samples > most)
        throw InputError(fmt::format("this design draws its cells: say how many with 'samples', 1 to {}", most),
                         {sweep.file, 0, 0});
    return sweep.design == SweepDesign::saltelli ? sweep.samples * (sweep.parameters.size() + 2) : sweep.samples;
}

// Where `index` goes in a permutation of [0, size) that belongs to (seed, dimension).
std::uint64_t permuted(std::uint64_t index, std::uint64_t size, std::uint64_t seed, std::uint32_t dimension) {
    constexpr std::uint32_t rounds = 8;
    constexpr std::uint32_t purpose = 1;
    const int half = std::max(1, static_cast<int>(std::bit_width(size - 1) + 1) / 2);
    const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
    const PhiloxKey key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)};
    do {
        std::uint64_t left = index >> half;
        std::uint64_t right = index & mask;
        for (std::uint32_t round = 0; round < rounds; ++round) {
            const PhiloxCounter words = philox4x32({static_cast<std::uint32_t>(right), round, dimension, purpose}, key);
            const std::uint64_t next = left ^ ((std::uint64_t{words[1]} << 32U | words[0]) & mask);
            left = right;
            right = next;
        }
        index = left << half | right;
    } while (index >= size);
    return index;
}

} // namespace

std::uint64_t count_cells(const Sweep& sweep) {
    switch (sweep.design) {
    case SweepDesign::grid: return count_grid(sweep);
    case SweepDesign::paired: return count_pairs(sweep);
    case SweepDesign::latin_hypercube:
    case SweepDesign::sobol:
    case SweepDesign::saltelli: break;
    }
    return count_samples(sweep);
}

std::vector<std::uint64_t> grid_indices(const Sweep& sweep, std::uint64_t cell) {
    std::vector<std::uint64_t> indices(sweep.parameters.size());
    for (std::size_t i = indices.size(); i-- > 0;) {
        const std::uint64_t size = sweep.parameters[i].values.size();
        indices[i] = cell % size;
        cell /= size;
    }
    return indices;
}

std::vector<double> latin_hypercube(std::uint64_t seed, std::uint64_t samples, std::uint64_t sample,
                                    std::size_t dimensions) {
    constexpr std::uint32_t purpose = 2;
    const PhiloxKey key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)};
    std::vector<double> position(dimensions);
    for (std::size_t i = 0; i < dimensions; ++i) {
        const auto dimension = static_cast<std::uint32_t>(i);
        const PhiloxCounter words = philox4x32(
            {static_cast<std::uint32_t>(sample), static_cast<std::uint32_t>(sample >> 32U), dimension, purpose}, key);
        const double within = uniform_from_zero(std::uint64_t{words[1]} << 32U | words[0]);
        const auto stratum = static_cast<double>(permuted(sample, samples, seed, dimension));
        position[i] = (stratum + within) / static_cast<double>(samples);
    }
    return position;
}

using SobolEngine = boost::random::sobol_engine<std::uint32_t, 32>;

struct SobolSequence::State {
    SobolEngine engine;
};

SobolSequence::SobolSequence(std::size_t dimensions) : state_(new State{SobolEngine(dimensions)}) {}
SobolSequence::~SobolSequence() = default;
SobolSequence::SobolSequence(SobolSequence&&) noexcept = default;
SobolSequence& SobolSequence::operator=(SobolSequence&&) noexcept = default;

std::vector<double> SobolSequence::point(std::uint64_t index) const {
    SobolEngine engine = state_->engine;
    engine.seed(static_cast<std::uint32_t>(index));
    std::vector<double> position(engine.dimension());
    for (double& each : position) each = static_cast<double>(engine()) * 0x1p-32;
    return position;
}

std::size_t sobol_dimensions(SweepDesign design, std::size_t parameters) {
    return design == SweepDesign::saltelli ? 2 * parameters : parameters;
}

std::vector<double> saltelli_position(const SobolSequence& sequence, std::uint64_t cell, std::size_t parameters) {
    const std::uint64_t which = cell % (parameters + 2);
    const std::vector<double> both = sequence.point(cell / (parameters + 2));
    std::vector<double> position(parameters);
    for (std::size_t i = 0; i < parameters; ++i) position[i] = both[which == 1 || which == i + 2 ? parameters + i : i];
    return position;
}

std::string_view name_of(SweepDesign design) {
    switch (design) {
    case SweepDesign::grid: return "grid";
    case SweepDesign::paired: return "paired";
    case SweepDesign::latin_hypercube: return "latin hypercube";
    case SweepDesign::sobol: return "sobol";
    case SweepDesign::saltelli: break;
    }
    return "saltelli";
}

} // namespace switchyard
