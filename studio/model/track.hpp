// A track of the timeline: what one core or one task did, as intervals one after the other, and what of them a view
// shows.
//
// Intervals lie end to end: each ends where the next begins, and where nothing happens there is one that says so. So a
// track takes 12 bytes an interval, and a pyramid above them 8 bytes for every three: each of its entries stands for
// four below (the longest of them, and how many there are that say something).
//
// A view has so many pixels over so much time. What is at least a pixel wide is shown as it is; what is narrower is
// folded: a pixel shows the longest interval that begins in it, and how many there are. Nothing is dropped: every
// interval that says something is in exactly one span. Time: O(pixels x log(intervals per pixel)), whatever the number
// of events.
#pragma once

#include "models/units/time.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::studio {

// What an interval says. On a core's track `subject` is the task that runs there; on a task's, the core it runs on.
enum class Activity : std::uint8_t {
    none, // nobody is there; the task is not there yet, or no longer
    running,
    switching, // the core goes from one task to another
    kernel,
    tick,
    ready,
    blocked,
    suspended, // a carried task has handed over
};
inline constexpr int activities = static_cast<int>(Activity::suspended) + 1;

// In 32 bits: an activity and whom it is about.
struct Tag {
    static constexpr std::uint32_t no_subject = (std::uint32_t{1} << 28U) - 1;

    std::uint32_t bits = no_subject << 4U;

    constexpr Tag() = default;
    constexpr Tag(Activity activity, std::uint32_t subject = no_subject)
        : bits(subject << 4U | static_cast<std::uint32_t>(activity)) {}
    [[nodiscard]] constexpr Activity activity() const { return static_cast<Activity>(bits & 15U); }
    [[nodiscard]] constexpr std::uint32_t subject() const { return bits >> 4U; }
    [[nodiscard]] constexpr bool says_something() const { return activity() != Activity::none; }
    friend constexpr bool operator==(Tag, Tag) = default;
};

// An interval by its place on its track.
using IntervalIndex = std::uint32_t;

struct Interval {
    Time begin{};
    Time end{};
    Tag tag;
    friend bool operator==(const Interval&, const Interval&) = default;
};

// What is seen: `pixels` over [begin, end).
struct View {
    Time begin{};
    Time end{};
    std::int32_t pixels = 0;

    [[nodiscard]] double pixel_of(Time time) const; // may lie outside
    [[nodiscard]] Time time_of(double pixel) const;
};

// A piece of a picture: from one pixel to another, one interval or several folded into one pixel.
struct Span {
    float from = 0;
    float to = 0;
    Tag tag;                     // of several: the longest
    IntervalIndex first = 0;     // likewise
    std::uint32_t intervals = 1; // that say something
    friend bool operator==(const Span&, const Span&) = default;
};

class Track {
public:
    // Adds what is there from `begin` on, until what is added next. `begin` never goes back; what is added at the same
    // instant takes the place of what was, and what says the same goes on.
    void add(Time begin, Tag tag);
    // No more is added: the last interval ends here. Builds the pyramid.
    void finish(Time end);

    [[nodiscard]] std::size_t size() const { return tags_.size(); }
    // Where the latest interval begins; the beginning of time before there is one.
    [[nodiscard]] Time latest() const { return begins_.empty() ? Time::min() : begins_.back(); }
    [[nodiscard]] Interval interval(IntervalIndex index) const {
        return {begins_[index], begins_[index + 1], tags_[index]};
    }
    // The one that is there at that time; the first or last for a time outside.
    [[nodiscard]] IntervalIndex at(Time time) const;

    // What the view shows, from left to right, into `spans`, which is emptied first and keeps its memory. Intervals
    // that say nothing are left out.
    void spans(const View& view, std::vector<Span>& spans) const;

    // How much of the time between the two each activity has.
    [[nodiscard]] std::array<Duration, activities> time_between(Time begin, Time end) const;

    [[nodiscard]] std::size_t bytes() const;

private:
    // Of intervals below: the longest that says something, and how many do. For the leaves computed, not kept.
    struct Summary {
        IntervalIndex longest = 0;
        std::uint32_t intervals = 0;
    };
    [[nodiscard]] Summary of_interval(IntervalIndex index) const;
    [[nodiscard]] Summary merged(const Summary& first, const Summary& second) const;
    // Of [index, last), going up and down the pyramid.
    [[nodiscard]] Summary summary(IntervalIndex index, IntervalIndex last) const;
    // The first interval from `index` on that ends after `time`, looked for in steps that grow.
    [[nodiscard]] IntervalIndex ending_after(IntervalIndex index, Time time) const;

    std::vector<Time> begins_; // one more than tags, once finished
    std::vector<Tag> tags_;
    std::vector<std::vector<Summary>> levels_; // levels_[k][i]: of intervals [i x 4^(k+1), (i + 1) x 4^(k+1))
};

} // namespace switchyard::studio
