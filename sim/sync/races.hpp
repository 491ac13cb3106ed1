// Data races: two tasks touch one variable, at least one of them to change it, and nothing orders the two.
//
// What orders is what synchronises: a lock given back and then taken, a semaphore likewise, a message sent and
// received, a barrier, a task's start and end, an atomic variable. Whether there is such a chain between two touches is
// told by vector clocks, in the form that keeps one epoch for most variables: Flanagan, Freund, "FastTrack: Efficient
// and Precise Dynamic Race Detection", PLDI 2009. A race is found in whatever order the two happen to come; one that
// another order of taking the same locks would show is not.
#pragma once

#include "models/trace/event.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace switchyard::sim {

// What tasks synchronise by, and which one of its kind.
enum class Meeting : std::uint8_t {
    semaphore,
    lock,      // whoever takes it learns what its owners have done,
    read_lock, // who takes it alone also what its readers have
    barrier,
    channel,
    task_end,
    process_end,
    variable, // an atomic one
};

// A touch: by whom, and of which operation of its program.
struct VariableTouch {
    TaskId task = no_task;
    std::uint32_t operation = 0;
    bool changes = false;
};

class RaceDetector {
public:
    explicit RaceDetector(std::size_t variables) : variables_(variables) {}

    // A task begins that knows all that its creator has done; no_task: nothing.
    void begin(TaskId task, TaskId creator);

    // What `task` has done so far is known to whoever comes to this meeting afterwards; it learns what was left there.
    void leave_word(TaskId task, Meeting meeting, std::uint32_t which);
    void take_word(TaskId task, Meeting meeting, std::uint32_t which);

    // A task touches a variable. Returns the earlier touch that this one races with, if it does.
    [[nodiscard]] std::optional<VariableTouch> look(std::uint32_t variable, const VariableTouch& touch);

private:
    using Clock = std::vector<std::uint32_t>; // by task; those behind its end are 0

    struct Epoch {
        VariableTouch touch;
        std::uint32_t clock = 0;
    };
    struct Variable {
        Epoch written;
        std::vector<Epoch> read; // since it was written, by tasks of whom none knows the other's
    };

    [[nodiscard]] bool knows(TaskId task, const Epoch& epoch) const;
    static void join(Clock& into, const Clock& from);

    std::vector<Clock> clocks_; // by task
    std::unordered_map<std::uint64_t, Clock> meetings_;
    std::vector<Variable> variables_;
};

} // namespace switchyard::sim
