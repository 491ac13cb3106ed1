#include "models/fit/sensitivity.hpp"

#include "models/errors.hpp"
#include "models/fit/confidence.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <functional>
#include <numeric>

namespace switchyard {

namespace {

double variance(std::span<const double> values) { // of the population
    double mean = 0, squares = 0, count = 0;
    for (const double value : values) {
        const double from_mean = value - mean;
        mean += from_mean / ++count;
        squares += from_mean * (value - mean);
    }
    return count > 0 ? squares / count : 0;
}

std::vector<std::size_t> all_rows(std::size_t count) {
    std::vector<std::size_t> rows(count);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

} // namespace

SensitivityIndices sobol_indices(std::span<const double> a, std::span<const double> b,
                                 std::span<const std::vector<double>> ab, std::span<const std::size_t> drawn) {
    if (a.empty() || a.size() != b.size()) throw InputError("sensitivity needs two samples of one length");
    for (const std::vector<double>& one : ab)
        if (one.size() != a.size()) throw InputError("sensitivity needs samples of one length");
    const std::vector<std::size_t> all = drawn.empty() ? all_rows(a.size()) : std::vector<std::size_t>{};
    const std::span<const std::size_t> rows = drawn.empty() ? std::span<const std::size_t>(all) : drawn;
    std::vector<double> both;
    for (const std::size_t row : rows) both.insert(both.end(), {a[row], b[row]});
    const double whole = variance(both);
    const double count = static_cast<double>(rows.size());
    // Around the mean: the estimator of the first order scatters less.
    const double mean = mean_and_deviation(both).mean;
    SensitivityIndices indices;
    for (const std::vector<double>& one : ab) {
        double first = 0, total = 0;
        for (const std::size_t row : rows) {
            first += (b[row] - mean) * (one[row] - a[row]);
            total += (a[row] - one[row]) * (a[row] - one[row]);
        }
        indices.first.push_back(whole > 0 ? first / count / whole : 0);
        indices.total.push_back(whole > 0 ? total / (2 * count) / whole : 0);
    }
    return indices;
}

SensitivityIndices factorial_indices(std::span<const std::size_t> levels, std::span<const double> values) {
    const std::size_t cells = std::accumulate(levels.begin(), levels.end(), std::size_t{1}, std::multiplies<>{});
    if (cells != values.size() || cells == 0)
        throw InputError("an analysis of variance needs a value for every combination");
    const double whole = variance(values);
    SensitivityIndices indices;
    std::size_t stride = cells;
    for (const std::size_t count : levels) {
        const std::size_t block = stride; // cells over which this input goes once through its values
        stride /= count;
        std::vector<double> of_level(count, 0.0);
        double within = 0;
        std::vector<double> line(count);
        for (std::size_t start = 0; start < cells; start += block)
            for (std::size_t inner = 0; inner < stride; ++inner) {
                for (std::size_t level = 0; level < count; ++level) {
                    line[level] = values[start + level * stride + inner];
                    of_level[level] += line[level];
                }
                within += variance(line);
            }
        const double lines = static_cast<double>(cells / count);
        for (double& sum : of_level) sum /= lines;
        indices.first.push_back(whole > 0 ? variance(of_level) / whole : 0);
        indices.total.push_back(whole > 0 ? within / lines / whole : 0);
    }
    return indices;
}

StandardisedRegression standardised_regression(std::span<const std::vector<double>> inputs,
                                               std::span<const double> values, std::span<const std::size_t> drawn) {
    const std::vector<std::size_t> all = drawn.empty() ? all_rows(values.size()) : std::vector<std::size_t>{};
    const std::span<const std::size_t> rows = drawn.empty() ? std::span<const std::size_t>(all) : drawn;
    if (rows.size() < inputs.size() + 2) throw InputError("a regression needs more rows than inputs");
    const auto standardised = [&](std::span<const double> column) {
        Eigen::VectorXd of_rows(static_cast<Eigen::Index>(rows.size()));
        for (std::size_t i = 0; i < rows.size(); ++i) of_rows[static_cast<Eigen::Index>(i)] = column[rows[i]];
        of_rows.array() -= of_rows.mean();
        const double deviation = std::sqrt(of_rows.squaredNorm() / static_cast<double>(rows.size()));
        // What rounding leaves of a constant is no variation.
        if (deviation > 1e-13 * std::abs(column[rows[0]])) return Eigen::VectorXd(of_rows / deviation);
        return Eigen::VectorXd(Eigen::VectorXd::Zero(of_rows.size()));
    };
    Eigen::MatrixXd matrix(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(inputs.size()));
    for (std::size_t i = 0; i < inputs.size(); ++i) matrix.col(static_cast<Eigen::Index>(i)) = standardised(inputs[i]);
    const Eigen::VectorXd figure = standardised(values);
    // The least coefficients where inputs go together: constants among them get 0.
    const Eigen::VectorXd solution = matrix.completeOrthogonalDecomposition().solve(figure);
    const double squares = figure.squaredNorm();
    StandardisedRegression regression;
    regression.coefficients.assign(solution.data(), solution.data() + solution.size());
    regression.explained = squares > 0 ? 1 - (figure - matrix * solution).squaredNorm() / squares : 1;
    return regression;
}

} // namespace switchyard
