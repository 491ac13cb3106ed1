// io_uring(7), by its system calls alone: handing the kernel one request that it completes at once, and taking what has
// been completed out of the ring.
#include "models/errors.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>

#if __has_include(<linux/io_uring.h>)

#include "native/probes/byte_stream.hpp"

#include <atomic>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// A mapping of one of its rings.
class RingMemory {
public:
    RingMemory(const Descriptor& ring, std::size_t size, off_t what)
        : size_(size),
          memory_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.number(), what)) {
        if (memory_ == MAP_FAILED) throw SystemError::from_errno("mapping an io_uring", errno);
    }
    RingMemory(const RingMemory&) = delete;
    RingMemory& operator=(const RingMemory&) = delete;
    ~RingMemory() { munmap(memory_, size_); }

    template <class Thing>
    [[nodiscard]] Thing* at(std::uint32_t offset) const {
        return reinterpret_cast<Thing*>(static_cast<char*>(memory_) + offset);
    }

private:
    std::size_t size_;
    void* memory_;
};

constexpr unsigned entries = 256;

class Ring {
public:
    Ring() : ring_(open(parameters_)) {}

    // One request that does nothing, not yet handed over.
    void prepare() {
        const std::uint32_t tail = *sent_tail_;
        io_uring_sqe& request = requests_.at<io_uring_sqe>(0)[tail & sent_mask_];
        request = {};
        request.opcode = IORING_OP_NOP;
        request.user_data = tail;
        slots_[tail & sent_mask_] = tail & sent_mask_;
        std::atomic_ref(*sent_tail_).store(tail + 1, std::memory_order_release);
    }
    [[nodiscard]] bool submit(unsigned count) {
        return syscall(SYS_io_uring_enter, ring_.number(), count, 0, 0, nullptr, 0) == static_cast<long>(count);
    }
    // Whether there was a completed one, and it had not failed.
    [[nodiscard]] bool reap() {
        const std::uint32_t head = *done_head_;
        if (head == std::atomic_ref(*done_tail_).load(std::memory_order_acquire)) return false;
        const io_uring_cqe& completion = completions_[head & done_mask_];
        const bool succeeded = completion.res >= 0;
        std::atomic_ref(*done_head_).store(head + 1, std::memory_order_release);
        return succeeded;
    }

private:
    static Descriptor open(io_uring_params& parameters) {
        const long ring = syscall(SYS_io_uring_setup, entries, &parameters);
        if (ring < 0) throw SystemError::from_errno("opening an io_uring", errno);
        return Descriptor(static_cast<int>(ring));
    }

    io_uring_params parameters_{};
    Descriptor ring_;
    RingMemory sent_{ring_, parameters_.sq_off.array + parameters_.sq_entries * sizeof(std::uint32_t),
                     IORING_OFF_SQ_RING};
    RingMemory done_{ring_, parameters_.cq_off.cqes + parameters_.cq_entries * sizeof(io_uring_cqe),
                     IORING_OFF_CQ_RING};
    RingMemory requests_{ring_, parameters_.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES};
    std::uint32_t* sent_tail_ = sent_.at<std::uint32_t>(parameters_.sq_off.tail);
    std::uint32_t sent_mask_ = *sent_.at<std::uint32_t>(parameters_.sq_off.ring_mask);
    std::uint32_t* slots_ = sent_.at<std::uint32_t>(parameters_.sq_off.array);
    std::uint32_t* done_head_ = done_.at<std::uint32_t>(parameters_.cq_off.head);
    std::uint32_t* done_tail_ = done_.at<std::uint32_t>(parameters_.cq_off.tail);
    std::uint32_t done_mask_ = *done_.at<std::uint32_t>(parameters_.cq_off.ring_mask);
    io_uring_cqe* completions_ = done_.at<io_uring_cqe>(parameters_.cq_off.cqes);
};

} // namespace

std::vector<Sample> measure_io_uring_submit(const ProbeRun& run) {
    Ring ring;
    bool succeeds = true;
    const auto one_each = [&] {
        for (unsigned i = 0; i < entries; ++i) {
            ring.prepare();
            succeeds = succeeds && ring.submit(1);
        }
    };
    const auto reap_all = [&] {
        for (unsigned i = 0; i < entries; ++i) succeeds = succeeds && ring.reap();
    };
    std::vector<Sample> samples = sample_prepared_batches(
        run, entries, [] {}, one_each, reap_all);
    if (!succeeds) throw SystemError("a request to an io_uring was lost");
    return samples;
}

std::vector<Sample> measure_io_uring_completion(const ProbeRun& run) {
    Ring ring;
    bool succeeds = true;
    const auto submit_all = [&] {
        for (unsigned i = 0; i < entries; ++i) ring.prepare();
        succeeds = succeeds && ring.submit(entries);
    };
    const auto reap_all = [&] {
        for (unsigned i = 0; i < entries; ++i) succeeds = succeeds && ring.reap();
    };
    std::vector<Sample> samples = sample_prepared_batches(run, entries, submit_all, reap_all, [] {});
    if (!succeeds) throw SystemError("a request to an io_uring was lost");
    return samples;
}

} // namespace switchyard::native

#else

namespace switchyard::native {

static constexpr const char* missing = "needs a system whose headers know io_uring";

std::vector<Sample> measure_io_uring_submit(const ProbeRun&) { throw SystemError(missing); }
std::vector<Sample> measure_io_uring_completion(const ProbeRun&) { throw SystemError(missing); }

} // namespace switchyard::native

#endif
