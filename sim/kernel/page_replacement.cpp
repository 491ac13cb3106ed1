#include "sim/kernel/page_replacement.hpp"

#include "sim/memory/replacement/registry.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace switchyard::sim {

namespace {

// Policies know pages by what stays the same of them (so that those that remember what they evicted know them again),
// the memory of a machine asks for frames.
class PolicyReplacer final : public memory::Replacer {
public:
    explicit PolicyReplacer(std::unique_ptr<replacement::Policy> policy) : policy_(std::move(policy)) {}

    // The definitions of these policies go by every reference.
    [[nodiscard]] bool wants_every_reference() const override { return true; }
    void insert(memory::FrameNumber frame, memory::PageIdentity page) override {
        if (frame >= page_in_.size()) page_in_.resize(frame + 1);
        page_in_[frame] = page;
        frame_of_[page] = frame;
        policy_->insert(page);
    }
    void referenced(memory::FrameNumber frame) override { policy_->referenced(page_in_[frame]); }
    memory::FrameNumber evict(memory::ReferencedBits&) override {
        if (policy_->size() == 0) return memory::no_frame;
        const auto victim = frame_of_.find(policy_->evict());
        const memory::FrameNumber frame = victim->second;
        frame_of_.erase(victim);
        return frame;
    }
    void remove(memory::FrameNumber frame) override {
        policy_->remove(page_in_[frame]);
        frame_of_.erase(page_in_[frame]);
    }

private:
    std::unique_ptr<replacement::Policy> policy_;
    std::vector<memory::PageIdentity> page_in_;                              // by frame
    std::unordered_map<memory::PageIdentity, memory::FrameNumber> frame_of_; // never gone through in order
};

} // namespace

memory::MakeReplacer replacement_of(const MachineMemory& machine, std::uint64_t seed, bool has_limits) {
    if (machine.replacement.empty()) return {};
    replacement::PolicyChoice choice;
    try {
        choice = replacement::parse_policy(machine.replacement);
        for (const PolicyParameter& parameter : machine.replacement_parameters) {
            const auto& known = choice.description->parameters;
            if (std::ranges::find(known, parameter.name, &replacement::ParameterDescription::name) == known.end())
                throw InputError(fmt::format("replacement policy '{}' has no parameter '{}'", choice.description->name,
                                             parameter.name),
                                 parameter.where);
            choice.parameters.push_back({parameter.name, parameter.text});
        }
        if (choice.description->knows_the_future())
            throw InputError(fmt::format("replacement policy '{}' has to know the future: it is for traces only",
                                         choice.description->name));
        if (!machine.size && !has_limits)
            throw InputError(
                "a replacement policy is for a memory with a size ('memory: 1GiB') or processes with a limit");
        const auto make = [choice, seed](std::uint32_t frames) {
            return std::make_unique<PolicyReplacer>(
                choice.description->make_policy(replacement::Options(frames, 0, choice.parameters, seed)));
        };
        (void)make(64); // what the parameters are worth is checked here
        return make;
    } catch (const InputError& error) {
        throw error.at(machine.replacement_where);
    }
}

} // namespace switchyard::sim
