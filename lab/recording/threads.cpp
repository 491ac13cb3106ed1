#include "lab/recording/threads.hpp"

#include "models/errors.hpp"
#include "models/machine/topology.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace switchyard::lab {

namespace {

using Event = formats::SchedulingEvent;
using Kind = Event::Kind;

bool is_kernel_name(std::string_view name) {
    static constexpr std::array<std::string_view, 22> beginnings{
        "kworker/", "ksoftirqd/",  "migration/", "rcu_",      "kcompactd",  "kswapd",     "kdamond.", "cpuhp/",
        "irq/",     "jbd2/",       "kthreadd",   "watchdogd", "oom_reaper", "khugepaged", "ksmd",     "khungtaskd",
        "kauditd",  "idle_inject", "scsi_",      "kblockd",   "napi/",      "ext4-rsv-"};
    return std::ranges::any_of(beginnings, [&](std::string_view each) { return name.starts_with(each); });
}

class Numbering {
public:
    explicit Numbering(formats::SchedulingRecording recording) : names_(std::move(recording.names)) {
        result_.file = std::move(recording.file);
        result_.events = std::move(recording.events);
        result_.notes = std::move(recording.notes);
        result_.threads.emplace_back();
        result_.threads.front().first_name = result_.threads.front().name = "idle";
        numbers_[0] = idle_thread;
    }

    NumberedRecording number() {
        for (Event& event : result_.events) {
            if (event.cpu >= most_cores || event.target >= most_cores)
                throw InputError(fmt::format("processor {} is one more than a simulated machine may have",
                                             std::max(event.cpu, event.target)),
                                 {result_.file, static_cast<int>(event.line), 0});
            result_.cpus = std::max<std::uint32_t>({result_.cpus, event.cpu + 1u, event.target + 1u});
            number(event);
        }
        for (RecordedThread& thread : result_.threads)
            thread.is_kernel = thread.is_kernel || is_kernel_name(thread.name) || is_kernel_name(thread.first_name);
        return std::move(result_);
    }

private:
    ThreadId thread(std::int32_t kernel_id) {
        const auto [entry, is_new] = numbers_.try_emplace(kernel_id, static_cast<ThreadId>(result_.threads.size()));
        if (is_new) result_.threads.emplace_back().kernel_id = kernel_id;
        return entry->second;
    }

    void named(ThreadId id, formats::NameId name, std::int16_t priority) {
        if (id == idle_thread) return;
        RecordedThread& thread = result_.threads[id];
        thread.priority = priority;
        if (thread.name == names_[name] || name == 0) return;
        thread.name = names_[name];
        if (thread.first_name.empty()) thread.first_name = thread.name;
    }

    void number(Event& event) {
        // Who perf has forgotten is who gives the processor up here, or was given it last.
        if (event.cpu >= current_.size()) current_.resize(event.cpu + std::size_t{1}, 0);
        if (event.actor == formats::unknown_thread)
            event.actor = event.kind == Kind::switches ? event.task : current_[event.cpu];
        current_[event.cpu] = event.kind == Kind::switches ? event.next : event.actor;
        const ThreadId actor = thread(event.actor);
        if (event.process != formats::unknown_process && actor != idle_thread)
            result_.threads[actor].process = event.process;
        const ThreadId task = thread(event.task);
        event.actor = static_cast<std::int32_t>(actor);
        if (event.kind == Kind::switches) {
            const ThreadId next = thread(event.next);
            event.next = static_cast<std::int32_t>(next);
            named(task, event.name, event.priority);
            named(next, event.next_name, event.next_priority);
            if (event.state == 'I' && task != idle_thread) result_.threads[task].is_kernel = true;
        } else if (event.kind == Kind::forks) {
            numbers_.erase(event.next);
            const ThreadId child = thread(event.next);
            event.next = static_cast<std::int32_t>(child);
            named(child, event.next_name, result_.threads[task].priority);
            result_.threads[child].parent = task;
        } else {
            // A name of 15 letters that a waking cuts or decorates says nothing new ("kworker/1:0-mm_").
            if (result_.threads[task].name.empty()) named(task, event.name, event.priority);
            if (task != idle_thread) result_.threads[task].priority = event.priority;
            result_.has_waking = result_.has_waking || event.kind == Kind::waking;
        }
        event.task = static_cast<std::int32_t>(task);
    }

    std::vector<std::string> names_;
    NumberedRecording result_;
    std::unordered_map<std::int32_t, ThreadId> numbers_;
    std::vector<std::int32_t> current_; // by processor: the kernel's number of who has it
};

} // namespace

NumberedRecording number_threads(formats::SchedulingRecording recording) {
    return Numbering(std::move(recording)).number();
}

} // namespace switchyard::lab
