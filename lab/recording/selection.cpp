#include "lab/recording/selection.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <string_view>

namespace switchyard::lab {

namespace {

std::optional<std::int32_t> number_in(std::string_view text) {
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// Parents are numbered before their children.
void add_descendants(const NumberedRecording& recording, Selection& selection) {
    for (ThreadId id = 1; id < recording.threads.size(); ++id)
        if (const ThreadId parent = recording.threads[id].parent; parent != no_thread && selection.is_part[parent])
            selection.is_part[id] = true;
}

bool is_recorder(const RecordedThread& thread) {
    return thread.name == "perf" || thread.name == "switchyard" || thread.name == "trace-cmd";
}

// Who was started to be recorded: perf's child is called perf-exec until it executes the command.
ThreadId recorded_command(const NumberedRecording& recording) {
    const auto note = recording.notes.find("command_process");
    const auto process = note == recording.notes.end() ? std::nullopt : number_in(note->second);
    for (ThreadId id = 1; id < recording.threads.size(); ++id) {
        const RecordedThread& thread = recording.threads[id];
        if (process ? thread.kernel_id == *process : thread.first_name == "perf-exec") return id;
    }
    return no_thread;
}

void select_only(const NumberedRecording& recording, const std::vector<std::string>& wanted, Selection& selection) {
    for (const std::string& each : wanted) {
        const auto number = number_in(each);
        bool found = false;
        for (ThreadId id = 1; id < recording.threads.size(); ++id) {
            const RecordedThread& thread = recording.threads[id];
            if (thread.name != each && !(number && (thread.kernel_id == *number || thread.process == *number)))
                continue;
            selection.is_part[id] = found = true;
        }
        if (found) continue;
        std::vector<std::string_view> names;
        for (const RecordedThread& thread : recording.threads) names.emplace_back(thread.name);
        throw InputError(fmt::format("nobody in it is '{}'{}", each, suggestion(each, names)), {recording.file, 0, 0});
    }
    selection.why = fmt::format("only {}", fmt::join(wanted, ", "));
}

} // namespace

Selection select_threads(const NumberedRecording& recording, const Survey& survey, const SelectionOptions& options) {
    constexpr std::int64_t least_share = 100; // a hundredth of a processor
    Selection selection;
    selection.is_part.assign(recording.threads.size(), false);
    if (!options.only.empty()) {
        select_only(recording, options.only, selection);
    } else if (options.all) {
        selection.is_part.assign(recording.threads.size(), true);
        selection.is_part[idle_thread] = false;
        selection.why = "everybody";
    } else if (const ThreadId command = recorded_command(recording); command != no_thread) {
        selection.is_part[command] = true;
        add_descendants(recording, selection);
        selection.why = "the recorded command and what it started";
    } else {
        for (ThreadId id = 1; id < recording.threads.size(); ++id) {
            const RecordedThread& thread = recording.threads[id];
            selection.is_part[id] = !thread.is_kernel && !is_recorder(thread) &&
                                    survey.threads[id].cpu * least_share >= survey.end - survey.begin;
        }
        add_descendants(recording, selection);
        selection.why = "users' threads with at least 1 % of a processor, and what they started";
    }
    if (std::ranges::none_of(selection.is_part, [](bool is_part) { return is_part; }))
        throw InputError("no thread in it had as much as 1 % of a processor: say whom you mean by '--only NAME'",
                         {recording.file, 0, 0});
    return selection;
}

} // namespace switchyard::lab
