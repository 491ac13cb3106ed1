#include "lab/sweep/work_source.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace switchyard::lab {

namespace {

using Clock = std::chrono::steady_clock;

class Worker {
public:
    Worker(WorkSource& source, const SweepWork& work, const Schedule& schedule, const std::stop_token& stop)
        : source_(source), work_(work), schedule_(schedule), stop_(stop), computer_(work.make_worker()) {
        if (!schedule.rule()) return;
        const std::vector<SweepColumn>& metrics = work.outline().metrics;
        rule_metric_ = static_cast<std::size_t>(
            std::ranges::find(metrics, schedule.rule()->metric, &SweepColumn::name) - metrics.begin());
    }

    [[nodiscard]] WorkDone process(const UnitRange& units) {
        done_ = {units, 0, {}, 0, 0};
        const Clock::time_point begin = Clock::now();
        handed_in_ = begin;
        const auto seconds = [begin] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
        while (done_.finished < units.count && !stop_.stop_requested()) {
            const std::uint64_t at_once = std::clamp<std::uint64_t>(
                source_.points_a_look_up() / schedule_.certain_points(), 1, units.count - done_.finished);
            if (!process_some(units.first + done_.finished, at_once, begin)) break;
            if (seconds() > most_seconds_of_units) break;
        }
        done_.seconds = seconds();
        return std::move(done_);
    }

private:
    // Some units whose certain points are looked up together; false once a stop is requested.
    [[nodiscard]] bool process_some(std::uint64_t first, std::uint64_t count, Clock::time_point begin) {
        keys_.clear();
        for (std::uint64_t unit = first; unit < first + count; ++unit) {
            PointIndex index = schedule_.first_point(unit);
            for (std::uint32_t i = 0; i < schedule_.certain_points(); ++i, ++index.replication)
                keys_.push_back({index, computer_->identify(index)});
        }
        const std::vector<KnownPoint> known = source_.look_up(keys_);
        for (std::uint64_t unit = 0; unit < count; ++unit) {
            if (std::chrono::duration<double>(Clock::now() - begin).count() > most_seconds_of_units) return true;
            if (!process_unit(unit * schedule_.certain_points(), known)) return false;
            ++done_.finished;
        }
        return true;
    }

    [[nodiscard]] bool process_unit(std::size_t first_key, const std::vector<KnownPoint>& known) {
        values_.clear();
        PointIndex index = keys_[first_key].index;
        for (std::uint32_t i = 0; i < schedule_.certain_points(); ++i)
            if (!process_point(keys_[first_key + i].index, known[first_key + i])) return false;
        if (!schedule_.rule()) return true;
        for (std::uint32_t i = schedule_.certain_points(); i < schedule_.most_points(); ++i) {
            if (is_precise_enough(*schedule_.rule(), values_)) break;
            index.replication = i;
            const PointKey key{index, computer_->identify(index)};
            if (!process_point(index, source_.look_up(std::span(&key, 1)).front())) return false;
        }
        return true;
    }

    [[nodiscard]] bool process_point(const PointIndex& index, const KnownPoint& known) {
        if (known.computed) {
            ++done_.there;
            values_.push_back(known.value);
            return true;
        }
        if (stop_.stop_requested()) return false;
        std::optional<PointResult> result = computer_->compute(index, stop_);
        if (!result) return false;
        if (schedule_.rule())
            values_.push_back(rule_metric_ < result->values.size() ? result->values[rule_metric_] : std::nan(""));
        result->values.resize(work_.outline().metrics.size(), std::nan(""));
        done_.rows.push_back({result->identity, work_.values_of(index.cell), index.replication, result->seed,
                              result->status, std::move(result->reason), std::move(result->values)});
        if (schedule_.rule()) hand_in_so_far();
        return true;
    }

    // A unit of many replications may take long: what is computed of it is not to be lost.
    void hand_in_so_far() {
        const Clock::time_point now = Clock::now();
        if (std::chrono::duration<double>(now - handed_in_).count() < most_seconds_of_units) return;
        handed_in_ = now;
        source_.hand_in({{}, 0, std::exchange(done_.rows, {}), 0, 0});
    }

    WorkSource& source_;
    const SweepWork& work_;
    const Schedule& schedule_;
    const std::stop_token& stop_;
    std::unique_ptr<PointWorker> computer_;
    std::size_t rule_metric_ = 0;
    WorkDone done_;
    Clock::time_point handed_in_;
    std::vector<PointKey> keys_;
    std::vector<double> values_; // of the rule's metric, in the order of the cell's replications
};

} // namespace

void work_through(WorkSource& source, const SweepWork& work, const Schedule& schedule, const std::stop_token& stop) {
    Worker worker(source, work, schedule, stop);
    while (!stop.stop_requested()) {
        const std::optional<UnitRange> units = source.next();
        if (!units) break;
        source.hand_in(worker.process(*units));
    }
}

} // namespace switchyard::lab
