#include "sim/memory/replacement/adaptive.hpp"
#include "sim/memory/replacement/make_policy.hpp"
#include "sim/memory/replacement/reuse_distance.hpp"
#include "sim/memory/replacement/two_queues.hpp"

#include <array>

namespace switchyard::sim::replacement {

PolicyDescription two_queues_description() {
    static constexpr std::array parameters{
        ParameterDescription{"in", "25%", "of the frames: the queue of new pages"},
        ParameterDescription{"out", "50%", "of the frames: how many pages that left it are remembered"}};
    return with_makers<TwoQueues>({.name = "2q",
                                   .about = "a queue of new pages, and by recency those wanted again after it",
                                   .source = "Johnson and Shasha 1994",
                                   .parameters = parameters});
}
PolicyDescription adaptive_description() {
    return with_makers<Adaptive>({.name = "arc",
                                  .about = "recency and frequency share the memory as what has left shows they should",
                                  .source = "Megiddo and Modha 2003"});
}
PolicyDescription low_inter_reference_recency_description() {
    static constexpr std::array parameters{
        ParameterDescription{"hir", "1%", "of the frames, at least one: for pages not shown to be wanted often"}};
    return with_makers<LowInterReferenceRecency>({.name = "lirs",
                                                  .about = "pages whose last two references lie far apart go first",
                                                  .source = "Jiang and Zhang 2002",
                                                  .parameters = parameters});
}

} // namespace switchyard::sim::replacement
