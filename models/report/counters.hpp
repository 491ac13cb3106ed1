// The counters of a report by name: the one place where the names exist. Metrics, JSON and tables all read it.
#pragma once

#include "models/report/report.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace switchyard {

struct CounterDescription {
    std::string_view name; // as the member is called: the metric, the key in JSON
    std::uint64_t Counters::*member;
};

inline constexpr std::array<CounterDescription, 39> counter_descriptions{{
    {"dispatches", &Counters::dispatches},
    {"context_switches", &Counters::context_switches},
    {"address_space_switches", &Counters::address_space_switches},
    {"coroutine_switches", &Counters::coroutine_switches},
    {"fiber_switches", &Counters::fiber_switches},
    {"voluntary_switches", &Counters::voluntary_switches},
    {"involuntary_switches", &Counters::involuntary_switches},
    {"wake_ups", &Counters::wake_ups},
    {"system_calls", &Counters::system_calls},
    {"ticks", &Counters::ticks},
    {"migrations", &Counters::migrations},
    {"forks", &Counters::forks},
    {"threads_created", &Counters::threads_created},
    {"crashes", &Counters::crashes},
    {"zombies", &Counters::zombies},
    {"orphans", &Counters::orphans},
    {"minor_faults", &Counters::minor_faults},
    {"major_faults", &Counters::major_faults},
    {"tlb_misses", &Counters::tlb_misses},
    {"page_walks", &Counters::page_walks},
    {"tlb_flushes", &Counters::tlb_flushes},
    {"tlb_shootdowns", &Counters::tlb_shootdowns},
    {"pages_swapped_in", &Counters::pages_swapped_in},
    {"pages_swapped_out", &Counters::pages_swapped_out},
    {"pages_written_back", &Counters::pages_written_back},
    {"out_of_memory_kills", &Counters::out_of_memory_kills},
    {"refills", &Counters::refills},
    {"bytes_refilled", &Counters::bytes_refilled},
    {"contentions", &Counters::contentions},
    {"deadlocks", &Counters::deadlocks},
    {"stranded", &Counters::stranded},
    {"messages", &Counters::messages},
    {"bytes_sent", &Counters::bytes_sent},
    {"broken_pipes", &Counters::broken_pipes},
    {"device_operations", &Counters::device_operations},
    {"polls", &Counters::polls},
    {"callbacks", &Counters::callbacks},
    {"data_races", &Counters::data_races},
    {"steals", &Counters::steals},
}};
static_assert(counter_descriptions.size() * sizeof(std::uint64_t) == sizeof(Counters), "a counter without a name");

} // namespace switchyard
