// Recording the kernel's scheduling events with perf(1): where tracefs is not to be had, perf_event_open(2) may be.
//
// `perf record` is started with the events of kernel_event.hpp off, switched on and off through its control descriptors
// (perf-record(1), --control; Linux 5.10), and `perf script` prints what it recorded. The recording is a file without a
// name, so nothing of it stays behind; perf ends when this program does. Its clock is CLOCK_MONOTONIC, in nanoseconds.
#pragma once

#include "native/capture/captured_text.hpp"

#include <string>
#include <sys/types.h>

namespace switchyard::native {

class PerfRecorder {
public:
    // Begins to record. `unavailable` says why where it cannot.
    explicit PerfRecorder(CapturedEvents events = CapturedEvents::of_switches);
    PerfRecorder(const PerfRecorder&) = delete;
    PerfRecorder& operator=(const PerfRecorder&) = delete;
    ~PerfRecorder();

    [[nodiscard]] const std::string& unavailable() const { return unavailable_; }

    // Ends the recording. Once.
    [[nodiscard]] CapturedText stop();

private:
    // Has perf do what the word says; whether it did.
    bool tell(const char* word);
    // Ends perf, and returns what it had to say.
    std::string end();

    std::string unavailable_;
    int recording_ = -1;
    int control_ = -1;
    int answers_ = -1;
    int complaints_ = -1;
    pid_t perf_ = -1;
};

} // namespace switchyard::native
