#include "studio/model/track.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace switchyard::studio {

namespace {

constexpr std::size_t fan = 4;

} // namespace

double View::pixel_of(Time time) const {
    const auto whole = static_cast<double>((end - begin).count());
    return static_cast<double>((time - begin).count()) / whole * pixels;
}

Time View::time_of(double pixel) const {
    const auto whole = static_cast<double>((end - begin).count());
    return begin + Duration{std::llround(pixel / pixels * whole)};
}

void Track::add(Time begin, Tag tag) {
    assert(begins_.empty() || begin >= begins_.back());
    if (!begins_.empty() && begins_.back() == begin) {
        begins_.pop_back();
        tags_.pop_back();
    }
    if (!tags_.empty() && tags_.back() == tag) return;
    begins_.push_back(begin);
    tags_.push_back(tag);
}

void Track::finish(Time end) {
    if (tags_.empty()) return;
    end = std::max(end, begins_.back());
    if (tags_.size() > 1 && begins_.back() == end)
        tags_.pop_back(); // where the last one begins, the one before ends
    else
        begins_.push_back(end);
    std::size_t below = tags_.size();
    while (below > fan) {
        const std::size_t size = (below + fan - 1) / fan;
        std::vector<Summary> level(size);
        for (std::size_t i = 0; i < below; ++i) {
            const Summary part = levels_.empty() ? of_interval(static_cast<IntervalIndex>(i)) : levels_.back()[i];
            level[i / fan] = i % fan == 0 ? part : merged(level[i / fan], part);
        }
        levels_.push_back(std::move(level));
        below = size;
    }
}

IntervalIndex Track::at(Time time) const {
    assert(!tags_.empty());
    const auto after = std::upper_bound(begins_.begin(), begins_.end() - 1, time);
    return after == begins_.begin() ? 0 : static_cast<IntervalIndex>(after - begins_.begin() - 1);
}

Track::Summary Track::of_interval(IntervalIndex index) const {
    return {index, tags_[index].says_something() ? 1U : 0U};
}

Track::Summary Track::merged(const Summary& first, const Summary& second) const {
    if (first.intervals == 0) return second;
    if (second.intervals == 0) return first;
    const auto length = [&](IntervalIndex index) { return begins_[index + 1] - begins_[index]; };
    return {length(second.longest) > length(first.longest) ? second.longest : first.longest,
            first.intervals + second.intervals};
}

Track::Summary Track::summary(IntervalIndex index, IntervalIndex last) const {
    Summary whole{index, 0};
    while (index < last) {
        // As far up as the entry begins here and ends in time.
        std::size_t level = 0;
        std::size_t reach = 1;
        while (level < levels_.size() && index % (reach * fan) == 0 && index + reach * fan <= last) {
            ++level;
            reach *= fan;
        }
        whole = merged(whole, level == 0 ? of_interval(index) : levels_[level - 1][index / reach]);
        index += static_cast<IntervalIndex>(reach);
    }
    return whole;
}

IntervalIndex Track::ending_after(IntervalIndex index, Time time) const {
    const std::size_t size = tags_.size();
    std::size_t step = 1;
    std::size_t low = index;
    while (low + step <= size && begins_[low + step] <= time) {
        low += step;
        step *= 2;
    }
    const std::size_t high = std::min(low + step, size);
    const auto found = std::upper_bound(begins_.begin() + static_cast<std::ptrdiff_t>(low + 1),
                                        begins_.begin() + static_cast<std::ptrdiff_t>(high + 1), time);
    return static_cast<IntervalIndex>(
        std::min<std::size_t>(static_cast<std::size_t>(found - begins_.begin()) - 1, size));
}

void Track::spans(const View& view, std::vector<Span>& spans) const {
    spans.clear();
    if (tags_.empty() || view.pixels <= 0 || view.end <= view.begin) return;
    const double pixels_each = view.pixels / static_cast<double>((view.end - view.begin).count());
    const auto pixel = [&](Time time) { return static_cast<double>((time - view.begin).count()) * pixels_each; };
    IntervalIndex index = at(view.begin);
    if (begins_[index + 1] <= view.begin) return; // it ended before
    while (index < tags_.size() && begins_[index] < view.end) {
        const double from = pixel(begins_[index]), to = pixel(begins_[index + 1]);
        if (to - from >= 1) {
            if (tags_[index].says_something())
                spans.push_back({static_cast<float>(std::max(from, 0.0)),
                                 static_cast<float>(std::min(to, static_cast<double>(view.pixels))), tags_[index],
                                 index, 1});
            ++index;
            continue;
        }
        // All that begin within that pixel; only the last of them can reach beyond it, and be wide enough by itself.
        const double column = std::floor(std::max(from, 0.0));
        IntervalIndex last = std::max(ending_after(index, view.time_of(column + 1)), index + 1);
        if (last < tags_.size() && pixel(begins_[last]) < column + 1 &&
            pixel(begins_[last + 1]) - pixel(begins_[last]) < 1)
            ++last;
        const Summary folded = summary(index, last);
        if (folded.intervals > 0) {
            const float left = static_cast<float>(column);
            spans.push_back({left, left + 1, tags_[folded.longest], folded.longest, folded.intervals});
        }
        index = last;
    }
}

std::array<Duration, activities> Track::time_between(Time begin, Time end) const {
    std::array<Duration, activities> time{};
    if (tags_.empty() || end <= begin) return time;
    for (IntervalIndex index = at(begin); index < tags_.size() && begins_[index] < end; ++index) {
        const Duration length = std::min(begins_[index + 1], end) - std::max(begins_[index], begin);
        if (length > Duration{}) time[static_cast<std::size_t>(tags_[index].activity())] += length;
    }
    return time;
}

std::size_t Track::bytes() const {
    std::size_t bytes = begins_.capacity() * sizeof(Time) + tags_.capacity() * sizeof(Tag);
    for (const std::vector<Summary>& level : levels_) bytes += level.capacity() * sizeof(Summary);
    return bytes;
}

} // namespace switchyard::studio
