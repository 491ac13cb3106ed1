// What pictures of results show: read from the database, with the axes it needs.
#include "lab/plot/panels.hpp"

#include "lab/results/text.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

AxisKind kind_of(const PlotRequest& request, std::string_view name) {
    const bool is_logarithmic = std::ranges::find(request.logarithmic, name) != request.logarithmic.end();
    const bool is_linear = std::ranges::find(request.linear, name) != request.linear.end();
    if (is_logarithmic && is_linear)
        throw InputError(fmt::format("the axis '{}' cannot be logarithmic and linear at once", name));
    return is_logarithmic ? AxisKind::logarithmic : is_linear ? AxisKind::linear : AxisKind::automatic;
}

const ResultColumn& metric_of(const ResultsDatabase& database, const std::string& name, std::string_view option) {
    const ResultColumn& column = database.column(name);
    if (column.role == ColumnRole::metric) return column;
    throw InputError(fmt::format("{} {}: a metric is wanted; there are: {}", option, name,
                                 fmt::join(database.names(ColumnRole::metric), ", ")));
}

const ResultColumn& parameter_of(const ResultsDatabase& database, const std::string& name, std::string_view option) {
    const ResultColumn& column = database.column(name);
    if (column.role == ColumnRole::parameter || column.name == "replication") return column;
    throw InputError(fmt::format("{} {}: a parameter is wanted; there are: {} (two metrics: --kind scatter or pareto)",
                                 option, name, fmt::join(database.names(ColumnRole::parameter), ", ")));
}

// Facets and series, found by the values of the first columns of a row.
class Places {
public:
    Places(const ResultsDatabase& database, const PlotRequest& request) : database_(database) {
        if (!request.facet.empty()) {
            facet_ = &parameter_of(database, request.facet, "--facet");
            facets_ = database.values_of(facet_->name, both(only_done(), request.condition));
            for (const ResultValue& value : facets_)
                contents_.facets.push_back(facet_->name + " = " + value_text(value, facet_->unit));
        }
        for (const std::string& name : request.by) by_.push_back(&parameter_of(database, name, "--by"));
        contents_.series_title = fmt::format("{}", fmt::join(request.by, ", "));
    }

    // The columns that come first in a query.
    [[nodiscard]] std::vector<std::string> keys() const {
        std::vector<std::string> names;
        if (facet_ != nullptr) names.push_back(facet_->name);
        for (const ResultColumn* const column : by_) names.push_back(column->name);
        return names;
    }

    void put(PlotMark& mark, const std::vector<ResultValue>& row) {
        std::size_t at = 0;
        if (facet_ != nullptr)
            mark.facet = static_cast<std::size_t>(std::ranges::find(facets_, row[at++]) - facets_.begin());
        if (by_.empty()) return;
        const std::vector<ResultValue> key(row.begin() + static_cast<std::ptrdiff_t>(at),
                                           row.begin() + static_cast<std::ptrdiff_t>(at + by_.size()));
        keys_.push_back(key);
    }

    // Series in the order of their values.
    PlotContents finish(std::vector<PlotMark> marks) {
        if (marks.empty())
            throw InputError(fmt::format("{}: there is nothing to draw: no point that was computed has these values",
                                         database_.path()));
        std::vector<std::vector<ResultValue>> all = keys_;
        std::ranges::sort(all);
        all.erase(std::unique(all.begin(), all.end()), all.end());
        for (std::size_t i = 0; i < keys_.size(); ++i)
            marks[i].series = static_cast<std::size_t>(std::ranges::lower_bound(all, keys_[i]) - all.begin());
        for (const auto& key : all) {
            std::string name;
            for (std::size_t i = 0; i < key.size(); ++i) name += (i > 0 ? ", " : "") + value_text(key[i], by_[i]->unit);
            contents_.series.push_back(name);
        }
        if (contents_.series.empty()) contents_.series.emplace_back();
        if (contents_.facets.empty()) contents_.facets.emplace_back();
        contents_.marks = std::move(marks);
        return std::move(contents_);
    }

private:
    const ResultsDatabase& database_;
    const ResultColumn* facet_ = nullptr;
    std::vector<ResultValue> facets_;
    std::vector<const ResultColumn*> by_;
    std::vector<std::vector<ResultValue>> keys_;
    PlotContents contents_;
};

