#include "studio/model/series.hpp"

#include <algorithm>
#include <cassert>

namespace switchyard::studio {

namespace {

constexpr std::size_t fan = 4;

Column merged(const Column& first, const Column& second) {
    return {std::min(first.least, second.least), std::max(first.most, second.most)};
}

} // namespace

void Series::add(Time at, std::int64_t value) {
    assert(times_.empty() || at >= times_.back());
    most_ = std::max(most_, value);
    if (!times_.empty() && times_.back() == at) {
        values_.back() = value;
        return;
    }
    if (!values_.empty() && values_.back() == value) return;
    times_.push_back(at);
    values_.push_back(value);
}

void Series::finish() {
    for (std::size_t below = values_.size(); below > fan;) {
        std::vector<Column> level((below + fan - 1) / fan);
        for (std::size_t i = 0; i < below; ++i) {
            const Column part = levels_.empty() ? Column{values_[i], values_[i]} : levels_.back()[i];
            level[i / fan] = i % fan == 0 ? part : merged(level[i / fan], part);
        }
        below = level.size();
        levels_.push_back(std::move(level));
    }
}

std::int64_t Series::at(Time time) const {
    const auto after = std::upper_bound(times_.begin(), times_.end(), time);
    return after == times_.begin() ? 0 : values_[static_cast<std::size_t>(after - times_.begin() - 1)];
}

Column Series::range(std::size_t index, std::size_t last) const {
    Column whole{values_[index], values_[index]};
    while (index < last) {
        std::size_t level = 0;
        std::size_t reach = 1;
        while (level < levels_.size() && index % (reach * fan) == 0 && index + reach * fan <= last) {
            ++level;
            reach *= fan;
        }
        whole = merged(whole, level == 0 ? Column{values_[index], values_[index]} : levels_[level - 1][index / reach]);
        index += reach;
    }
    return whole;
}

void Series::columns(const View& view, std::vector<Column>& columns) const {
    columns.clear();
    if (view.pixels <= 0 || view.end <= view.begin) return;
    auto step = std::upper_bound(times_.begin(), times_.end(), view.begin); // the first that comes later
    std::int64_t value = at(view.begin);
    for (std::int32_t pixel = 0; pixel < view.pixels; ++pixel) {
        const Time end = view.time_of(pixel + 1);
        if (step != times_.end() && *step == view.time_of(pixel)) {
            value = values_[static_cast<std::size_t>(step - times_.begin())];
            ++step;
        }
        const auto next = std::lower_bound(step, times_.end(), end);
        Column column{value, value};
        if (next != step) {
            column = merged(column, range(static_cast<std::size_t>(step - times_.begin()),
                                          static_cast<std::size_t>(next - times_.begin())));
            value = values_[static_cast<std::size_t>(next - times_.begin() - 1)];
            step = next;
        }
        columns.push_back(column);
    }
}

} // namespace switchyard::studio
