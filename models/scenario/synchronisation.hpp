// What tasks synchronise by, and the variables they share: descriptions, and the operands of operations on them.
//
// Objects have names, and are the same for every task of the scenario, whatever process it lives in: in Linux they lie
// in shared memory and are futexes (futex(7)), in user space while nobody has to wait. A lock has an owner; a semaphore
// is a count, and anybody may give back what another took.
#pragma once

#include "models/units/time.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

enum class LockKind : std::uint8_t {
    mutex,      // whoever takes it again waits for himself (PTHREAD_MUTEX_NORMAL)
    recursive,  // its owner may take it again, and gives it back as often (PTHREAD_MUTEX_RECURSIVE)
    read_write, // many readers or one writer (pthread_rwlock_t)
    spin,       // who finds it taken tries again and again, on its core (pthread_spinlock_t)
    // Held by whoever of a process executes the interpreter's code (TaskTemplate::interpreter), as CPython's global
    // interpreter lock: no operation takes it, and each process has its own.
    interpreter,
};
inline constexpr int lock_kinds = 5;
[[nodiscard]] std::string_view name_of(LockKind kind); // "mutex", "recursive", "read-write", "spin", "interpreter"

// What becomes of the priority of a lock's owner (Sha, Rajkumar, Lehoczky 1990; pthread_mutexattr_setprotocol(3)).
enum class LockProtocol : std::uint8_t {
    none,
    inheritance, // the highest of those who wait for it, and of whom they hold up in turn (futex PI)
    ceiling,     // the lock's own, from when it is taken (the immediate ceiling, PTHREAD_PRIO_PROTECT)
};
inline constexpr int lock_protocols = 3;
[[nodiscard]] std::string_view name_of(LockProtocol protocol); // "none", "inheritance", "ceiling"

// Who goes first where readers hold a read-write lock and a writer waits.
enum class Preference : std::uint8_t { readers, writers };
inline constexpr int preferences = 2;
[[nodiscard]] std::string_view name_of(Preference preference); // "readers", "writers"

struct Lock {
    std::string name;
    LockKind kind = LockKind::mutex;
    LockProtocol protocol = LockProtocol::none; // mutex, recursive
    std::int32_t ceiling = 0; // the priority, where that is the protocol; 0: as urgent as the most urgent that takes it
    Preference prefers = Preference::readers; // read_write; readers are glibc's choice
    Duration spin{};                          // mutex, recursive: who finds it taken tries so long before it sleeps
    // interpreter: who has waited so long asks the holder to give it up (sys.setswitchinterval(), here its default).
    Duration switch_interval = std::chrono::milliseconds{5};
    bool robust =
        false; // mutex, recursive: when its owner dies the next one gets it (PTHREAD_MUTEX_ROBUST); else nobody

    friend bool operator==(const Lock&, const Lock&) = default;
};

// Takes one from many: a mutex without an owner is one that begins at 1.
struct Semaphore {
    std::string name;
    std::int64_t initial = 0;

    friend bool operator==(const Semaphore&, const Semaphore&) = default;
};

// Those who wait until something has become true. Whoever changes it says so; nobody who is not waiting yet hears.
struct Condition {
    std::string name;

    friend bool operator==(const Condition&, const Condition&) = default;
};

// Holds everybody until so many have arrived, again and again (pthread_barrier_t).
struct Barrier {
    std::string name;
    std::uint32_t parties = 2;

    friend bool operator==(const Barrier&, const Barrier&) = default;
};

// An integer that all tasks see. Two that touch it at once, one of them to change it, race: unless it is atomic, or a
// lock that both hold, or some other order between the two, keeps them apart.
struct Variable {
    std::string name;
    std::int64_t initial = 0;
    bool atomic = false;

    friend bool operator==(const Variable&, const Variable&) = default;
};

// --- Operands of operations --------------------------------------------------------------------------------------

enum class Comparison : std::uint8_t { equal, unequal, less, at_most, more, at_least };
inline constexpr int comparisons = 6;
[[nodiscard]] std::string_view name_of(Comparison comparison); // "==", "!=", "<", "<=", ">", ">="

// "count >= 3". Finding out reads the variable.
struct Predicate {
    std::uint32_t variable = 0; // index into Scenario::variables
    Comparison comparison = Comparison::equal;
    std::int64_t value = 0;

    friend bool operator==(const Predicate&, const Predicate&) = default;
};
[[nodiscard]] bool holds(const Predicate& predicate, std::int64_t variable);

// A predicate with its variable's name, as one writes it.
struct WrittenPredicate {
    std::string variable;
    Comparison comparison = Comparison::equal;
    std::int64_t value = 0;
};
// Reads "NAME COMPARISON INTEGER". Throws InputError for anything else.
[[nodiscard]] WrittenPredicate parse_predicate(std::string_view text);

inline constexpr std::uint32_t no_predicate = std::numeric_limits<std::uint32_t>::max();

// The lock is given back, the task waits for the condition's notice, and takes the lock again; with a predicate as long
// as that does not hold, without one exactly once.
struct Await {
    std::uint32_t condition = 0;
    std::uint32_t lock = 0;
    std::uint32_t predicate = no_predicate; // index into SynchronisationOperands::predicates

    friend bool operator==(const Await&, const Await&) = default;
};

// The variable becomes `value`, or changes by it.
struct Update {
    std::uint32_t variable = 0;
    std::int64_t value = 0;

    friend bool operator==(const Update&, const Update&) = default;
};

// Of one program; `Operation::object` is an index into that of its kind.
struct SynchronisationOperands {
    std::vector<Predicate> predicates; // branch
    std::vector<Await> awaits;         // await
    std::vector<Update> updates;       // write, add

    friend bool operator==(const SynchronisationOperands&, const SynchronisationOperands&) = default;
};

// All throw InputError, without a place, for what cannot be: a ceiling without its protocol, a barrier for nobody.
void validate(const Lock& lock);
void validate(const Semaphore& semaphore);
void validate(const Barrier& barrier);

} // namespace switchyard
