// Hands out the units of a sweep, in batches as large as fits the time its points take, and writes what comes back: the
// one process that does, whichever engine computes.
//
// Memory does not grow with the number of points: units are a counter and what was given back, and rows that wait to be
// written are bounded, workers wait for the writer.
#pragma once

#include "lab/sweep/result_sink.hpp"
#include "lab/sweep/work_source.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::lab {

struct SweepProgress {
    std::uint64_t units = 0; // in all: points, or cells where a stopping rule looks at their replications
    std::uint64_t units_done = 0;
    std::uint64_t computed = 0;              // points, now
    std::uint64_t there = 0;                 // points, before
    std::uint64_t failed = 0;                // of those computed now, given up included
    std::vector<std::string> first_failures; // some of their reasons, each once
    double seconds = 0;                      // since it began
    double busy_seconds = 0;                 // of all workers together
};

class Coordinator : public WorkSource {
public:
    struct Options {
        std::size_t workers = 1;
        bool retry = false; // points that failed are computed again
        std::stop_token stop;
        std::function<void(const SweepProgress&)> show; // some ten times a second
    };
    Coordinator(const SweepWork& work, const Schedule& schedule, ResultSink& sink, Options options);

    // From any thread.
    [[nodiscard]] std::optional<UnitRange> next() override;
    [[nodiscard]] std::vector<KnownPoint> look_up(std::span<const PointKey> keys) override;
    void hand_in(WorkDone done) override;
    [[nodiscard]] std::size_t points_a_look_up() const override { return 1; }

    // Like `next` and `hand_in`, for who must not wait.
    struct Offer {
        std::optional<UnitRange> units;
        bool over = false; // there will be none any more
    };
    [[nodiscard]] Offer try_next();
    void hand_in_without_waiting(WorkDone done);

    // From the thread that writes. Writes what is due, shows how far it is, waits for more as long as said; false once
    // all is written and nothing more will come. Throws what the sink throws; nobody gets any more work then.
    bool write(std::chrono::microseconds most_wait);
    // Writes what there is, whoever is still at work.
    void flush();

    // A worker has ended by an error, or the writer: nobody gets any more work.
    void end();

    [[nodiscard]] SweepProgress progress();

private:
    [[nodiscard]] std::uint64_t units_at_once() const;
    [[nodiscard]] bool is_over() const;
    [[nodiscard]] SweepProgress progress_now() const;

    const SweepWork& work_;
    const Schedule& schedule_;
    ResultSink& sink_;
    Options options_;

    std::mutex mutex_; // of all below
    std::condition_variable_any more_work_;
    std::condition_variable_any more_rows_;
    std::condition_variable_any written_;
    std::uint64_t next_unit_ = 0;
    std::deque<UnitRange> given_back_;
    std::size_t with_workers_ = 0; // ranges that are handed out
    double seconds_of_unit_ = 0;   // lately; 0: not known yet
    bool ended_ = false;
    std::vector<PointRow> rows_;
    SweepProgress progress_;
    std::chrono::steady_clock::time_point begin_;
    std::chrono::steady_clock::time_point last_write_;
    std::chrono::steady_clock::time_point last_shown_;
};

} // namespace switchyard::lab