std::vector<ResultValue> distinct(const std::vector<PlotMark>& marks, ResultValue PlotMark::*of) {
    std::vector<ResultValue> values;
    for (const PlotMark& mark : marks) values.push_back(mark.*of);
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

// Means or boxes of y over the parameter x.
PlotContents over_a_parameter(const ResultsDatabase& database, const PlotRequest& request, bool boxes) {
    const ResultColumn& x = parameter_of(database, request.x, "--x");
    const ResultColumn& y = metric_of(database, request.y, "--y");
    const double confidence = confidence_of(database);
    Places places(database, request);
    GroupQuery query{places.keys(), {y.name}, request.condition};
    query.by.push_back(x.name);
    std::vector<PlotMark> marks;
    std::vector<double> figures;
    bool has_intervals = false;
    for_each_group(database, query, [&](const ResultGroup& group) {
        const Samples& samples = group.metrics.front();
        const auto mean = samples.mean();
        if (!mean || std::holds_alternative<std::monostate>(group.keys.back())) return;
        PlotMark mark;
        places.put(mark, group.keys);
        mark.x = group.keys.back();
        mark.y = *mean;
        const auto half = boxes ? std::nullopt : samples.half_interval(confidence);
        has_intervals = has_intervals || (half && *half > 0);
        mark.low = *mean - half.value_or(0);
        mark.high = *mean + half.value_or(0);
        if (boxes) {
            mark.samples = samples.values;
            figures.insert(figures.end(), samples.values.begin(), samples.values.end());
        } else {
            figures.push_back(*mean);
            if (mark.low > 0 || *mean <= 0) figures.push_back(mark.low);
            figures.push_back(mark.high);
        }
        marks.push_back(std::move(mark));
    });
    PlotContents contents = places.finish(std::move(marks));
    contents.x =
        parameter_axis(x, distinct(contents.marks, &PlotMark::x), boxes ? AxisKind::categories : kind_of(request, "x"));
    contents.y = figure_axis(y, figures, kind_of(request, "y"));
    contents.has_intervals = has_intervals;
    return contents;
}

Axis axis_of(const ResultColumn& column, const std::vector<ResultValue>& values, AxisKind kind) {
    if (column.role == ColumnRole::parameter) return parameter_axis(column, values, kind);
    std::vector<double> numbers;
    for (const ResultValue& value : values)
        if (const double* const number = std::get_if<double>(&value)) numbers.push_back(*number);
    return figure_axis(column, numbers, kind);
}

} // namespace

PlotContents line_contents(const ResultsDatabase& database, const PlotRequest& request) {
    return over_a_parameter(database, request, false);
}

PlotContents box_contents(const ResultsDatabase& database, const PlotRequest& request) {
    return over_a_parameter(database, request, true);
}

PlotContents heat_contents(const ResultsDatabase& database, const PlotRequest& request) {
    if (request.colour.empty()) throw InputError("--kind heat: --colour METRIC says what is shown over --x and --y");
    if (!request.by.empty()) throw InputError("--kind heat has no series; --facet makes a panel for each value");
    const ResultColumn& x = parameter_of(database, request.x, "--x");
    const ResultColumn& y = parameter_of(database, request.y, "--y");
    const ResultColumn& colour = metric_of(database, request.colour, "--colour");
    Places places(database, request);
    GroupQuery query{places.keys(), {colour.name}, request.condition};
    query.by.insert(query.by.end(), {x.name, y.name});
    std::vector<PlotMark> marks;
    std::vector<double> figures;
    for_each_group(database, query, [&](const ResultGroup& group) {
        const auto mean = group.metrics.front().mean();
        if (!mean) return;
        PlotMark mark;
        places.put(mark, group.keys);
        mark.x = group.keys[group.keys.size() - 2];
        mark.y = group.keys.back();
        mark.colour = *mean;
        figures.push_back(*mean);
        marks.push_back(std::move(mark));
    });
    PlotContents contents = places.finish(std::move(marks));
    const auto xs = distinct(contents.marks, &PlotMark::x), ys = distinct(contents.marks, &PlotMark::y);
    // A grid is drawn as one, each value as wide as another; values that were drawn are where they are.
    const bool is_grid = 2 * contents.marks.size() >= xs.size() * ys.size() * contents.facets.size();
    contents.x = parameter_axis(x, xs, is_grid ? AxisKind::categories : kind_of(request, "x"));
    contents.y = parameter_axis(y, ys, is_grid ? AxisKind::categories : kind_of(request, "y"));
    contents.colour = figure_axis(colour, figures, kind_of(request, "colour"));
    return contents;
}

