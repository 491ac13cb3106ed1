#include "lab/recording/survey.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace switchyard::lab {

namespace {

// --- Ticks --------------------------------------------------------------------------------------------------------

// Instants at which ticks are seen to act.
struct TickMarks : Visitor {
    explicit TickMarks(const NumberedRecording& all) : recording(all), since(all.threads.size()) {}

    void begins(ThreadId thread, std::uint16_t, std::int64_t at) { since[thread] = at; }
    void leaves(ThreadId thread, std::uint16_t, std::int64_t at, Leave why, ThreadId) {
        constexpr std::int64_t long_run = 900'000; // shorter ones end by yields and wake-ups
        if (why == Leave::preempted && at - since[thread] >= long_run) marks.push_back(at);
    }
    void wakes(const Wake& wake) {
        // Jiffies' timers wake the kernel's housekeepers.
        if (recording.threads[wake.thread].is_kernel && wake.waker != no_thread) marks.push_back(wake.at);
    }

    const NumberedRecording& recording;
    std::vector<std::int64_t> since;
    std::vector<std::int64_t> marks;
};

struct Concentration {
    double share = 0; // of all marks, beyond what chance brings
    std::int64_t phase = 0;
};

// How many of them come within a fifth of a millisecond of one phase.
Concentration concentration(const std::vector<std::int64_t>& marks, std::int64_t period) {
    const std::int64_t width = std::min<std::int64_t>(200'000, period / 4);
    std::vector<std::int64_t> phases;
    phases.reserve(marks.size() * 2);
    for (const std::int64_t mark : marks) phases.push_back(mark % period);
    std::ranges::sort(phases);
    const std::size_t count = phases.size();
    for (std::size_t i = 0; i < count; ++i) phases.push_back(phases[i] + period);
    std::size_t best = 0, first = 0, begin = 0;
    for (std::size_t last = 0; last < phases.size(); ++last) {
        while (phases[last] - phases[first] > width) ++first;
        if (last - first + 1 > best && first < count) {
            best = last - first + 1;
            begin = first;
        }
    }
    const double by_chance = static_cast<double>(width) / static_cast<double>(period);
    const double share = count == 0 ? 0 : static_cast<double>(std::min(best, count)) / static_cast<double>(count);
    // What a tick does comes after it: its own time is that of the early ones.
    return {(share - by_chance) / (1 - by_chance), phases.empty() ? 0 : phases[begin + best / 10] % period};
}

std::pair<std::uint32_t, TickGrid> infer_ticks(const std::vector<std::int64_t>& marks, std::uint32_t known) {
    constexpr std::array<std::uint32_t, 4> frequencies{100, 250, 300, 1000}; // CONFIG_HZ, coarsest first
    constexpr std::size_t fewest = 8;
    constexpr double clear = 0.3;
    const auto grid = [&](std::uint32_t hz) {
        const std::int64_t period = 1'000'000'000 / hz;
        return TickGrid{period, marks.size() < 2 ? 0 : concentration(marks, period).phase};
    };
    if (known > 0) return {known, grid(known)};
    if (marks.size() < fewest) return {0, {}};
    double most = 0;
    for (const std::uint32_t hz : frequencies) most = std::max(most, concentration(marks, 1'000'000'000 / hz).share);
    if (most < clear) return {0, {}};
    for (const std::uint32_t hz : frequencies)
        if (concentration(marks, 1'000'000'000 / hz).share >= 0.6 * most) return {hz, grid(hz)};
    return {0, {}};
}

// --- Yields -------------------------------------------------------------------------------------------------------

struct YieldCounts : Visitor {
    explicit YieldCounts(std::size_t threads) : yielded(threads), preempted(threads) {}
    void leaves(ThreadId thread, std::uint16_t, std::int64_t, Leave why, ThreadId) {
        if (why == Leave::yielded) ++yielded[thread];
        if (why == Leave::preempted) ++preempted[thread];
    }
    std::vector<std::uint64_t> yielded, preempted;
};

// --- Threads, and who wakes them ----------------------------------------------------------------------------------

struct WakerCount {
    ThreadId waker = no_thread;
    std::uint64_t here = 0;      // on the processor the sleeper had left
    std::uint64_t elsewhere = 0; // on another one
};

struct Threads : Visitor {
    Threads(const NumberedRecording& all, Survey& survey)
        : recording(all),
          result(survey),
          wakers(all.threads.size()),
          waiting(all.threads.size()),
          running(all.threads.size()),
          idle_since(all.cpus, all.events.front().nanoseconds),
          is_idle(all.cpus, false),
          last_cpu(all.threads.size(), 0),
          moved_by_stopper(all.threads.size(), false) {}

    struct Waiting {
        bool waits = false;
        bool on_idle = false;
        std::int64_t since = 0;
        Wake wake;
        bool has_woken = false;
    };

    void see(ThreadId id, std::int64_t at) {
        ThreadSurvey& thread = result.threads[id];
        if (thread.first == 0) thread.first = at;
        thread.last = at;
    }

    void begins(ThreadId id, std::uint16_t cpu, std::int64_t at) {
        see(id, at);
        running[id] = at;
        is_idle[cpu] = false;
        ThreadSurvey& thread = result.threads[id];
        Waiting& wait = waiting[id];
        if (moved_by_stopper[id] && cpu != last_cpu[id]) {
            thread.was_moved = true;
            thread.since_moved.clear();
        }
        moved_by_stopper[id] = false;
        if (std::ranges::find(thread.since_moved, cpu) == thread.since_moved.end()) thread.since_moved.push_back(cpu);
        last_cpu[id] = cpu;
        constexpr std::int64_t long_wait = 1'000'000;
        if (wait.waits && at - wait.since > long_wait)
            for (std::uint16_t other = 0; other < is_idle.size(); ++other)
                if (other != cpu && is_idle[other] && idle_since[other] <= wait.since) {
                    thread.beside_idle += at - wait.since;
                    break;
                }
        if (wait.has_woken && !wait.wake.is_new && wait.wake.has_slept)
            latencies.push_back({wait.wake, cpu, at - wait.wake.at, wait.on_idle});
        wait = {};
    }

    void leaves(ThreadId id, std::uint16_t cpu, std::int64_t at, Leave why, ThreadId next) {
        see(id, at);
        ThreadSurvey& thread = result.threads[id];
        const std::int64_t ran = at - running[id];
        thread.cpu += ran;
        auto on = std::ranges::find(thread.cpu_on, cpu, &std::pair<std::uint16_t, std::int64_t>::first);
        if (on == thread.cpu_on.end()) on = thread.cpu_on.insert(on, {cpu, 0});
        on->second += ran;
        if (why == Leave::preempted) ++thread.preempted;
        if (why == Leave::yielded) ++thread.yields;
        if (why == Leave::blocked || why == Leave::ended) ++thread.voluntary;
        if (why == Leave::preempted || why == Leave::yielded) {
            waiting[id].waits = true;
            waiting[id].since = at;
        }
        if (next == idle_thread) {
            is_idle[cpu] = true;
            idle_since[cpu] = at;
        }
    }

    void placed(ThreadId id, std::uint16_t cpu, bool idle, std::int64_t) {
        Waiting& wait = waiting[id];
        wait.on_idle = idle;
        if (!wait.has_woken || !wait.wake.has_slept) return;
        ++result.threads[id].wakes;
        if (idle) return;
        for (std::uint16_t other = 0; other < is_idle.size(); ++other)
            if (other != cpu && is_idle[other]) {
                ++result.threads[id].crowded_wakes;
                break;
            }
    }

    void wakes(const Wake& wake) {
        see(wake.thread, wake.at);
        Waiting& wait = waiting[wake.thread];
        wait.waits = true;
        wait.since = wake.at;
        wait.wake = wake;
        wait.has_woken = true;
        if (wake.waker == no_thread || !wake.has_slept) return;
        if (recording.threads[wake.waker].name.starts_with("migration/")) moved_by_stopper[wake.thread] = true;
        auto& list = wakers[wake.thread];
        auto found = std::ranges::find(list, wake.waker, &WakerCount::waker);
        if (found == list.end()) found = list.insert(list.end(), {.waker = wake.waker});
        ++(wake.waker_cpu == wake.slept_on ? found->here : found->elsewhere);
    }

    struct Latency {
        Wake wake;
        std::uint16_t cpu;
        std::int64_t length;
        bool on_idle;
    };

    const NumberedRecording& recording;
    Survey& result;
    std::vector<std::vector<WakerCount>> wakers; // of each thread
    std::vector<Waiting> waiting;
    std::vector<std::int64_t> running;
    std::vector<std::int64_t> idle_since;
    std::vector<bool> is_idle;
    std::vector<std::uint16_t> last_cpu;
    std::vector<bool> moved_by_stopper;
    std::vector<Latency> latencies;
};

// Which of those on whose processor it was woken only happened to run there.
void find_interrupted(const Threads& seen, Survey& survey) {
    constexpr std::uint64_t few = 4;
    const double length = static_cast<double>(std::max<std::int64_t>(survey.end - survey.begin, 1));
    for (ThreadId woken = 1; woken < seen.wakers.size(); ++woken) {
        std::uint64_t all = 0, by_interrupts = 0;
        const auto computes_only = [&](const WakerCount& count) {
            return count.elsewhere == 0 && count.here >= few && survey.threads[count.waker].voluntary * 4 < count.here;
        };
        for (const WakerCount& count : seen.wakers[woken]) {
            all += count.here + count.elsewhere;
            if (count.waker == idle_thread || computes_only(count)) by_interrupts += count.here + count.elsewhere;
        }
        for (const WakerCount& count : seen.wakers[woken]) {
            if (count.waker == idle_thread || count.elsewhere > count.here) continue;
            const double share = static_cast<double>(survey.threads[count.waker].cpu) / length;
            const double expected = 2 * share * static_cast<double>(all) + 2;
            const bool as_expected = by_interrupts >= count.here && static_cast<double>(count.here) <= expected;
            if (computes_only(count) || as_expected) survey.interrupted.insert(Survey::pair_of(woken, count.waker));
        }
    }
}

std::optional<std::int64_t> median(std::vector<std::int64_t> values) {
    if (values.empty()) return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

} // namespace

bool Survey::is_by_waker(const Wake& wake) const {
    if (wake.waker == idle_thread || wake.waker == no_thread || wake.waker == wake.thread) return false;
    if (wake.by_exit || wake.waker_cpu != wake.slept_on)
        return wake.context != formats::SchedulingEvent::Context::interrupt;
    if (wake.context != formats::SchedulingEvent::Context::unknown)
        return wake.context == formats::SchedulingEvent::Context::task;
    return !interrupted.contains(pair_of(wake.thread, wake.waker));
}

Survey survey(const NumberedRecording& recording, std::uint32_t hz) {
    Survey result;
    result.begin = recording.events.front().nanoseconds;
    result.end = recording.events.back().nanoseconds;
    result.threads.resize(recording.threads.size());
    TickMarks marks(recording);
    Walk(recording, result.rule, marks).run();
    std::tie(result.hz, result.ticks) = infer_ticks(marks.marks, hz);
    result.rule.ticks = result.ticks;
    result.rule.known = true;
    YieldCounts counts(recording.threads.size());
    Walk(recording, result.rule, counts).run();
    constexpr std::uint64_t few_yields = 4; // of switches that have no other reason some are left over
    result.rule.yields_often.resize(recording.threads.size());
    for (ThreadId id = 0; id < recording.threads.size(); ++id)
        result.rule.yields_often[id] =
            counts.yielded[id] >= few_yields && counts.yielded[id] * 4 > counts.preempted[id];
    Threads threads(recording, result);
    Walk(recording, result.rule, threads).run();
    find_interrupted(threads, result);
    // Where no processor was ever idle, who took one from another at once has waited for the interrupt alone.
    constexpr std::int64_t at_once = 50'000;
    std::vector<std::int64_t> from_other, from_timer, interrupting;
    for (const Threads::Latency& latency : threads.latencies) {
        if (recording.threads[latency.wake.thread].is_kernel) continue;
        const bool by_other = result.is_by_waker(latency.wake) && latency.wake.waker_cpu != latency.cpu;
        if (by_other && !latency.on_idle && latency.length < at_once) interrupting.push_back(latency.length);
        if (!latency.on_idle) continue;
        if (by_other)
            from_other.push_back(latency.length);
        else if (!result.is_by_waker(latency.wake))
            from_timer.push_back(latency.length);
    }
    result.latency_from_other = median(std::move(from_other.empty() ? interrupting : from_other));
    result.latency_from_timer = median(std::move(from_timer));
    return result;
}

} // namespace switchyard::lab
