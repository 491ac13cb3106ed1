// Where what the kernel does with a run's tasks is learned from.
#pragma once

#include "native/capture/perf_recorder.hpp"
#include "native/capture/tracer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard::native {

enum class EventSource : std::uint8_t {
    best,     // the first of these that is to be had
    tracefs,  // its events, from an instance of tracefs (tracer.hpp)
    perf,     // its events, from perf record (perf_recorder.hpp)
    counters, // /proc/PID/schedstat and /proc/PID/sched: sums, and no distributions
};

// Throws InputError for another name than auto, tracefs, perf and counters.
[[nodiscard]] EventSource event_source(std::string_view name);

// Records the kernel's scheduling events from its construction on, by the source asked for.
class Recording {
public:
    explicit Recording(EventSource wanted, CapturedEvents events = CapturedEvents::of_switches);

    // Which it is. Counters, where events are not to be had: `unavailable` says why.
    [[nodiscard]] EventSource source() const;
    [[nodiscard]] const std::string& unavailable() const { return unavailable_; }

    // Ends the recording of events. Once.
    [[nodiscard]] CapturedText stop();

private:
    std::optional<Tracer> tracer_;
    std::optional<PerfRecorder> perf_;
    std::string unavailable_;
};

} // namespace switchyard::native
