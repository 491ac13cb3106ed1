#include "native/capture/recording.hpp"

#include "models/errors.hpp"

#include <fmt/format.h>

namespace switchyard::native {

EventSource event_source(std::string_view name) {
    if (name == "auto") return EventSource::best;
    if (name == "tracefs") return EventSource::tracefs;
    if (name == "perf") return EventSource::perf;
    if (name == "counters") return EventSource::counters;
    throw InputError(fmt::format("'{}' is no source of scheduling events: auto, tracefs, perf or counters", name));
}

Recording::Recording(EventSource wanted, CapturedEvents events) {
    const auto note = [this](std::string_view source, const std::string& why) {
        unavailable_ += fmt::format("{}{}: {}", unavailable_.empty() ? "" : "; ", source, why);
    };
    if (wanted == EventSource::counters) unavailable_ = "only counters were asked for";
    if (wanted == EventSource::best || wanted == EventSource::tracefs) {
        tracer_.emplace(events);
        if (tracer_->unavailable().empty()) return;
        note("tracefs", tracer_->unavailable());
        tracer_.reset();
    }
    if (wanted == EventSource::best || wanted == EventSource::perf) {
        perf_.emplace(events);
        if (perf_->unavailable().empty()) return;
        note("perf", perf_->unavailable());
        perf_.reset();
    }
}

EventSource Recording::source() const {
    return tracer_ ? EventSource::tracefs : perf_ ? EventSource::perf : EventSource::counters;
}

CapturedText Recording::stop() {
    if (tracer_) return tracer_->stop();
    if (perf_) return perf_->stop();
    return {{}, 0, unavailable_};
}

} // namespace switchyard::native
