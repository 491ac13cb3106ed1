// A command run under a recording of the kernel's scheduling events: how a real program enters Switchyard.
//
// The command waits until the recording has begun, so that nothing of it is missed. What asks this program to stop is
// passed on to the command; what was recorded until its end is kept. What the machine says of its scheduler is written
// at the head of the text, for who reads it elsewhere ("# switchyard: hz 250").
#pragma once

#include "native/capture/recording.hpp"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::native {

struct RecordedCommand {
    std::string text;       // notes and events; of many megabytes
    std::string source;     // "tracefs", "perf"
    std::string end;        // "ended with status 0", "was killed by SIGINT"
    double seconds = 0;     // that it ran
    std::uint64_t lost = 0; // events for which there was no room
};

// Throws InputError where there is no such command, SystemError where the events are not to be had, with what is
// missing, or cannot be fetched. `waiting` is called some ten times a second, with the seconds since the start.
[[nodiscard]] RecordedCommand record_command(const std::vector<std::string>& command, EventSource source,
                                             std::stop_token stop, const std::function<void(double)>& waiting = {});

} // namespace switchyard::native
