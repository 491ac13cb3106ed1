#include "sim/sched/fair/imbalance.hpp"

#include "sim/sched/fair/load.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

// All groups of the domain (struct sd_lb_stats).
struct DomainStatistics {
    GroupStatistics local;
    GroupStatistics busiest;
    CoreRange busiest_cores; // none: nobody is busy
    std::int64_t load = 0;
    std::int64_t capacity = 0;

    [[nodiscard]] std::int64_t average_load() const { return load * capacity_scale / capacity; }
};

class Comparison {
public:
    Comparison(FairState& fair, const FairDomain& domain, CoreId to, Balancing when, Nanoseconds now)
        : fair_(fair), domain_(domain), to_(to), when_(when), now_(now) {}

    Imbalance find() {
        survey();
        if (all_.busiest_cores.count == 0 || is_balanced()) return {};
        Imbalance imbalance = how_much();
        if (imbalance.amount <= 0) return {};
        imbalance.found = true;
        imbalance.from = busiest_core(imbalance);
        return imbalance;
    }

private:
    [[nodiscard]] bool idle() const { return when_ != Balancing::busy; }
    [[nodiscard]] std::int64_t capacity_here() const { return fair_.machine.capacity[to_]; }

    // update_sd_lb_stats.
    void survey() {
        const auto groups = fair_.machine.topology.groups(domain_.shape);
        // The core's own first, then as the kernel's ring goes round.
        for (std::uint32_t step = 0; step < groups.size(); ++step) {
            const std::uint32_t index = (domain_.shape.local_group + step) % static_cast<std::uint32_t>(groups.size());
            GroupStatistics group = count_group(fair_, groups[index], now_);
            const bool is_local = step == 0;
            if (!is_local && domain_.is_asymmetric)
                for (const std::uint32_t core : fair_.machine.topology.cores(groups[index]))
                    group.misfit_load =
                        std::max(group.misfit_load, misfit_load_of(fair_, static_cast<CoreId>(core), now_));
            group.type = classify(group, domain_.shape.first_group + index, is_local);
            if (group.type == GroupType::overloaded) group.average_load = group.load * capacity_scale / group.capacity;
            all_.load += group.load;
            all_.capacity += group.capacity;
            if (is_local) {
                all_.local = group;
            } else if (is_busier(group)) {
                all_.busiest = group;
                all_.busiest_cores = groups[index];
            }
        }
    }

    [[nodiscard]] GroupType classify(const GroupStatistics& group, std::uint32_t index, bool is_local) const {
        if (is_overloaded(domain_, group)) return GroupType::overloaded;
        if (fair_.machine.group_imbalanced[index] != 0) return GroupType::imbalanced;
        if (!is_local && idle() && group.is_one_physical_core && group.tasks > 1) return GroupType::smt_balance;
        if (group.misfit_load > 0) return GroupType::misfit_task;
        return has_capacity(domain_, group) ? GroupType::has_spare : GroupType::fully_busy;
    }

    // update_sd_pick_busiest.
    [[nodiscard]] bool is_busier(const GroupStatistics& group) const {
        if (group.tasks == 0) return false;
        if (domain_.is_asymmetric) {
            if (group.type == GroupType::misfit_task &&
                (!is_physical_core_idle(fair_, to_) || !capacity_greater(capacity_here(), group.most_capacity) ||
                 all_.local.type != GroupType::has_spare))
                return false;
            if (group.type <= GroupType::fully_busy && capacity_greater(group.least_capacity, capacity_here()))
                return false;
        }
        if (all_.busiest_cores.count == 0) return true;
        const GroupStatistics& busiest = all_.busiest;
        if (group.type != busiest.type) return group.type > busiest.type;
        switch (group.type) {
        case GroupType::overloaded: return group.average_load > busiest.average_load;
        case GroupType::imbalanced: return false;
        case GroupType::misfit_task: return group.misfit_load > busiest.misfit_load;
        case GroupType::smt_balance:
            if (group.idle_cores == 0 && busiest.idle_cores == 0) return !busiest.is_one_physical_core;
            return has_less_room(group, busiest);
        case GroupType::fully_busy: return !busiest.is_one_physical_core;
        case GroupType::has_spare: break;
        }
        if (group.is_one_physical_core != busiest.is_one_physical_core)
            return !group.is_one_physical_core || group.tasks > 1;
        return has_less_room(group, busiest);
    }

    [[nodiscard]] static bool has_less_room(const GroupStatistics& one, const GroupStatistics& other) {
        if (one.idle_cores != other.idle_cores) return one.idle_cores < other.idle_cores;
        return one.tasks > other.tasks;
    }

