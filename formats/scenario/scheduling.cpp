#include "formats/scenario/scheduling.hpp"

#include "formats/scenario/operations.hpp"
#include "formats/scenario/values.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace switchyard::formats {

namespace {

constexpr std::int64_t most_jobs = 1'000'000'000;

// [50ms, 100ms], or [max, 100ms]: cgroup v2's cpu.max.
void read_bandwidth(const Node& list, Group& group) {
    if (list.children.size() != 2)
        throw InputError("'max' is a list of two: the quota, or 'max', and the period", list.location());
    if (list.children[0].text != "max") group.quota = read_time(list.children[0]);
    group.period = read_time(list.children[1]);
}

Group read_one_group(const Node& node, const std::vector<Group>& before) {
    Group group;
    group.name = node.key;
    if (const Node* parent = node.find("parent")) group.parent = read_group(*parent, before);
    const Node* weight = node.find("weight");
    const Node* shares = node.find("shares");
    if (weight && shares)
        throw InputError("'weight' (cgroup v2) and 'shares' (v1) say the same in two ways: give one",
                         shares->location());
    if (weight) group.shares = shares_of_weight(read_integer(*weight, 1, highest_cpu_weight));
    if (shares) group.shares = read_integer(*shares, least_shares, most_shares);
    const Node* max = node.find("max");
    const Node* quota = node.find("quota");
    if (max && quota)
        throw InputError("'max' (cgroup v2) and 'quota' (v1) say the same in two ways: give one", quota->location());
    if (max) read_bandwidth(*max, group);
    if (quota) group.quota = read_time(*quota);
    if (const Node* period = node.find("period")) group.period = read_time(*period);
    if (const Node* burst = node.find("burst")) group.burst = read_time(*burst);
    placed(node.key_location(), [&] { validate(group); });
    return group;
}

} // namespace

std::uint32_t read_group(const Node& node, const std::vector<Group>& groups) {
    const auto found = std::ranges::find(groups, node.text, &Group::name);
    if (found != groups.end()) return static_cast<std::uint32_t>(found - groups.begin());
    std::vector<std::string_view> names;
    for (const Group& group : groups) names.push_back(group.name);
    throw InputError(fmt::format("no group is called '{}'{}: declare it under 'groups', before its children", node.text,
                                 suggestion(node.text, names)),
                     node.location());
}

std::vector<Group> read_groups(const Node& node) {
    std::vector<Group> groups;
    for (const Node& child : node.children) groups.push_back(read_one_group(child, groups));
    return groups;
}

Scheduling read_scheduling(const Node& node) {
    static constexpr std::int64_t any = std::numeric_limits<std::int32_t>::max();
    Scheduling scheduling;
    if (const Node* policy = node.find("policy")) {
        std::array<std::string_view, linux_policies> words;
        for (std::size_t i = 0; i < words.size(); ++i) words[i] = name_of(static_cast<LinuxPolicy>(i));
        scheduling.policy = static_cast<LinuxPolicy>(read_word(*policy, "policy", words));
    }
    if (const Node* nice = node.find("nice"))
        scheduling.nice = static_cast<std::int32_t>(read_integer(*nice, highest_nice, lowest_nice));
    if (const Node* priority = node.find("priority"))
        scheduling.priority = static_cast<std::int32_t>(read_integer(*priority, -any, any));
    if (const Node* tickets = node.find("tickets")) scheduling.tickets = read_integer(*tickets, 1, any);
    if (const Node* working_set = node.find("working_set")) scheduling.working_set = read_size(*working_set);
    if (const Node* slice = node.find("slice")) scheduling.slice = read_time(*slice);
    if (const Node* slack = node.find("timer_slack")) scheduling.timer_slack = read_time(*slack);
    if (const Node* runtime = node.find("runtime")) scheduling.runtime = read_time(*runtime);
    if (const Node* deadline = node.find("deadline")) scheduling.deadline = read_time(*deadline);
    if (const Node* period = node.find("period")) scheduling.period = read_time(*period);
    placed(node.key_location(), [&] { validate(scheduling); });
    return scheduling;
}

void read_periodic(const Node& node, const Node& body, Scheduling& scheduling, ProgramBuilder& program) {
    static constexpr std::array<std::string_view, 2> misses{"continue", "abort"};
    Distribution period = read_distribution(*node.find("period"), DrawnUnit::time);
    if (period.is_constant()) scheduling.period = Duration{period.value};
    if (const Node* deadline = node.find("deadline")) scheduling.deadline = read_time(*deadline);
    if (const Node* runtime = node.find("runtime")) scheduling.runtime = read_time(*runtime);
    if (const Node* on_miss = node.find("on_miss"))
        scheduling.aborts_on_miss = read_word(*on_miss, "word after 'on_miss'", misses) == 1;
    const std::int64_t jobs = read_integer(*node.find("jobs"), 1, most_jobs);
    program.at(node.key_location());
    program.repeat(jobs, [&](ProgramBuilder& round) {
        round.job(std::move(period), [&](ProgramBuilder& job) { read_operations(body, job); });
    });
}

} // namespace switchyard::formats
