// Runs a function in a fresh process and leaves nothing of it behind, whatever happens.
//
//     this process ── keeper ── worker (own session and process group) ── whatever it starts
//
// The keeper waits: for the worker's end, for the time limit, for the end of this process. Then it kills everything
// that descends from the worker, orphans included, reaps it, and ends. A killed keeper takes the worker along.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <sys/types.h>
#include <vector>

namespace switchyard::native {

enum class ChildEnding {
    returned,  // the function returned; its bytes are there
    failed,    // it threw; `message` says what
    died,      // a signal or an exit killed it; `message` says which
    timed_out, // the time limit passed
    stopped,   // a stop was requested
};

struct ChildResult {
    ChildEnding ending = ChildEnding::died;
    std::string message;
    std::vector<std::byte> bytes;
};

struct ChildOptions {
    std::chrono::milliseconds time_limit{60'000};
    std::stop_token stop{};
    // The keeper gets a real-time priority above all others, where permitted: so that it can end descendants that have
    // one too and leave the processors to nobody.
    bool urgent = false;
    // What is to be done when nothing is left of the worker and what it started, by the keeper; a killed keeper does
    // not.
    std::function<void()> afterwards{};
};

// Forks, runs `work` in the child and returns the bytes it returned. The child has only the calling thread (fork(2)),
// so the caller should not hold locks other threads might need. Throws SystemError where no process can be started.
[[nodiscard]] ChildResult run_in_child(const std::function<std::vector<std::byte>()>& work,
                                       const ChildOptions& options = {});

// In a freshly forked process: die (SIGKILL) as soon as the thread that forked it does. `parent` is what getpid() said
// before the fork; if it is gone already, the process ends at once.
void die_with_parent(pid_t parent);

} // namespace switchyard::native
