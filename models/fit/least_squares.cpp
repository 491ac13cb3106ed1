#include "models/fit/least_squares.hpp"

#include "models/errors.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace switchyard {

namespace {

// The equations divided by their scales: a row (1, quantity) / scale and value / scale for each observation. Quantities
// are divided by their largest as well, so that both columns are of one magnitude.
struct Equations {
    Eigen::MatrixX2d matrix;
    Eigen::VectorXd right;
    double largest_quantity = 1;
};

double scale_of(const FitPoint& observation) {
    const double scale = observation.scale > 0 ? observation.scale : std::abs(observation.value);
    if (!(scale > 0) || !std::isfinite(scale)) {
        throw InputError("relative least squares needs positive values, or a scale with each observation");
    }
    return scale;
}

Equations equations_of(std::span<const FitPoint> observations) {
    const auto rows = static_cast<Eigen::Index>(observations.size());
    Equations equations{Eigen::MatrixX2d(rows, 2), Eigen::VectorXd(rows), 0};
    for (const FitPoint& observation : observations)
        equations.largest_quantity = std::max(equations.largest_quantity, std::abs(observation.quantity));
    if (equations.largest_quantity <= 0) equations.largest_quantity = 1;
    for (Eigen::Index row = 0; row < rows; ++row) {
        const FitPoint& observation = observations[static_cast<std::size_t>(row)];
        const double scale = scale_of(observation);
        equations.matrix(row, 0) = 1 / scale;
        equations.matrix(row, 1) = observation.quantity / equations.largest_quantity / scale;
        equations.right(row) = observation.value / scale;
    }
    return equations;
}

// The best coefficient if this column were the only one, and the sum of squared errors it leaves.
struct SingleColumn {
    double coefficient = 0;
    double squared_error = 0;
};

SingleColumn fit_column(const Equations& equations, Eigen::Index column) {
    const auto values = equations.matrix.col(column);
    const double norm = values.squaredNorm();
    const double coefficient = norm > 0 ? std::max(0.0, values.dot(equations.right) / norm) : 0;
    return {coefficient, (values * coefficient - equations.right).squaredNorm()};
}

bool all_at_one_quantity(std::span<const FitPoint> observations) {
    return std::all_of(observations.begin(), observations.end(), [&](const FitPoint& observation) {
        return observation.quantity == observations.front().quantity;
    });
}

} // namespace

AffineFit fit_affine(std::span<const FitPoint> observations) {
    if (observations.empty()) throw InputError("no observations to fit a law to");
    const Equations equations = equations_of(observations);

    AffineFit fit;
    if (all_at_one_quantity(observations)) {
        const SingleColumn constant = fit_column(equations, 0);
        fit.base = constant.coefficient;
        fit.clamped = equations.right.sum() < 0;
    } else {
        const Eigen::Vector2d both = equations.matrix.colPivHouseholderQr().solve(equations.right);
        if (both.minCoeff() >= 0) {
            fit.base = both(0);
            fit.per_unit = both(1) / equations.largest_quantity;
        } else { // the best point of the quadrant lies on one of its two edges
            const SingleColumn constant = fit_column(equations, 0);
            const SingleColumn linear = fit_column(equations, 1);
            if (constant.squared_error <= linear.squared_error)
                fit.base = constant.coefficient;
            else
                fit.per_unit = linear.coefficient / equations.largest_quantity;
            fit.clamped = true;
        }
    }
    for (const FitPoint& observation : observations) {
        const double error = std::abs(fit(observation.quantity) - observation.value) / scale_of(observation);
        fit.mean_error += error / static_cast<double>(observations.size());
        fit.largest_error = std::max(fit.largest_error, error);
    }
    return fit;
}

} // namespace switchyard
