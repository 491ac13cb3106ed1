#include "lab/results/groups.hpp"

#include "models/errors.hpp"
#include "models/fit/confidence.hpp"
#include "models/fit/statistics.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <map>

namespace switchyard::lab {

std::optional<double> Samples::mean() const {
    if (values.empty()) return std::nullopt;
    return mean_and_deviation(values).mean;
}

std::optional<double> Samples::half_interval(double confidence) const {
    std::map<std::uint32_t, std::vector<double>> by_replication;
    std::size_t cells = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::vector<double>& of_it = by_replication[replications[i]];
        of_it.push_back(values[i]);
        cells = std::max(cells, of_it.size());
    }
    std::vector<double> means;
    for (const auto& [replication, of_it] : by_replication)
        if (of_it.size() == cells) means.push_back(mean_and_deviation(of_it).mean);
    return half_interval_of_mean(means, confidence);
}

void for_each_group(const ResultsDatabase& database, const GroupQuery& query,
                    const std::function<void(const ResultGroup&)>& use) {
    PointQuery points;
    points.columns = query.by;
    points.columns.emplace_back("replication");
    points.columns.insert(points.columns.end(), query.metrics.begin(), query.metrics.end());
    points.condition = both(only_done(), query.condition);
    for (const std::string& name : query.by) points.order.push_back({name});

    const std::size_t keys = query.by.size();
    ResultGroup group;
    group.metrics.resize(query.metrics.size());
    database.for_each(points, [&](const std::vector<ResultValue>& row) {
        const bool same = group.points > 0 && std::equal(group.keys.begin(), group.keys.end(), row.begin());
        if (!same) {
            if (group.points > 0) use(group);
            group.keys.assign(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(keys));
            group.points = 0;
            for (Samples& samples : group.metrics) {
                samples.values.clear();
                samples.replications.clear();
            }
        }
        ++group.points;
        const double* const replication = std::get_if<double>(&row[keys]);
        for (std::size_t i = 0; i < group.metrics.size(); ++i)
            if (const double* const value = std::get_if<double>(&row[keys + 1 + i])) {
                group.metrics[i].values.push_back(*value);
                group.metrics[i].replications.push_back(
                    replication == nullptr ? 0 : static_cast<std::uint32_t>(*replication));
            }
    });
    if (group.points > 0) use(group);
}

Aggregate parse_aggregate(std::string_view text) {
    using Kind = Aggregate::Kind;
    constexpr std::array<std::pair<std::string_view, Kind>, 7> named{{{"mean", Kind::mean},
                                                                      {"interval", Kind::interval},
                                                                      {"median", Kind::median},
                                                                      {"min", Kind::least},
                                                                      {"max", Kind::most},
                                                                      {"deviation", Kind::deviation},
                                                                      {"count", Kind::count}}};
    std::vector<std::string_view> names;
    for (const auto& [name, kind] : named) {
        if (text == name) return {kind, 0, std::string(text)};
        names.push_back(name);
    }
    if (text.starts_with('p')) {
        double percent = 0;
        const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), percent);
        if (error == std::errc{} && end == text.data() + text.size() && percent >= 0 && percent <= 100)
            return {Kind::percentile, percent / 100, std::string(text)};
    }
    throw InputError(fmt::format("there is no aggregate '{}'{}; there are {} and percentiles (p90, p99.9)", text,
                                 suggestion(text, names), fmt::join(names, ", ")));
}

std::optional<double> value_of(const Aggregate& aggregate, const Samples& samples, double confidence) {
    using Kind = Aggregate::Kind;
    if (aggregate.kind == Kind::count) return static_cast<double>(samples.values.size());
    if (samples.values.empty()) return std::nullopt;
    switch (aggregate.kind) {
    case Kind::mean: return samples.mean();
    case Kind::interval: return samples.half_interval(confidence);
    case Kind::median: return median(samples.values);
    case Kind::percentile: return quantile(samples.values, aggregate.share);
    case Kind::least: return *std::ranges::min_element(samples.values);
    case Kind::most: return *std::ranges::max_element(samples.values);
    case Kind::deviation:
        if (samples.values.size() < 2) return std::nullopt;
        return mean_and_deviation(samples.values).deviation;
    case Kind::count: break;
    }
    return std::nullopt;
}

double confidence_of(const ResultsDatabase& database) {
    const std::string text = database.description("confidence");
    double confidence = 0;
    std::from_chars(text.data(), text.data() + text.size(), confidence);
    return confidence > 0 && confidence < 1 ? confidence : 0.95;
}

} // namespace switchyard::lab
