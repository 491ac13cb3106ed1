// io_uring(7) of an event loop: a carried task hands the kernel an operation and is ready once that is complete. Raw
// system calls (io_uring_setup(2), io_uring_enter(2)): the runner stays small.
#pragma once

#include "native/runner/task.hpp"

#include <cstddef>
#include <cstdint>
#include <linux/io_uring.h>
#include <linux/time_types.h>

namespace switchyard::native {

class CompletionRing {
public:
    static constexpr std::uint32_t entries = 256;

    // Whether the kernel has io_uring and lets this process use it (kernel.io_uring_disabled, seccomp).
    [[nodiscard]] static bool is_available();

    // Gives the run up where it is not.
    explicit CompletionRing(const Run& run);
    ~CompletionRing();
    CompletionRing(const CompletionRing&) = delete;
    CompletionRing& operator=(const CompletionRing&) = delete;

    // Readable while a completion is to be reaped.
    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }

    // One operation, submitted at once; what it names must stay until it is complete. Its result will be the task's
    // `completion`.
    void submit(Task& task, const io_uring_sqe& operation);

    // Ready for `events` (POLLIN, ...); so many bytes read from there (-1: where the file stands); so long.
    void poll(Task& task, int descriptor, std::uint32_t events);
    void read(Task& task, int descriptor, void* buffer, std::uint32_t size, std::uint64_t offset);
    void wait(Task& task, const __kernel_timespec& length);

    // Tells of each operation that is complete.
    template <class Ready>
    void reap(Ready ready) {
        std::uint32_t head = *completion_head_;
        while (head != __atomic_load_n(completion_tail_, __ATOMIC_ACQUIRE)) {
            const io_uring_cqe& complete = completions_[head & completion_mask_];
            Task& task = *reinterpret_cast<Task*>(static_cast<std::uintptr_t>(complete.user_data));
            task.completion = complete.res;
            __atomic_store_n(completion_head_, ++head, __ATOMIC_RELEASE);
            --in_flight_;
            ready(task);
        }
    }

private:
    const Run& run_;
    int descriptor_ = -1;
    std::byte* rings_ = nullptr; // both, in one mapping
    std::size_t rings_size_ = 0;
    io_uring_sqe* submissions_ = nullptr;
    std::size_t submissions_size_ = 0;
    std::uint32_t* submission_tail_ = nullptr;
    std::uint32_t* submission_array_ = nullptr;
    std::uint32_t submission_mask_ = 0;
    std::uint32_t* completion_head_ = nullptr;
    std::uint32_t* completion_tail_ = nullptr;
    std::uint32_t completion_mask_ = 0;
    io_uring_cqe* completions_ = nullptr;
    std::uint64_t in_flight_ = 0;
};

} // namespace switchyard::native
