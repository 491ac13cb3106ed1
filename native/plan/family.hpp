// An instance of a task template and all the tasks it starts, walked through before the run.
//
// Every task draws for itself, as in the simulator: the instance under its own number, a child under the number
// `child_instance` gives it, each counting how often it has executed an operation itself. What a task executes follows
// from its own draws alone, whoever runs when. So all its amounts are known beforehand and can lie in the order in
// which it comes to need them.
#pragma once

#include "models/scenario/drawing.hpp"
#include "models/scenario/memory_validation.hpp"
#include "models/scenario/reference_string.hpp"
#include "models/scenario/scenario.hpp"
#include "native/plan/house.hpp"
#include "native/plan/units.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace switchyard::native {

// Beyond these no run is worth preparing.
inline constexpr std::uint64_t most_executions = std::uint64_t{1}
                                                 << 40;               // of operations by a family: it would take days
inline constexpr std::uint64_t most_amounts = std::uint64_t{1} << 26; // of all families: half a GiB
inline constexpr std::uint64_t most_children = most_tasks;            // of all families
inline constexpr std::uint64_t most_references = std::uint64_t{1} << 27; // drawn, of all families: half a GiB

// What one or several families do, apart from what others decide (decisions.hpp): exactly, or at most where somebody's
// crash, exit or exec cuts others short.
struct Family {
    std::uint64_t children = 0;   // forked and spawned
    std::uint64_t executions = 0; // of operations
    std::uint64_t amounts = 0;    // drawn, and the places of children's amounts
    std::uint64_t pieces = 0;     // of work that can be timed
    std::uint64_t jobs = 0;       // of the instances themselves, without their children's
    std::uint64_t references = 0; // drawn: of reference strings

    friend bool operator==(const Family&, const Family&) = default;
};

[[nodiscard]] bool creates_task(OperationKind kind);
[[nodiscard]] bool takes_amount(OperationKind kind);

// Whether it is a touch whose pages are drawn.
[[nodiscard]] bool draws_references(const Program& program, const Operation& operation);

// Adds the family of one instance to `total`, without drawing more than it needs to know how often things happen:
// `pieces` are left out. Throws InputError where it becomes more than is allowed.
void count_family(Family& total, const Scenario& scenario, const Member& member);

// The reference strings that are drawn, one execution's after another's (models/scenario/reference_string.hpp).
class DrawnReferences {
public:
    explicit DrawnReferences(const Scenario& scenario);

    // Appends those of one execution of a touch of a template's program.
    void draw(const Touch& touch, const DrawKey& key);

    std::vector<std::uint32_t> pages;

private:
    const Scenario& scenario_;
    RegionNumbering numbering_;
    KnownSizes sizes_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, ZipfTable> tables_; // by pages and skew
};

// The same, appending the amounts to `values` in the runner's units, and what is referenced to `references`: those of
// the instance first, then those of one child after another, each in the order it will come to them. An operation that
// creates a child takes an amount as well, which says where in `values` the child's amounts begin; and so does a touch
// that is drawn, which says where in `references` its pages begin.
void draw_family(Family& total, std::vector<std::int64_t>& values, const Scenario& scenario, const Member& member,
                 const RunnerUnits& units, DrawnReferences& references);

} // namespace switchyard::native
