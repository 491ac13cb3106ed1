#include "lab/recording/behaviour.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string_view>

namespace switchyard::lab {

namespace {

// Names of tasks: letters, digits, '.', '_' and '-'. A name of the kernel's may hold anything.
std::string task_name(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        text += is_plain || (c == '-' && !text.empty()) || (c == '.' && !text.empty()) ? c : '_';
    }
    return text.empty() ? "task" : text;
}

class Extraction : public Visitor {
public:
    Extraction(const NumberedRecording& recording, const Survey& survey, const Selection& selection,
               const BehaviourOptions& options)
        : recording_(recording),
          survey_(survey),
          selection_(selection),
          options_(options),
          progress_(recording.threads.size()) {
        result_.of.assign(recording.threads.size(), Behaviours::npos);
        describe();
    }

    void begins(ThreadId id, std::uint16_t, std::int64_t at) {
        if (!selection_.has(id)) return;
        appear(id, at);
        progress_[id].since = at;
        progress_[id].is_running = true;
    }

    void leaves(ThreadId id, std::uint16_t, std::int64_t at, Leave why, ThreadId) {
        if (!selection_.has(id)) return;
        work_until(id, at);
        progress_[id].is_running = false;
        if (why == Leave::yielded) add(id, {.kind = Step::Kind::yield});
        if (why == Leave::yielded) ++result_.yields;
    }

    void wakes(const Wake& wake) {
        const ThreadId id = wake.thread;
        if (!selection_.has(id)) return;
        appear(id, wake.at);
        if (!wake.has_slept) return;
        ++result_.sleeps;
        const bool is_by_thread = survey_.is_by_waker(wake);
        if (!is_by_thread || !selection_.has(wake.waker)) {
            if (is_by_thread) ++result_.by_outsiders;
            add(id, {.kind = Step::Kind::sleep, .amount = wake.at - wake.slept_since});
            return;
        }
        ++result_.by_wakers;
        const RecordedThread& waker = recording_.threads[wake.waker];
        if (wake.by_exit && waker.parent == id && behaviour(wake.waker).is_inline && behaviour(wake.waker).is_process) {
            add(id, {.kind = Step::Kind::reap, .other = wake.waker});
            return;
        }
        if (progress_[wake.waker].is_running) work_until(wake.waker, wake.at);
        add(wake.waker, {.kind = Step::Kind::release, .other = id});
        add(id, {.kind = Step::Kind::acquire});
        behaviour(id).waits_for_wakers = true;
    }

    void creates(ThreadId parent, ThreadId child, std::int64_t at) {
        if (!selection_.has(child)) return;
        appear(child, at);
        if (!selection_.has(parent) || !behaviour(child).is_inline) return;
        work_until(parent, at);
        add(parent, {.kind = Step::Kind::create, .other = child});
    }

    Behaviours finish() {
        const std::int64_t end = recording_.events.back().nanoseconds;
        std::int64_t first = end;
        for (ThreadId id = 1; id < progress_.size(); ++id) {
            if (!selection_.has(id)) continue;
            if (progress_[id].is_running) work_until(id, end);
            if (progress_[id].has_appeared) first = std::min(first, progress_[id].appeared);
        }
        result_.origin = first - survey_.ticks.since_tick(first);
        for (Behaviour& each : result_.threads)
            if (progress_[each.thread].has_appeared) each.start = progress_[each.thread].appeared - result_.origin;
        return std::move(result_);
    }

private:
    struct Progress {
        bool has_appeared = false;
        bool is_running = false;
        std::int64_t appeared = 0;
        std::int64_t since = 0; // its work up to here is in its steps
    };

    Behaviour& behaviour(ThreadId id) { return result_.threads[result_.of[id]]; }

    void appear(ThreadId id, std::int64_t at) {
        Progress& progress = progress_[id];
        if (progress.has_appeared) return;
        progress.has_appeared = true;
        progress.appeared = at;
    }

    void work_until(ThreadId id, std::int64_t at) {
        Progress& progress = progress_[id];
        const std::int64_t amount = progress.is_running ? at - progress.since : 0;
        progress.since = at;
        if (amount <= 0) return;
        std::vector<Step>& steps = behaviour(id).steps;
        if (!steps.empty() && steps.back().kind == Step::Kind::compute)
            steps.back().amount += amount; // it was only preempted in between
        else
            steps.push_back({.kind = Step::Kind::compute, .amount = amount});
    }

    void add(ThreadId id, const Step& step) { behaviour(id).steps.push_back(step); }

    // --- Who they are ---------------------------------------------------------------------------------------------

    std::vector<std::uint16_t> cores_of(ThreadId id) const {
        const ThreadSurvey& seen = survey_.threads[id];
        if (recording_.cpus < 2 || options_.pinning == Pinning::none) return {};
        if (seen.was_moved && seen.since_moved.size() == 1) return seen.since_moved;
        if (seen.cpu_on.size() != 1) return {};
        // Balancing would have taken it where there was room: at the next tick, and at the latest in some.
        constexpr std::int64_t long_beside = 20'000'000;
        // And waking would have chosen it; a few times the processor has only just become idle.
        constexpr std::uint64_t few = 8;
        const bool is_crowded = seen.crowded_wakes >= few && seen.crowded_wakes * 4 >= seen.wakes;
        if (options_.pinning == Pinning::seen || seen.beside_idle >= long_beside || is_crowded)
            return {seen.cpu_on.front().first};
        return {};
    }

