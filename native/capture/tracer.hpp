// Recording the kernel's scheduling events while something runs: tracefs, in an instance of its own.
//
// A helper process makes the instance `switchyard-PID` (Documentation/trace/ftrace.rst), has the events of
// kernel_event.hpp recorded with CLOCK_MONOTONIC as their clock, and removes it when it is told to, when this program
// ends and when it is asked to terminate; where it is killed itself, this program does. Nothing else of the machine's
// tracing is touched. Where tracefs is not mounted, the helper mounts it for itself alone, in a mount namespace of its
// own. It sleeps while the events are recorded.
#pragma once

#include "native/capture/captured_text.hpp"

#include <string>

namespace switchyard::native {

// Removes instances whose helper was killed, where this user may.
void remove_abandoned_instances();

class Tracer {
public:
    // Begins to record. `unavailable` says why where it cannot.
    explicit Tracer(CapturedEvents events = CapturedEvents::of_switches);
    Tracer(const Tracer&) = delete;
    Tracer& operator=(const Tracer&) = delete;
    ~Tracer();

    [[nodiscard]] const std::string& unavailable() const { return unavailable_; }

    // The name of the instance while it is recorded into.
    [[nodiscard]] std::string instance() const;

    // Ends the recording. Once.
    [[nodiscard]] CapturedText stop();

private:
    void let_go();

    std::string unavailable_;
    int control_ = -1; // the helper goes on until it reads from it, or the end
    int answers_ = -1;
    int helper_ = -1; // process id
};

} // namespace switchyard::native
