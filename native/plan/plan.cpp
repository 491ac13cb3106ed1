#include "native/plan/plan.hpp"

#include <array>
#include <cstring>
#include <type_traits>

namespace switchyard::native {

namespace {

// Every array of a plan, in the order they are written in; `plans` are walked side by side.
template <class Visit, class... Plans>
void visit_arrays(Visit visit, Plans&... plans) {
    visit(plans.operations...);
    visit(plans.programs...);
    visit(plans.instances...);
    visit(plans.threads...);
    visit(plans.processes...);
    visit(plans.values...);
    visit(plans.semaphores...);
    visit(plans.devices...);
    visit(plans.channels...);
    visit(plans.holdings...);
    visit(plans.request_amounts...);
    visit(plans.locks...);
    visit(plans.conditions...);
    visit(plans.barriers...);
    visit(plans.variables...);
    visit(plans.predicates...);
    visit(plans.awaits...);
    visit(plans.distributions...);
    visit(plans.distribution_values...);
    visit(plans.groups...);
    visit(plans.cores...);
    visit(plans.memory_operations...);
    visit(plans.working_sets...);
    visit(plans.files...);
    visit(plans.pages...);
    visit(plans.cpus...);
}
constexpr std::size_t arrays = 26;

struct ArrayPlace {
    std::uint64_t offset = 0; // from the beginning of the plan
    std::uint64_t count = 0;
};

struct Preamble {
    PlanHeader header;
    std::uint64_t size = 0; // of the whole plan
    std::array<ArrayPlace, arrays> places;
};

constexpr std::size_t alignment = 8;

} // namespace

std::vector<std::byte> encode(const Plan& plan) {
    Preamble preamble;
    preamble.header = plan.header;
    std::size_t offset = sizeof(Preamble);
    std::size_t array = 0;
    visit_arrays(
        [&](const auto& values) {
            using Value = typename std::remove_cvref_t<decltype(values)>::value_type;
            static_assert(std::is_trivially_copyable_v<Value> && alignof(Value) <= alignment);
            preamble.places[array++] = {offset, values.size()};
            offset += (values.size() * sizeof(Value) + alignment - 1) / alignment * alignment;
        },
        plan);
    preamble.size = offset;

    std::vector<std::byte> bytes(offset);
    std::memcpy(bytes.data(), &preamble, sizeof preamble);
    array = 0;
    visit_arrays(
        [&](const auto& values) {
            using Value = typename std::remove_cvref_t<decltype(values)>::value_type;
            const ArrayPlace place = preamble.places[array++];
            if (place.count > 0) std::memcpy(bytes.data() + place.offset, values.data(), place.count * sizeof(Value));
        },
        plan);
    return bytes;
}

PlanView view_plan(std::span<const std::byte> bytes) {
    Preamble preamble;
    if (bytes.size() < sizeof preamble) throw SystemError("the plan of the run is too short to be one");
    std::memcpy(&preamble, bytes.data(), sizeof preamble);
    if (preamble.header.magic != plan_magic) throw SystemError("the plan of the run is none");
    if (preamble.header.version != plan_version)
        throw SystemError("the plan of the run was made by another version: build switchyard and its runner together");
    if (preamble.size > bytes.size()) throw SystemError("the plan of the run is cut off");
    PlanView view;
    view.header = preamble.header;
    std::size_t array = 0;
    visit_arrays(
        [&](auto& span) {
            using Value = typename std::remove_cvref_t<decltype(span)>::element_type;
            const ArrayPlace place = preamble.places[array++];
            if (place.offset % alignment != 0 || place.offset > bytes.size() ||
                place.count > (bytes.size() - place.offset) / sizeof(Value))
                throw SystemError("the plan of the run is damaged");
            span = {reinterpret_cast<const Value*>(bytes.data() + place.offset), place.count};
        },
        view);
    return view;
}

PlanView view_plan(const Plan& plan) {
    PlanView view;
    view.header = plan.header;
    visit_arrays([](auto& span, const auto& values) { span = values; }, view, plan);
    return view;
}

} // namespace switchyard::native
