// A recording of a real program becomes a scenario.
#pragma once

#include "lab/recording/behaviour.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::lab {

struct ImportOptions {
    SelectionOptions selection;
    BehaviourOptions behaviour;
    std::optional<double> from, to;  // seconds after the recording's beginning
    std::optional<std::uint32_t> hz; // else as noted, inferred, or 250
    bool accepts_losses = false;     // of events
    std::string name;                // of the scenario; empty: the file's
};

struct Import {
    NumberedRecording recording;
    Survey seen;
    Selection selection;
    Behaviours behaviours;
    std::string text;                 // of the scenario
    std::vector<std::string> remarks; // one line each: who was left out, what was inferred
};

// Throws InputError, with a place where there is one, for events that are missing, a window without events, nobody to
// import.
[[nodiscard]] Import import_recording(formats::SchedulingRecording recording, const ImportOptions& options = {});

} // namespace switchyard::lab