    [[nodiscard]] bool is_balanced() const {
        const GroupStatistics& local = all_.local;
        const GroupStatistics& busiest = all_.busiest;
        if (busiest.type == GroupType::misfit_task || busiest.type == GroupType::imbalanced) return false;
        if (local.type > busiest.type) return true;
        if (local.type == GroupType::overloaded &&
            (local.average_load >= busiest.average_load || local.average_load >= all_.average_load() ||
             100 * busiest.average_load <= domain_.imbalance_percent * local.average_load))
            return true;
        if (domain_.spreads_over_groups && local.type == GroupType::has_spare && more_than_sibling() > 1) return false;
        if (busiest.type == GroupType::overloaded) return false;
        if (!idle()) return true;
        if (busiest.type == GroupType::smt_balance && !local.is_one_physical_core) return false;
        return (busiest.cores > 1 && local.idle_cores <= busiest.idle_cores + 1) || busiest.tasks == 1;
    }

    // How many more tasks the busiest group has, in proportion to physical cores (sibling_imbalance).
    [[nodiscard]] std::int64_t more_than_sibling() const {
        const GroupStatistics& local = all_.local;
        const GroupStatistics& busiest = all_.busiest;
        if (!idle() || busiest.tasks == 0) return 0;
        const std::int64_t here = local.physical_cores;
        const std::int64_t there = busiest.physical_cores;
        if (here == there) return std::max<std::int64_t>(0, busiest.tasks - local.tasks);
        std::int64_t more = std::max<std::int64_t>(0, here * busiest.tasks - there * local.tasks);
        more = (2 * more + here + there) / (here + there);
        return more <= 1 && local.tasks == 0 && busiest.tasks > 1 ? 2 : more;
    }

    // calculate_imbalance.
    [[nodiscard]] Imbalance how_much() {
        GroupStatistics& local = all_.local;
        const GroupStatistics& busiest = all_.busiest;
        Imbalance imbalance;
        switch (busiest.type) {
        case GroupType::misfit_task:
            imbalance.type = MigrationType::misfit;
            imbalance.amount = 1;
            return imbalance;
        case GroupType::smt_balance:
        case GroupType::imbalanced: imbalance.amount = 1; return imbalance;
        default: break;
        }
        if (local.type == GroupType::has_spare) {
            if (busiest.type > GroupType::fully_busy && !domain_.shares_cache) {
                imbalance.type = MigrationType::utilization;
                imbalance.amount = std::max<std::int64_t>(0, local.capacity - local.utilization);
                if (!idle() || imbalance.amount > 0) return imbalance;
                imbalance.type = MigrationType::tasks;
                imbalance.amount = 1;
                return imbalance;
            }
            imbalance.amount = busiest.cores == 1 || domain_.spreads_over_groups
                                   ? more_than_sibling()
                                   : std::max<std::int64_t>(0, local.idle_cores - busiest.idle_cores);
            if (domain_.is_numa)
                imbalance.amount = beyond_numa_allowance(imbalance.amount, local.tasks + 1, domain_.numa_allowance);
            imbalance.amount /= 2;
            return imbalance;
        }
        if (local.type < GroupType::overloaded) {
            local.average_load = local.load * capacity_scale / local.capacity;
            if (local.average_load >= busiest.average_load || local.average_load >= all_.average_load())
                return imbalance;
        }
        imbalance.type = MigrationType::load;
        imbalance.amount = std::min((busiest.average_load - all_.average_load()) * busiest.capacity,
                                    (all_.average_load() - local.average_load) * local.capacity) /
                           capacity_scale;
        return imbalance;
    }

    // Of the busiest group, by what is to be moved.
    [[nodiscard]] CoreId busiest_core(const Imbalance& imbalance) const {
        CoreId busiest = no_core;
        std::int64_t most = 0;
        std::int64_t its_capacity = 1;
        for (const std::uint32_t each : fair_.machine.topology.cores(all_.busiest_cores)) {
            const auto core = static_cast<CoreId>(each);
            const std::uint32_t tasks = fair_.queues[core].tasks;
            if (tasks == 0 || core == to_ || (fair_.left_out[core / 64U] >> (core % 64U) & 1) != 0) continue;
            const std::int64_t capacity = fair_.machine.capacity[core];
            if (domain_.is_asymmetric && !capacity_greater(capacity_here(), capacity) && tasks == 1) continue;
            std::int64_t value = 0;
            std::int64_t divisor = 1;
            switch (imbalance.type) {
            case MigrationType::load:
                value = load_of(fair_, core, now_);
                if (tasks == 1 && value > imbalance.amount) continue;
                divisor = capacity;
                break;
            case MigrationType::utilization:
                if (tasks == 1) continue;
                value = std::max(utilization_of(fair_, core, now_), runnable_of(fair_, core, now_));
                break;
            case MigrationType::tasks: value = tasks; break;
            case MigrationType::misfit: value = misfit_load_of(fair_, core, now_); break;
            }
            if (value * its_capacity <= most * divisor) continue;
            busiest = core;
            most = value;
            its_capacity = divisor;
        }
        return busiest;
    }

    FairState& fair_;
    const FairDomain& domain_;
    CoreId to_;
    Balancing when_;
    Nanoseconds now_;
    DomainStatistics all_;
};

} // namespace

Imbalance find_imbalance(FairState& fair, const FairDomain& domain, CoreId to, Balancing when, Nanoseconds now) {
    return Comparison(fair, domain, to, when, now).find();
}

} // namespace switchyard::sim
