#include "sim/sync/races.hpp"

#include <algorithm>

namespace switchyard::sim {

static std::uint64_t key_of(Meeting meeting, std::uint32_t which) {
    return std::uint64_t{static_cast<std::uint8_t>(meeting)} << 32U | which;
}

void RaceDetector::join(Clock& into, const Clock& from) {
    if (into.size() < from.size()) into.resize(from.size());
    for (std::size_t task = 0; task < from.size(); ++task) into[task] = std::max(into[task], from[task]);
}

void RaceDetector::begin(TaskId task, TaskId creator) {
    if (clocks_.size() <= task) clocks_.resize(task + std::size_t{1});
    if (creator != no_task) {
        clocks_[task] = clocks_[creator];
        ++clocks_[creator][creator];
    }
    if (clocks_[task].size() <= task) clocks_[task].resize(task + std::size_t{1});
    ++clocks_[task][task];
}

void RaceDetector::leave_word(TaskId task, Meeting meeting, std::uint32_t which) {
    join(meetings_[key_of(meeting, which)], clocks_[task]);
    ++clocks_[task][task];
}

void RaceDetector::take_word(TaskId task, Meeting meeting, std::uint32_t which) {
    if (const auto word = meetings_.find(key_of(meeting, which)); word != meetings_.end())
        join(clocks_[task], word->second);
}

bool RaceDetector::knows(TaskId task, const Epoch& epoch) const {
    const Clock& clock = clocks_[task];
    const TaskId other = epoch.touch.task;
    return other == no_task || other == task || (other < clock.size() && clock[other] >= epoch.clock);
}

std::optional<VariableTouch> RaceDetector::look(std::uint32_t variable, const VariableTouch& touch) {
    Variable& seen = variables_[variable];
    const TaskId task = touch.task;
    const Epoch now{touch, clocks_[task][task]};
    std::optional<VariableTouch> conflict;
    if (!knows(task, seen.written)) conflict = seen.written.touch;
    if (touch.changes) {
        for (const Epoch& read : seen.read)
            if (!conflict && !knows(task, read)) conflict = read.touch;
        seen.written = now;
        seen.read.clear();
        return conflict;
    }
    std::erase_if(seen.read, [&](const Epoch& read) { return knows(task, read); });
    seen.read.push_back(now);
    return conflict;
}

} // namespace switchyard::sim
