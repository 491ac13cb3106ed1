#include "sim/engine/event_slots.hpp"

#include <stdexcept>

namespace switchyard::sim {

EventSlot EventSlots::append() {
    if (records_.size() == limit) throw std::length_error("more than 16777215 events exist at once");
    // A quarter more rather than double: little lies in reserve, and filling costs a few copies once.
    if (records_.size() == records_.capacity()) records_.reserve(records_.size() + records_.size() / 4 + 32);
    records_.emplace_back();
    return static_cast<EventSlot>(records_.size() - 1);
}

} // namespace switchyard::sim
