#include "lab/recording/scenario_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <span>

namespace switchyard::lab {

namespace {

using Kind = Step::Kind;

// --- What repeats itself ------------------------------------------------------------------------------------------

bool are_alike(const Step& a, const Step& b) { return a.kind == b.kind && a.other == b.other; }

bool may_repeat(const Step& step) { return step.kind != Kind::create && step.kind != Kind::reap; }

struct Repetition {
    std::size_t length = 1; // of the body, in steps
    std::size_t times = 1;
};

// The body from here on that, repeated, covers most.
Repetition repetition_at(std::span<const Step> steps) {
    constexpr std::size_t longest = 16, fewest_times = 3, most_times = 50'000;
    Repetition best;
    for (std::size_t length = 1; length <= longest && length * fewest_times <= steps.size(); ++length) {
        if (!may_repeat(steps[length - 1])) break;
        std::size_t matching = 0;
        while (matching + length < steps.size() && matching < length * (most_times - 1) &&
               are_alike(steps[matching], steps[matching + length]))
            ++matching;
        const std::size_t times = matching / length + 1;
        if (times >= fewest_times && times * length > best.times * best.length) best = {length, times};
    }
    return best;
}

// --- Text ---------------------------------------------------------------------------------------------------------

constexpr std::size_t widest = 118;

class Writer {
public:
    explicit Writer(const Behaviours& behaviours) : behaviours_(behaviours) {}

    std::string text;

    template <class... Arguments>
    void line(std::size_t indent, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        text.append(indent, ' ');
        fmt::format_to(std::back_inserter(text), format, std::forward<Arguments>(arguments)...);
        text += '\n';
    }

    void task(const Behaviour& each) {
        line(2, "{}:", each.name);
        line(4, "kind: {}", each.is_process ? "process" : "thread");
        if (!each.process.empty()) line(4, "process: {}", each.process);
        if (each.start > 0) line(4, "start: {}", time_text(each.start));
        if (!each.cores.empty()) line(4, "cores: [{}]", fmt::join(each.cores, ", "));
        if (each.priority < 100)
            line(4, "scheduling: {{policy: {}, priority: {}}}", each.takes_turns ? "rr" : "fifo",
                 std::clamp(99 - each.priority, 1, 99));
        else if (each.priority != 120)
            line(4, "scheduling: {{nice: {}}}", std::clamp(each.priority - 120, -20, 19));
        line(4, "do:");
        operations(6, each.steps);
    }

private:
    void operations(std::size_t indent, std::span<const Step> steps) {
        if (steps.empty()) line(indent, "- compute: 0ns");
        while (!steps.empty()) {
            const Repetition found = may_repeat(steps.front()) ? repetition_at(steps) : Repetition{};
            if (found.times == 1) {
                operation(indent, steps.first(1), 1);
                steps = steps.subspan(1);
                continue;
            }
            line(indent, "- repeat:");
            line(indent + 4, "times: {}", found.times);
            line(indent + 4, "do:");
            const auto all = steps.first(found.length * found.times);
            for (std::size_t i = 0; i < found.length; ++i) operation(indent + 6, all.subspan(i), found.length);
            steps = steps.subspan(all.size());
        }
    }

    // The first of the steps and each further one so many later.
    void operation(std::size_t indent, std::span<const Step> steps, std::size_t stride) {
        const Step& step = steps.front();
        switch (step.kind) {
        case Kind::compute: return amounts(indent, "compute", steps, stride);
        case Kind::sleep: return amounts(indent, "sleep", steps, stride);
        case Kind::yield: return line(indent, "- yield");
        case Kind::acquire: return line(indent, "- acquire: {}", own_);
        case Kind::release: return line(indent, "- release: {}", name_of(step.other));
        case Kind::reap: return line(indent, "- wait: {}", name_of(step.other));
        case Kind::create: return create(indent, behaviours_.threads[behaviours_.of[step.other]]);
        }
    }

