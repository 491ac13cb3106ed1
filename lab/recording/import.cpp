#include "lab/recording/import.hpp"

#include "lab/recording/scenario_text.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <string_view>

namespace switchyard::lab {

namespace {

using formats::SchedulingRecording;

void cut_to_window(SchedulingRecording& recording, const ImportOptions& options) {
    if (!options.from && !options.to) return;
    const std::int64_t begin = recording.events.front().nanoseconds;
    const auto at = [&](double seconds) { return begin + static_cast<std::int64_t>(seconds * 1e9); };
    const std::int64_t first = options.from ? at(*options.from) : begin;
    const std::int64_t last = options.to ? at(*options.to) : recording.events.back().nanoseconds;
    std::erase_if(recording.events,
                  [&](const auto& event) { return event.nanoseconds < first || event.nanoseconds > last; });
    if (recording.events.empty())
        throw InputError("there is no event between '--from' and '--to', which count from its beginning, in seconds",
                         {recording.file, 0, 0});
}

std::optional<std::uint32_t> number_noted(const NumberedRecording& recording, const char* key) {
    const auto note = recording.notes.find(key);
    if (note == recording.notes.end()) return std::nullopt;
    std::uint32_t value = 0;
    const std::string& text = note->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && value > 0 ? std::optional(value) : std::nullopt;
}

// "Linux 6.18.44" -> {6, 18}
std::optional<std::pair<int, int>> kernel_noted(const NumberedRecording& recording) {
    const auto note = recording.notes.find("kernel");
    if (note == recording.notes.end()) return std::nullopt;
    const std::string& text = note->second;
    const std::size_t digit = text.find_first_of("0123456789");
    const std::size_t point = text.find('.', digit == std::string::npos ? 0 : digit);
    if (digit == std::string::npos || point == std::string::npos) return std::nullopt;
    int major = 0, minor = 0;
    std::from_chars(text.data() + digit, text.data() + point, major);
    std::from_chars(text.data() + point + 1, text.data() + text.size(), minor);
    return std::pair(major, minor);
}

std::vector<std::pair<std::string, std::string>> scheduler_of(const NumberedRecording& recording) {
    std::vector<std::pair<std::string, std::string>> keys{{"policy", "linux"}};
    if (const auto kernel = kernel_noted(recording)) {
        if (*kernel < std::pair(6, 6)) keys.emplace_back("fair", "cfs");
        if (*kernel >= std::pair(6, 6) && *kernel < std::pair(6, 17)) keys.emplace_back("fair", "eevdf-6.12");
        if (*kernel < std::pair(6, 12)) keys.emplace_back("fair_server", "no");
        if (*kernel >= std::pair(6, 6))
            if (const auto slice = number_noted(recording, "base_slice_ns")) {
                keys.emplace_back("base_slice", time_text(*slice)); // as it is, all processors counted
                keys.emplace_back("tunable_scaling", "none");
            }
    }
    for (const auto& [note, key] : {std::pair("autogroup", "autogroup"), std::pair("hrtick", "hrtick")}) {
        const auto found = recording.notes.find(note);
        if (found != recording.notes.end() && (found->second == "yes" || found->second == "no"))
            keys.emplace_back(key, found->second);
    }
    if (const auto slice = number_noted(recording, "rr_slice_ms"))
        keys.emplace_back("rr_slice", fmt::format("{}ms", *slice));
    return keys;
}

std::string share_text(std::int64_t part, std::int64_t whole) {
    return fmt::format("{:.2f} %",
                       100.0 * static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(whole, 1)));
}

// Who is left out, by name, and how much of a processor they had: the most first.
void remark_on_others(const Import& import, std::vector<std::string>& remarks) {
    std::map<std::string, std::int64_t> cpu;
    std::int64_t all = 0;
    for (ThreadId id = 1; id < import.recording.threads.size(); ++id) {
        if (import.selection.has(id)) continue;
        const std::int64_t had = import.seen.threads[id].cpu;
        cpu[import.recording.threads[id].name] += had;
        all += had;
    }
    if (cpu.empty()) return;
    std::vector<std::pair<std::int64_t, std::string>> most;
    for (const auto& [name, had] : cpu) most.emplace_back(had, name);
    std::ranges::sort(most, std::greater{});
    const std::int64_t length = import.seen.end - import.seen.begin;
    std::string list;
    for (std::size_t i = 0; i < std::min<std::size_t>(most.size(), 6); ++i)
        list += fmt::format("{}{} {}", i == 0 ? "" : ", ", most[i].second, share_text(most[i].first, length));
    if (most.size() > 6) list += fmt::format(" and {} more", most.size() - 6);
    remarks.push_back(fmt::format("left out: {} of one processor in all: {}", share_text(all, length), list));
}

std::string few_of(const std::vector<std::string>& names) {
    constexpr std::size_t few = 8;
    std::string text = fmt::format(
        "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(few, names.size())), ", "));
    if (names.size() > few) text += fmt::format(" and {} more", names.size() - few);
    return text;
}

std::vector<std::string> remarks_on(const Import& import, const MachineOfRecording& machine, std::uint64_t lost) {
    std::vector<std::string> remarks;
    const Behaviours& all = import.behaviours;
    remarks.push_back(fmt::format("from {}: {} of {} threads: {}", import.recording.file, all.threads.size(),
                                  import.recording.threads.size() - 1, import.selection.why));
    remark_on_others(import, remarks);
    std::string sleeps = fmt::format("{} sleeps: {} ended by one of them (semaphores), {} by timers, interrupts and "
                                     "others (as long as they were)",
                                     all.sleeps, all.by_wakers, all.sleeps - all.by_wakers);
    if (all.by_outsiders > 0) sleeps += fmt::format(", {} of these by threads that are left out", all.by_outsiders);
    remarks.push_back(std::move(sleeps));
    if (!machine.hz_is_known)
        remarks.push_back(
            fmt::format("its timer ticks cannot be told: {} Hz assumed, '--hz' says another", machine.hz));
    std::vector<std::string> bound, might;
    for (const Behaviour& each : all.threads) {
        if (!each.cores.empty()) bound.push_back(each.name);
        if (each.seen_on_one && import.recording.cpus > 1) might.push_back(each.name);
    }
    if (!bound.empty()) remarks.push_back("bound to one processor, by what was seen: " + few_of(bound));
    if (!might.empty())
        remarks.push_back("seen on one processor only, and not bound ('--pin seen' does): " + few_of(might));
    if (std::ranges::any_of(all.threads, [](const Behaviour& each) { return each.priority < 0; }))
        remarks.push_back("deadline tasks' reservations are in no event: they have the highest real-time priority");
    if (lost > 0) remarks.push_back(fmt::format("{} events are missing: what happened then is guessed", lost));
    return remarks;
}

MachineOfRecording machine_of(const Import& import) {
    constexpr std::uint32_t usual_hz = 250;
    MachineOfRecording machine;
    machine.cores = import.recording.cpus;
    machine.hz_is_known = import.seen.hz > 0;
    machine.hz = machine.hz_is_known ? import.seen.hz : usual_hz;
    machine.scheduler = scheduler_of(import.recording);
    if (import.seen.latency_from_other)
        machine.costs.emplace_back("wake_up.remote", time_text(*import.seen.latency_from_other));
    if (import.seen.latency_from_timer)
        machine.costs.emplace_back("timer_wake_up.idle", time_text(*import.seen.latency_from_timer));
    return machine;
}

} // namespace

Import import_recording(SchedulingRecording recording, const ImportOptions& options) {
    if (recording.lost > 0 && !options.accepts_losses)
        throw InputError(
            fmt::format("{} events are missing here: record again with larger buffers (perf record -m), or "
                        "accept that with '--accept-losses'",
                        recording.lost),
            {recording.file, static_cast<int>(recording.lost_line), 0});
    const std::uint64_t lost = recording.lost;
    cut_to_window(recording, options);
    Import result;
    result.recording = number_threads(std::move(recording));
    result.seen = survey(result.recording, options.hz.value_or(number_noted(result.recording, "hz").value_or(0)));
    result.selection = select_threads(result.recording, result.seen, options.selection);
    result.behaviours = behaviours_of(result.recording, result.seen, result.selection, options.behaviour);
    const MachineOfRecording machine = machine_of(result);
    result.remarks = remarks_on(result, machine, lost);
    std::string name = options.name;
    if (name.empty()) name = std::filesystem::path(result.recording.file).stem().stem().string();
    result.text = scenario_text(name.empty() ? "recorded" : name, result.behaviours, machine, result.remarks);
    return result;
}

} // namespace switchyard::lab
