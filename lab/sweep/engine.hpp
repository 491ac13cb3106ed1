// Who computes the points of a sweep: one interface, whatever it is. Results are the same bytes.
#pragma once

#include "lab/sweep/coordinator.hpp"
#include "lab/sweep/message_passing.hpp"

#include <functional>
#include <memory>
#include <stop_token>

namespace switchyard::lab {

struct EngineOptions {
    bool retry = false; // points that failed are computed again
    std::stop_token stop;
    std::function<void(const SweepProgress&)> show; // some ten times a second, in the thread that called
};

class SweepEngine {
public:
    virtual ~SweepEngine() = default;

    // Computes what the sink has not yet, until all is there or a stop is requested; everything computed is in the sink
    // then. Throws what the sink throws, once all workers have ended.
    virtual SweepProgress run(const SweepWork& work, const Schedule& schedule, ResultSink& sink,
                              const EngineOptions& options) = 0;
};

// Threads of this process. One that calls `run` writes.
[[nodiscard]] std::unique_ptr<SweepEngine> make_thread_engine(std::size_t workers);

// The ranks of a message passing program: rank 0 writes and hands out, and computes in a second thread; the others call
// `work_for_rank_0` meanwhile. A rank that dies is not waited for once a stop is requested.
[[nodiscard]] std::unique_ptr<SweepEngine> make_message_passing_engine(MessagePassing& messages);
void work_for_rank_0(MessagePassing& messages, const SweepWork& work, const Schedule& schedule,
                     const std::stop_token& stop);

// Before that, whether all ranks are about to do the same: every one of them calls it, with what is wrong with its own
// preparations (empty: nothing) and what they came to. At rank 0: throws InputError, which says what is wrong with
// which rank, if it is not itself, and has told all others. At another one: whether to go on.
[[nodiscard]] bool all_ranks_agree(MessagePassing& messages, const std::string& problem,
                                   const std::string& preparations);

} // namespace switchyard::lab