    void amounts(std::size_t indent, std::string_view word, std::span<const Step> steps, std::size_t stride) {
        bool differ = false;
        for (std::size_t i = 0; i < steps.size(); i += stride) differ = differ || steps[i].amount != steps[0].amount;
        if (stride == 1 && steps.size() == 1) differ = false;
        if (!differ) return line(indent, "- {}: {}", word, time_text(steps[0].amount));
        std::string row = fmt::format("{:{}}- {}: {{sequence: [", "", indent, word);
        for (std::size_t i = 0; i < steps.size(); i += stride) {
            const std::string value = time_text(steps[i].amount);
            if (row.size() + value.size() + 3 > widest) {
                row.pop_back();
                text += row + '\n';
                row.assign(indent + 4, ' ');
            }
            row += value;
            row += i + stride < steps.size() ? ", " : "]}";
        }
        text += row + '\n';
    }

    void create(std::size_t indent, const Behaviour& child) {
        const std::string before = own_;
        own_ = child.name;
        if (child.is_process) {
            line(indent, "- fork:");
            line(indent + 4, "as: {}", child.name);
            line(indent + 4, "child:");
        } else {
            line(indent, "- spawn:");
            line(indent + 4, "as: {}", child.name);
            line(indent + 4, "kind: thread");
            line(indent + 4, "do:");
        }
        operations(indent + 6, child.steps);
        own_ = before;
    }

    const std::string& name_of(ThreadId id) const { return behaviours_.threads[behaviours_.of[id]].name; }

    const Behaviours& behaviours_;
    std::string own_; // name of whose program is being written

public:
    void tasks() {
        for (const Behaviour& each : behaviours_.threads) {
            own_ = each.name;
            if (!each.is_inline) task(each);
        }
    }
};

std::string in_braces(const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string text;
    for (const auto& [key, value] : entries) text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, value);
    return '{' + text + '}';
}

} // namespace

std::string time_text(std::int64_t nanoseconds) {
    struct Unit {
        std::int64_t size;
        std::string_view name;
        int digits;
    };
    constexpr std::array<Unit, 3> units{{{1'000'000'000, "s", 9}, {1'000'000, "ms", 6}, {1'000, "us", 3}}};
    for (const Unit& unit : units) {
        if (nanoseconds < unit.size) continue;
        std::string text = fmt::format("{}.{:0{}}", nanoseconds / unit.size, nanoseconds % unit.size, unit.digits);
        while (text.back() == '0') text.pop_back();
        if (text.back() == '.') text.pop_back();
        return text.append(unit.name);
    }
    return fmt::format("{}ns", nanoseconds);
}

std::string scenario_text(const std::string& name, const Behaviours& behaviours, const MachineOfRecording& machine,
                          const CommentLines& comments) {
    Writer writer(behaviours);
    for (const std::string& comment : comments) writer.line(0, "# {}", comment);
    writer.line(0, "name: {}", name);
    writer.line(0, "about: What was recorded, to be run again. Costs are in the work, as it was recorded with them.");
    std::vector<std::pair<std::string, std::string>> keys{{"cores", fmt::to_string(machine.cores)},
                                                          {"profile", "free"}};
    if (machine.hz > 0) keys.emplace_back("hz", fmt::to_string(machine.hz));
    if (!machine.costs.empty()) keys.emplace_back("costs", in_braces(machine.costs));
    writer.line(0, "machine: {}", in_braces(keys));
    writer.line(0, "scheduler: {}", in_braces(machine.scheduler));
    const bool any = std::ranges::any_of(behaviours.threads, &Behaviour::waits_for_wakers);
    if (any) {
        writer.line(0, "semaphores: # each belongs to who waits for it");
        for (const Behaviour& each : behaviours.threads)
            if (each.waits_for_wakers) writer.line(2, "{}: 0", each.name);
    }
    writer.line(0, "tasks:");
    writer.tasks();
    return std::move(writer.text);
}

} // namespace switchyard::lab
