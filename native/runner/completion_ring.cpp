#include "native/runner/completion_ring.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

bool CompletionRing::is_available() {
    io_uring_params parameters{};
    const auto ring = static_cast<int>(syscall(SYS_io_uring_setup, 1u, &parameters));
    if (ring < 0) return false;
    close(ring);
    return (parameters.features & IORING_FEAT_SINGLE_MMAP) != 0;
}

CompletionRing::CompletionRing(const Run& run) : run_(run) {
    io_uring_params parameters{};
    descriptor_ = static_cast<int>(syscall(SYS_io_uring_setup, entries, &parameters));
    if (descriptor_ < 0) fail(run, "making an io_uring", errno);
    if ((parameters.features & IORING_FEAT_SINGLE_MMAP) == 0) fail(run, "making an io_uring of one mapping", ENOSYS);
    rings_size_ = std::max(parameters.sq_off.array + parameters.sq_entries * sizeof(std::uint32_t),
                           parameters.cq_off.cqes + parameters.cq_entries * sizeof(io_uring_cqe));
    const auto map = [&](std::size_t size, std::int64_t what) {
        void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor_, what);
        if (memory == MAP_FAILED) fail(run, "mapping an io_uring", errno);
        return static_cast<std::byte*>(memory);
    };
    rings_ = map(rings_size_, IORING_OFF_SQ_RING);
    submissions_size_ = parameters.sq_entries * sizeof(io_uring_sqe);
    submissions_ = reinterpret_cast<io_uring_sqe*>(map(submissions_size_, IORING_OFF_SQES));
    const auto word = [&](std::uint32_t offset) { return reinterpret_cast<std::uint32_t*>(rings_ + offset); };
    submission_tail_ = word(parameters.sq_off.tail);
    submission_array_ = word(parameters.sq_off.array);
    submission_mask_ = *word(parameters.sq_off.ring_mask);
    completion_head_ = word(parameters.cq_off.head);
    completion_tail_ = word(parameters.cq_off.tail);
    completion_mask_ = *word(parameters.cq_off.ring_mask);
    completions_ = reinterpret_cast<io_uring_cqe*>(rings_ + parameters.cq_off.cqes);
}

CompletionRing::~CompletionRing() {
    if (submissions_ != nullptr) munmap(submissions_, submissions_size_);
    if (rings_ != nullptr) munmap(rings_, rings_size_);
    if (descriptor_ >= 0) close(descriptor_);
}

// The kernel takes each entry before the call returns, so the place behind the last one is always free.
void CompletionRing::submit(Task& task, const io_uring_sqe& operation) {
    const std::uint32_t tail = *submission_tail_;
    const std::uint32_t place = tail & submission_mask_;
    submissions_[place] = operation;
    submissions_[place].user_data = reinterpret_cast<std::uintptr_t>(&task);
    submission_array_[place] = place;
    __atomic_store_n(submission_tail_, tail + 1, __ATOMIC_RELEASE);
    for (;;) {
        const long taken = syscall(SYS_io_uring_enter, descriptor_, 1u, 0u, 0u, nullptr, std::size_t{0});
        if (taken == 1) break;
        if (taken < 0 && errno != EINTR && errno != EAGAIN) fail(run_, "submitting to an io_uring", errno);
    }
    ++in_flight_;
}

void CompletionRing::poll(Task& task, int descriptor, std::uint32_t events) {
    io_uring_sqe operation{};
    operation.opcode = IORING_OP_POLL_ADD;
    operation.fd = descriptor;
    operation.poll32_events = events;
    submit(task, operation);
}

void CompletionRing::read(Task& task, int descriptor, void* buffer, std::uint32_t size, std::uint64_t offset) {
    io_uring_sqe operation{};
    operation.opcode = IORING_OP_READ;
    operation.fd = descriptor;
    operation.addr = reinterpret_cast<std::uintptr_t>(buffer);
    operation.len = size;
    operation.off = offset;
    submit(task, operation);
}

void CompletionRing::wait(Task& task, const __kernel_timespec& length) {
    io_uring_sqe operation{};
    operation.opcode = IORING_OP_TIMEOUT;
    operation.addr = reinterpret_cast<std::uintptr_t>(&length);
    operation.len = 1;
    submit(task, operation);
}

} // namespace switchyard::native