PlotContents scatter_contents(const ResultsDatabase& database, const PlotRequest& request) {
    const ResultColumn& x = database.column(request.x);
    const ResultColumn& y = database.column(request.y);
    if (!request.by.empty() && !request.colour.empty())
        throw InputError("--kind scatter: --by and --colour both mean colours; only one of them is possible");
    Places places(database, request);
    PointQuery query;
    query.columns = places.keys();
    query.columns.insert(query.columns.end(), {x.name, y.name});
    if (!request.colour.empty()) query.columns.push_back(database.column(request.colour).name);
    query.condition = both(only_done(), request.condition);
    const std::size_t at = places.keys().size();
    std::vector<PlotMark> marks;
    std::vector<double> colours;
    database.for_each(query, [&](const std::vector<ResultValue>& row) {
        if (std::holds_alternative<std::monostate>(row[at]) || std::holds_alternative<std::monostate>(row[at + 1]))
            return;
        PlotMark mark;
        if (!request.colour.empty()) {
            const double* const colour = std::get_if<double>(&row[at + 2]);
            if (colour == nullptr) return;
            mark.colour = *colour;
            colours.push_back(*colour);
        }
        places.put(mark, row);
        mark.x = row[at];
        mark.y = row[at + 1];
        marks.push_back(std::move(mark));
    });
    PlotContents contents = places.finish(std::move(marks));
    contents.x = axis_of(x, distinct(contents.marks, &PlotMark::x), kind_of(request, "x"));
    contents.y = axis_of(y, distinct(contents.marks, &PlotMark::y), kind_of(request, "y"));
    if (!colours.empty())
        contents.colour = figure_axis(database.column(request.colour), colours, kind_of(request, "colour"));
    return contents;
}

PlotContents pareto_contents(const ResultsDatabase& database, const PlotRequest& request) {
    const ResultColumn& x = metric_of(database, request.x, "--x");
    const ResultColumn& y = metric_of(database, request.y, "--y");
    for (const std::string& name : request.maximize)
        if (name != x.name && name != y.name)
            throw InputError(fmt::format("--maximize {}: only {} and {} are drawn", name, x.name, y.name));
    const auto sign_of = [&](const std::string& name) {
        return std::ranges::find(request.maximize, name) != request.maximize.end() ? -1.0 : 1.0;
    };
    const double x_sign = sign_of(x.name), y_sign = sign_of(y.name);
    Places places(database, request);
    const std::vector<ResultColumn> parameters = database.columns(ColumnRole::parameter);
    GroupQuery query{places.keys(), {x.name, y.name}, request.condition};
    const std::size_t at = query.by.size();
    for (const ResultColumn& parameter : parameters) query.by.push_back(parameter.name);
    std::vector<PlotMark> marks;
    std::vector<std::vector<ResultValue>> cells;
    std::vector<double> xs, ys;
    for_each_group(database, query, [&](const ResultGroup& group) {
        const auto x_mean = group.metrics[0].mean(), y_mean = group.metrics[1].mean();
        if (!x_mean || !y_mean) return;
        PlotMark mark;
        places.put(mark, group.keys);
        mark.x = *x_mean;
        mark.y = *y_mean;
        xs.push_back(*x_mean);
        ys.push_back(*y_mean);
        cells.emplace_back(group.keys.begin() + static_cast<std::ptrdiff_t>(at), group.keys.end());
        marks.push_back(std::move(mark));
    });
    PlotContents contents = places.finish(std::move(marks));
    for (std::size_t facet = 0; facet < contents.facets.size(); ++facet) {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < contents.marks.size(); ++i)
            if (contents.marks[i].facet == facet) order.push_back(i);
        std::ranges::sort(order, [&](std::size_t first, std::size_t second) {
            return std::pair(x_sign * xs[first], y_sign * ys[first]) <
                   std::pair(x_sign * xs[second], y_sign * ys[second]);
        });
        std::optional<double> best;
        std::vector<std::size_t> front;
        for (const std::size_t i : order)
            if (!best || y_sign * ys[i] < *best) {
                best = y_sign * ys[i];
                contents.marks[i].is_best = true;
                front.push_back(i);
            }
        // A cell is called by what differs along the front.
        for (const std::size_t i : front)
            for (std::size_t p = 0; p < parameters.size(); ++p) {
                const bool differs = front.size() == 1 || std::ranges::any_of(front, [&](std::size_t other) {
                                         return cells[other][p] != cells[i][p];
                                     });
                if (!differs) continue;
                std::string& label = contents.marks[i].label;
                label += (label.empty() ? "" : ", ") + value_text(cells[i][p], parameters[p].unit);
            }
    }
    contents.x = figure_axis(x, xs, kind_of(request, "x"));
    contents.y = figure_axis(y, ys, kind_of(request, "y"));
    return contents;
}

} // namespace switchyard::lab