    // Slices of SCHED_RR end with an equal taking over: a thread that was preempted by an equal does.
    struct TurnTaking : Visitor {
        explicit TurnTaking(const NumberedRecording& all) : recording(all), takes_turns(all.threads.size(), false) {}
        void leaves(ThreadId id, std::uint16_t, std::int64_t, Leave why, ThreadId next) {
            const std::int16_t priority = recording.threads[id].priority;
            if (why == Leave::preempted && priority < 100 && next != idle_thread &&
                recording.threads[next].priority == priority)
                takes_turns[id] = true;
        }
        const NumberedRecording& recording;
        std::vector<bool> takes_turns;
    };

    void describe() {
        TurnTaking turns(recording_);
        Walk(recording_, survey_.rule, turns).run();
        std::map<std::string, int> names;
        for (ThreadId id = 1; id < recording_.threads.size(); ++id)
            if (selection_.has(id)) ++names[task_name(recording_.threads[id].name)];
        std::set<std::string> taken;
        for (ThreadId id = 1; id < recording_.threads.size(); ++id) {
            if (!selection_.has(id)) continue;
            const RecordedThread& thread = recording_.threads[id];
            result_.of[id] = result_.threads.size();
            Behaviour& each = result_.threads.emplace_back();
            each.thread = id;
            each.name = task_name(thread.name);
            if (names[each.name] > 1) each.name += fmt::format("-{}", thread.kernel_id);
            while (!taken.insert(each.name).second) each.name += "-again";
            each.priority = thread.priority;
            each.takes_turns = turns.takes_turns[id];
            each.cores = cores_of(id);
            each.seen_on_one = each.cores.empty() && survey_.threads[id].cpu_on.size() == 1;
            each.is_process = thread.process == formats::unknown_process || thread.process == thread.kernel_id;
        }
        bind_relatives();
        place_children();
        name_processes();
    }

    // Programs hold their children: not too deep, and only children that are like their parent.
    void place_children() {
        constexpr int deepest = 8;
        std::vector<int> depth(recording_.threads.size(), 0);
        for (Behaviour& each : result_.threads) {
            const ThreadId creator = recording_.threads[each.thread].parent;
            if (creator == no_thread || !selection_.has(creator)) continue;
            const Behaviour& parent = behaviour(creator);
            each.is_inline = depth[creator] < deepest && each.priority == parent.priority &&
                             each.cores == parent.cores && each.takes_turns == parent.takes_turns;
            if (each.is_inline) depth[each.thread] = depth[creator] + 1;
        }
    }

    // Who ran nowhere but on the one processor to which its creator is bound has inherited that; and so has a brother
    // of one that is bound to it, if it ran for long: who always had it never had to wait, and gives nothing away
    // himself.
    void bind_relatives() {
        constexpr std::int64_t long_enough = 20'000'000;
        std::set<std::pair<ThreadId, std::uint16_t>> bound; // parent, processor
        for (const Behaviour& each : result_.threads)
            if (each.cores.size() == 1) bound.emplace(recording_.threads[each.thread].parent, each.cores.front());
        for (Behaviour& each : result_.threads) { // creators come first
            const ThreadSurvey& seen = survey_.threads[each.thread];
            const ThreadId parent = recording_.threads[each.thread].parent;
            if (!each.seen_on_one || parent == no_thread || options_.pinning == Pinning::none) continue;
            const std::vector<std::uint16_t> only{seen.cpu_on.front().first};
            const bool inherits = selection_.has(parent) && behaviour(parent).cores == only;
            if (!inherits && (seen.cpu < long_enough || !bound.contains({parent, only.front()}))) continue;
            each.cores = only;
            each.seen_on_one = false;
        }
    }

    // A process is one task as long as all its threads are created within it; else it needs a name they share.
    void name_processes() {
        std::set<std::int32_t> shared;
        for (const Behaviour& each : result_.threads)
            if (!each.is_process && !each.is_inline) shared.insert(recording_.threads[each.thread].process);
        for (Behaviour& each : result_.threads) {
            const std::int32_t process = recording_.threads[each.thread].process;
            if (each.is_inline && !(each.is_process && shared.contains(process))) continue;
            if (!shared.contains(process) || process == formats::unknown_process) continue;
            each.is_inline = false;
            each.is_process = false;
            each.process = fmt::format("process-{}", process);
        }
    }

    const NumberedRecording& recording_;
    const Survey& survey_;
    const Selection& selection_;
    const BehaviourOptions& options_;
    std::vector<Progress> progress_;
    Behaviours result_;
};

} // namespace

Behaviours behaviours_of(const NumberedRecording& recording, const Survey& survey, const Selection& selection,
                         const BehaviourOptions& options) {
    Extraction extraction(recording, survey, selection, options);
    Walk(recording, survey.rule, extraction).run();
    return extraction.finish();
}

} // namespace switchyard::lab
