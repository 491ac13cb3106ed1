// Partitioned scheduling: every task is bound to one core, and each core schedules its own. Which task goes where is
// bin packing (Oh and Son 1995, "Allocating fixed-priority periodic tasks on multiprocessor systems", Real-Time Systems
// 9(3); Lopez, Diaz and Garcia 2004, "Utilization bounds for EDF scheduling on real-time multiprocessor systems",
// Real-Time Systems 28(1), who show that of these rules decreasing first fit and best fit lose least).
#pragma once

#include "models/units/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace switchyard {

// Which of the cores that have room takes a task: the lowest, the fullest, the emptiest; of equals the lowest.
enum class PackingRule : std::uint8_t { first_fit, best_fit, worst_fit };

// How full cores are. A core has room for a task while the utilisations of its tasks, the sum of C/T, do not exceed its
// speed: for EDF with implicit deadlines necessary and sufficient, for everything else only necessary. Exact.
class CorePacking {
public:
    // `speeds`: of each core, in thousandths of nominal.
    CorePacking(std::span<const std::uint32_t> speeds, PackingRule rule);
    CorePacking(CorePacking&&) noexcept;
    CorePacking& operator=(CorePacking&&) noexcept;
    ~CorePacking();

    // Binds a task to a core it may run on (`allowed` empty: all), if one has room. Linear in the number of cores.
    // Throws InputError unless `execution` is 0 or more and `period` above 0.
    [[nodiscard]] std::optional<std::uint32_t> place(Duration execution, Duration period,
                                                     std::span<const std::uint16_t> allowed = {});
    // A task bound to `core` is gone.
    void remove(std::uint32_t core, Duration execution, Duration period);

    // How much of a nominal core's time that core has left, rounded.
    [[nodiscard]] double room(std::uint32_t core) const;

private:
    struct Rooms; // exact fractions
    std::unique_ptr<Rooms> rooms_;
    PackingRule rule_;
};

} // namespace switchyard
