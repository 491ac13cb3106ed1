#include "models/fit/bootstrap.hpp"

#include "models/errors.hpp"
#include "models/fit/statistics.hpp"

#include <cmath>
#include <random>

namespace switchyard {

// An index below `count`. The standard's engines are the same everywhere, its distributions are not.
static std::size_t draw_below(std::mt19937_64& engine, std::size_t count) {
    return static_cast<std::size_t>((engine() >> 32) * count >> 32);
}

std::vector<Interval>
bootstrap_over_rounds(std::size_t rounds,
                      const std::function<std::vector<double>(std::span<const std::size_t> drawn)>& figures,
                      const BootstrapOptions& options) {
    if (rounds == 0 || options.resamples == 0)
        throw InputError("a bootstrap needs at least one round and one resample");
    std::mt19937_64 engine(options.seed);
    std::vector<std::size_t> drawn(rounds);
    std::vector<std::vector<double>> values; // by figure
    for (std::size_t resample = 0; resample < options.resamples; ++resample) {
        for (std::size_t& round : drawn) round = draw_below(engine, rounds);
        const std::vector<double> computed = figures(drawn);
        values.resize(computed.size());
        for (std::size_t figure = 0; figure < computed.size(); ++figure) values[figure].push_back(computed[figure]);
    }
    const double outside = (1 - options.confidence) / 2;
    std::vector<Interval> intervals;
    for (const std::vector<double>& figure : values)
        intervals.push_back({quantile(figure, outside), quantile(figure, 1 - outside)});
    return intervals;
}

Interval bootstrap_median(std::span<const double> round_values, const BootstrapOptions& options) {
    const auto median_of_drawn = [&](std::span<const std::size_t> drawn) {
        std::vector<double> values;
        for (const std::size_t round : drawn) values.push_back(round_values[round]);
        return std::vector{median(values)};
    };
    return bootstrap_over_rounds(round_values.size(), median_of_drawn, options).front();
}

double disagreement_of_rounds(std::span<const double> round_values, const BootstrapOptions& options) {
    const Interval interval = bootstrap_median(round_values, options);
    const double width = interval.high - interval.low;
    const double middle = std::abs(median(round_values));
    if (width == 0) return 0;
    return middle > 0 ? width / middle : 1;
}

} // namespace switchyard
