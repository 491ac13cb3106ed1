#include "sim/memory/replacement/recency.hpp"

#include "sim/memory/replacement/make_policy.hpp"

namespace switchyard::sim::replacement {

PolicyDescription fifo_description() {
    return with_makers<Fifo>({.name = "fifo", .about = "the page loaded longest ago goes", .source = "Belady 1966"});
}
PolicyDescription least_recently_used_description() {
    return with_makers<LeastRecentlyUsed>({.name = "lru",
                                           .about = "the page referenced longest ago goes",
                                           .source = "Mattson et al. 1970",
                                           .is_stack_algorithm = true});
}
PolicyDescription most_recently_used_description() {
    return with_makers<MostRecentlyUsed>(
        {.name = "mru", .about = "the page referenced last goes", .source = "Mattson et al. 1970"});
}
PolicyDescription random_description() {
    return with_makers<Random>({.name = "random", .about = "any page goes", .source = "Belady 1966"});
}

} // namespace switchyard::sim::replacement
