// What a switch costs beyond that between two: everybody leaves something in the caches of whoever runs it, a thread
// its stacks and what the kernel keeps of it, an address space its page tables and TLB entries, a coroutine its frame.
// The others that have run meanwhile have displaced it, and coming back it has to be brought in again.
//
// So a switch to one costs more the more others its core has run since it did last (run_order.hpp): the laws
// `switch.displaced` over threads, `switch.address_space.displaced` over address spaces, and over coroutines of an
// event loop `switch.coroutine.displaced`. One other is what `switch.context` and its like were measured with, and
// costs nothing more. This is not about the data tasks work on (cache_warmth.hpp), and it knows the number of others,
// not how much they touched.
//
// Who has never run on the core, or ran on another one last, pays nothing here: that is part of its creation, and of
// `migration`. An address space that several cores have loaded counts where it was loaded last. Who has ended displaces
// nobody any more, since its memory is what the next one is made of.
#pragma once

#include "sim/kernel/kernel.hpp"
#include "sim/kernel/run_order.hpp"

#include <vector>

namespace switchyard::sim {

// A law over others_since, whose values are kept once they have been needed.
class CostOfReturn {
public:
    CostOfReturn() = default; // costs nothing
    CostOfReturn(const CostProfile& profile, Cost cost);

    [[nodiscard]] Duration after(std::uint32_t others) {
        if (others < values_.size() && values_[others] != unknown) return values_[others];
        if (others != asked_last_) {
            value_ = value_of(others);
            asked_last_ = others;
        }
        return value_;
    }
    [[nodiscard]] bool is_known() const { return law_ != nullptr; }

private:
    static constexpr std::uint32_t most_kept = 4096;
    static constexpr Duration unknown{-1};

    [[nodiscard]] Duration value_of(std::uint32_t others);

    std::uint32_t asked_last_ = 0; // by turns everybody asks the same
    Duration value_{};             // of what was asked last
    const Law* law_ = nullptr;
    std::vector<Duration> values_; // by others; the last also for more, where the law is over no more than are kept
    bool is_whole_ = true;         // there are none beyond those kept
};

struct Displacement {
    RunOrder threads;        // by core
    RunOrder address_spaces; // by core
    RunOrder coroutines;     // by event loop
    CostOfReturn of_thread, of_address_space, of_coroutine;
};

// Nothing where the profile knows none of the laws.
[[nodiscard]] std::unique_ptr<Displacement> create_displacement(const CostProfile& profile);

// The core switches to the thread: what that takes more for those that have run since.
[[nodiscard]] Duration return_to(Displacement& displacement, CoreId core, TaskId thread, AddressSpaceId address_space);

// The event loop goes on with the coroutine.
[[nodiscard]] Duration resume(Displacement& displacement, LoopId loop, TaskId coroutine);

// A thread or coroutine has ended; an address space is no more.
void forget_runs(Displacement& displacement, const Task& task, TaskId id);
void forget_address_space(Displacement& displacement, AddressSpaceId address_space);

} // namespace switchyard::sim
