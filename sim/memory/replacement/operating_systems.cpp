#include "sim/memory/replacement/generations.hpp"
#include "sim/memory/replacement/linux_lists.hpp"
#include "sim/memory/replacement/make_policy.hpp"
#include "sim/memory/replacement/reference_bits.hpp"
#include "sim/memory/replacement/working_set.hpp"

#include <array>

namespace switchyard::sim::replacement {

static constexpr std::array tick_parameters{
    ParameterDescription{"interval", "the frames", "references from tick to tick"}};
static constexpr std::array window_parameters{
    ParameterDescription{"window", "twice the frames", "references a page stays in the working set after its last"}};

PolicyDescription not_recently_used_description() {
    return with_makers<NotRecentlyUsed>(
        {.name = "nru",
         .about = "a page of the lowest class by (referenced since the last tick, written)",
         .source = "Tanenbaum, Modern Operating Systems",
         .parameters = tick_parameters});
}
PolicyDescription ageing_description() {
    return with_makers<Ageing>({.name = "ageing",
                                .about = "reference bits are shifted into counters at every tick; the least one goes",
                                .source = "Tanenbaum, Modern Operating Systems",
                                .parameters = tick_parameters});
}
PolicyDescription working_set_description() {
    return with_makers<WorkingSet>({.name = "working-set",
                                    .about = "in memory is what was referenced within a window, as far as frames last",
                                    .source = "Denning 1968",
                                    .parameters = window_parameters});
}
PolicyDescription working_set_clock_description() {
    return with_makers<WorkingSetClock>({.name = "wsclock",
                                         .about = "a clock that takes what has left the working set",
                                         .source = "Carr and Hennessy 1981",
                                         .parameters = window_parameters});
}
PolicyDescription linux_lists_description() {
    return with_makers<LinuxLists>({.name = "linux",
                                    .about = "active and inactive lists, with refaults detected",
                                    .source = "Linux 6.12, mm/vmscan.c, mm/workingset.c"});
}
PolicyDescription generations_description() {
    return with_makers<Generations>(
        {.name = "mglru",
         .about = "multi-generational LRU: page tables are walked, the oldest generation goes",
         .source = "Linux 6.12, mm/vmscan.c"});
}

} // namespace switchyard::sim::replacement
