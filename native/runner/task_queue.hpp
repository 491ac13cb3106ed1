// Tasks one behind the other, by the link that is in each of them: of those that are ready, or wait for the same.
#pragma once

#include "native/runner/task.hpp"

#include <cstddef>

namespace switchyard::native {

class TaskQueue {
public:
    void push(Task& task) {
        task.next_in_queue = nullptr;
        (first_ == nullptr ? first_ : last_->next_in_queue) = &task;
        last_ = &task;
        ++length_;
    }

    // The first, no longer in the queue; nullptr: there is none.
    [[nodiscard]] Task* pop() {
        Task* const task = first_;
        if (task == nullptr) return nullptr;
        first_ = task->next_in_queue;
        if (first_ == nullptr) last_ = nullptr;
        --length_;
        return task;
    }

    [[nodiscard]] std::size_t length() const { return length_; }

private:
    Task* first_ = nullptr;
    Task* last_ = nullptr;
    std::size_t length_ = 0;
};

} // namespace switchyard::native
