#include "sim/engine/event_buckets.hpp"

namespace switchyard::sim {

std::uint32_t EventBuckets::append() {
    if (chunks_.size() == chunks_.capacity()) {
        chunks_.reserve(chunks_.size() + chunks_.size() / 4 + 32);
        next_.reserve(chunks_.capacity());
    }
    chunks_.emplace_back();
    next_.emplace_back(none);
    return static_cast<std::uint32_t>(chunks_.size() - 1);
}

} // namespace switchyard::sim
