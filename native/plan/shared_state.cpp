#include "native/plan/shared_state.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace switchyard::native {

namespace {

// Takes one array after another off a piece of memory; with none, it only counts.
class Placement {
public:
    explicit Placement(std::byte* memory) : memory_(memory) {}

    template <class Value>
    std::span<Value> take(std::size_t count) {
        offset_ = (offset_ + alignof(Value) - 1) / alignof(Value) * alignof(Value);
        Value* const first = memory_ == nullptr ? nullptr : std::launder(reinterpret_cast<Value*>(memory_ + offset_));
        offset_ += count * sizeof(Value);
        return {first, memory_ == nullptr ? 0 : count};
    }
    [[nodiscard]] std::size_t offset() const { return offset_; }

private:
    std::byte* memory_;
    std::size_t offset_ = 0;
};

SharedState place(Placement& placement, const PlanView& plan) {
    SharedState state;
    state.header = placement.take<StateHeader>(1).data();
    state.semaphores = placement.take<SemaphoreState>(plan.semaphores.size());
    state.devices = placement.take<DeviceState>(plan.devices.size());
    std::uint64_t instants = 0;
    for (const PlanDevice& device : plan.devices) instants += device.servers + device.asking;
    state.device_instants = placement.take<std::int64_t>(instants);
    state.channels = placement.take<ChannelState>(plan.channels.size());
    const bool has_queues = std::ranges::any_of(
        plan.channels, [](const PlanChannel& channel) { return channel.kind == ChannelKind::queue; });
    state.queues = placement.take<QueueState>(has_queues ? plan.channels.size() : 0);
    std::size_t slots = 0;
    for (const PlanChannel& channel : plan.channels) slots += channel.slots;
    state.slots = placement.take<MessageSlot>(slots);
    state.requests = placement.take<RequestRecord>(plan.header.requests);
    state.locks = placement.take<LockState>(plan.locks.size());
    state.conditions = placement.take<ConditionState>(plan.conditions.size());
    state.barriers = placement.take<BarrierState>(plan.barriers.size());
    state.variables = placement.take<VariableState>(plan.variables.size());
    state.threads = placement.take<ThreadRecord>(plan.threads.size());
    state.tasks = placement.take<TaskRecord>(plan.instances.size() + plan.header.dynamic_tasks);
    state.jobs = placement.take<JobRecord>(plan.header.jobs);
    state.files = placement.take<FileState>(plan.files.size());
    state.observations = placement.take<ObservationState>(plan.header.observations);
    state.walks = placement.take<std::uint64_t>(plan.working_sets.size());
    std::uint64_t samples = 0;
    for (const PlanThread& thread : plan.threads) samples = std::max(samples, thread.first_sample + thread.samples);
    state.samples = placement.take<WorkSample>(samples);
    return state;
}

} // namespace

std::size_t size_of_state(const PlanView& plan) {
    Placement placement(nullptr);
    static_cast<void>(place(placement, plan));
    return placement.offset();
}

SharedState view_state(std::byte* memory, const PlanView& plan) {
    Placement placement(memory);
    return place(placement, plan);
}

std::span<TaskRecord> recorded_tasks(const PlanView& plan, const SharedState& state) {
    const std::size_t used = plan.instances.size() + state.header->children.load();
    return state.tasks.first(std::min(used, state.tasks.size()));
}

void write_text(std::span<char> place, const char* text) {
    const std::size_t length = std::min(std::strlen(text), place.size() - 1);
    std::memcpy(place.data(), text, length);
    place[length] = '\0';
}

} // namespace switchyard::native
