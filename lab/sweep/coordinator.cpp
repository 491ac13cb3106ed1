#include "lab/sweep/coordinator.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::lab {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A transaction is worth its cost after this long, or with so many rows; workers wait at twice as many.
static constexpr auto write_interval = 500ms;
static constexpr std::size_t rows_of_write = 4096;

// What a worker is given at once: long enough that asking costs nothing beside it.
static constexpr double seconds_at_once = 0.05;
static constexpr std::uint64_t most_units_at_once = 1024;

static constexpr std::size_t most_first_failures = 5;

Coordinator::Coordinator(const SweepWork& work, const Schedule& schedule, ResultSink& sink, Options options)
    : work_(work),
      schedule_(schedule),
      sink_(sink),
      options_(std::move(options)),
      begin_(Clock::now()),
      last_write_(begin_),
      last_shown_(begin_) {
    progress_.units = schedule.units();
}

bool Coordinator::is_over() const {
    if (ended_ || options_.stop.stop_requested()) return true;
    return next_unit_ == schedule_.units() && given_back_.empty() && with_workers_ == 0;
}

// Towards the end less and less, so that all workers end together.
std::uint64_t Coordinator::units_at_once() const {
    if (seconds_of_unit_ <= 0) return 1;
    const double wanted = seconds_at_once / seconds_of_unit_;
    const std::uint64_t fair = (schedule_.units() - next_unit_) / (2 * options_.workers);
    return std::max<std::uint64_t>(1, std::min({most_units_at_once, fair, static_cast<std::uint64_t>(wanted)}));
}

Coordinator::Offer Coordinator::try_next() {
    const std::lock_guard hold(mutex_);
    if (is_over()) return {{}, true};
    if (!given_back_.empty()) {
        // What one could not do in time is cut up: it may be for many.
        UnitRange& back = given_back_.front();
        const UnitRange units{back.first, std::min(back.count, units_at_once())};
        back.first += units.count;
        back.count -= units.count;
        if (back.count == 0) given_back_.pop_front();
        ++with_workers_;
        return {units, false};
    }
    if (next_unit_ == schedule_.units()) return {};
    const UnitRange units{next_unit_, std::min(units_at_once(), schedule_.units() - next_unit_)};
    next_unit_ += units.count;
    ++with_workers_;
    return {units, false};
}

std::optional<UnitRange> Coordinator::next() {
    while (true) {
        const Offer offer = try_next();
        if (offer.units || offer.over) return offer.units;
        std::unique_lock hold(mutex_);
        more_work_.wait_for(hold, 50ms); // a stop comes from a signal's handler, which must not wake anybody
    }
}

std::vector<KnownPoint> Coordinator::look_up(std::span<const PointKey> keys) {
    std::vector<KnownPoint> known(keys.size());
    std::size_t rule_metric = 0;
    if (schedule_.rule()) {
        const std::vector<SweepColumn>& metrics = work_.outline().metrics;
        rule_metric = static_cast<std::size_t>(
            std::ranges::find(metrics, schedule_.rule()->metric, &SweepColumn::name) - metrics.begin());
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        std::optional<PointRow> row = sink_.find(keys[i].identity);
        if (!row || (options_.retry && row->status != PointStatus::done)) continue;
        known[i].computed = true;
        if (rule_metric < row->values.size()) known[i].value = row->values[rule_metric];
        PointRow described = *row;
        described.parameters = work_.values_of(keys[i].index.cell);
        described.replication = keys[i].index.replication;
        if (!describes_earlier(described, *row)) continue;
        const std::lock_guard hold(mutex_);
        rows_.push_back(std::move(described));
    }
    return known;
}

void Coordinator::hand_in_without_waiting(WorkDone done) {
    const std::lock_guard hold(mutex_);
    if (done.units.count > 0) {
        --with_workers_;
        if (done.finished < done.units.count)
            given_back_.push_back({done.units.first + done.finished, done.units.count - done.finished});
        progress_.units_done += done.finished;
        progress_.there += done.there;
        progress_.busy_seconds += done.seconds;
        if (done.finished > 0) {
            const double seconds = done.seconds / static_cast<double>(done.finished);
            seconds_of_unit_ = seconds_of_unit_ <= 0 ? seconds : 0.7 * seconds_of_unit_ + 0.3 * seconds;
        }
        more_work_.notify_all();
    }
    progress_.computed += done.rows.size();
    for (PointRow& row : done.rows) {
        if (row.status != PointStatus::done) {
            ++progress_.failed;
            std::vector<std::string>& first = progress_.first_failures;
            if (first.size() < most_first_failures && std::ranges::find(first, row.reason) == first.end())
                first.push_back(row.reason);
        }
        rows_.push_back(std::move(row));
    }
    if (rows_.size() >= rows_of_write || is_over()) more_rows_.notify_one();
}

void Coordinator::hand_in(WorkDone done) {
    hand_in_without_waiting(std::move(done));
    std::unique_lock hold(mutex_);
    while (rows_.size() >= 2 * rows_of_write && !ended_) written_.wait_for(hold, 50ms);
}

void Coordinator::end() {
    const std::lock_guard hold(mutex_);
    ended_ = true;
    more_work_.notify_all();
    written_.notify_all();
}

SweepProgress Coordinator::progress_now() const {
    SweepProgress now = progress_;
    now.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    return now;
}

SweepProgress Coordinator::progress() {
    const std::lock_guard hold(mutex_);
    return progress_now();
}

bool Coordinator::write(std::chrono::microseconds most_wait) {
    std::vector<PointRow> rows;
    bool over = false;
    std::optional<SweepProgress> to_show;
    {
        std::unique_lock hold(mutex_);
        if (rows_.size() < rows_of_write && !is_over() && most_wait > 0us) more_rows_.wait_for(hold, most_wait);
        over = is_over() && with_workers_ == 0;
        const Clock::time_point now = Clock::now();
        if (over || rows_.size() >= rows_of_write || now - last_write_ >= write_interval) {
            rows.swap(rows_);
            last_write_ = now;
        }
        if (options_.show && now - last_shown_ >= 100ms) {
            last_shown_ = now;
            to_show = progress_now();
        }
    }
    if (!rows.empty()) {
        try {
            sink_.add(rows);
        } catch (...) {
            end();
            throw;
        }
        const std::lock_guard hold(mutex_);
        written_.notify_all();
    }
    if (to_show) options_.show(*to_show);
    return !over;
}

void Coordinator::flush() {
    std::vector<PointRow> rows;
    {
        const std::lock_guard hold(mutex_);
        rows.swap(rows_);
    }
    if (!rows.empty()) sink_.add(rows);
}

} // namespace switchyard::lab
