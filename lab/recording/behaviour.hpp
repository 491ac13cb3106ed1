// What the threads of a recording did, freed of what the scheduler did to them: work between voluntary sleeps.
//
// A sleep that another chosen thread ended waits for that thread again (a semaphore of the sleeper's); one that a timer
// or somebody outside ended is as long as it was, from when it left the processor to when it was woken. Switches a
// thread did not ask for are not in it: they come back out of the scheduler it is replayed under.
#pragma once

#include "lab/recording/selection.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace switchyard::lab {

struct Step {
    enum class Kind : std::uint8_t {
        compute, // amount: ns
        sleep,   // amount: ns
        yield,
        acquire, // waits for its own semaphore
        release, // other's semaphore
        create,  // other, which is written inside it
        reap,    // waits for the end of other, which it has created
    };
    Kind kind = Kind::compute;
    ThreadId other = no_thread;
    std::int64_t amount = 0;
    friend bool operator==(const Step&, const Step&) = default;
};

struct Behaviour {
    ThreadId thread = no_thread;
    std::string name;       // unique
    std::int64_t start = 0; // ns after the origin; of those nobody creates
    bool is_inline = false; // its creator's program creates it
    bool is_process = true; // else a thread of its process
    std::string process;    // threads nobody creates: what their process is called
    std::int16_t priority = 120;
    bool takes_turns = false;         // real time: with its equals (SCHED_RR)
    std::vector<std::uint16_t> cores; // it may run on; empty: all
    bool seen_on_one = false;         // it ran on one processor only, and is not pinned
    bool waits_for_wakers = false;    // it has `acquire` steps
    std::vector<Step> steps;
};

enum class Pinning : std::uint8_t {
    inferred, // who was moved to the one processor, or waited for it while another had nothing to do
    seen,     // who ran on one processor only
    none,
};

struct BehaviourOptions {
    Pinning pinning = Pinning::inferred;
};

struct Behaviours {
    std::int64_t origin = 0;        // of the recording's clock: a tick, before the first of them was ready
    std::vector<Behaviour> threads; // creators before those they create
    std::vector<std::size_t> of;    // by ThreadId: index into `threads`, or npos
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    std::uint64_t sleeps = 0, by_wakers = 0, yields = 0;
    std::uint64_t by_outsiders = 0; // sleeps that threads outside ended, which are of fixed length now
};

[[nodiscard]] Behaviours behaviours_of(const NumberedRecording& recording, const Survey& survey,
                                       const Selection& selection, const BehaviourOptions& options);

} // namespace switchyard::lab
