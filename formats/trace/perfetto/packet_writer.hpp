// Perfetto's packets, written one after the other into a stream.
#pragma once

#include "formats/trace/perfetto/fields.hpp"
#include "models/trace/event.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <protozero/pbf_writer.hpp>
#include <span>
#include <string>
#include <string_view>

namespace switchyard::formats::perfetto {

// A track: an arbitrary number of its own, never 0.
using TrackNumber = std::uint64_t;

// "count: 3", beside an event.
struct Annotation {
    std::string_view name;
    std::uint64_t value = 0;
};

// A thread as a scheduling event names it. Nobody is number 0, as Linux's idle task.
struct NamedThread {
    std::string_view name;
    std::int32_t number = 0;
};

// An arrow between two events of tracks: begins here, or ends here.
struct Flow {
    std::uint64_t id = 0;
    bool ends = false;
};

class PacketWriter {
public:
    explicit PacketWriter(std::ostream& stream) : stream_(stream) {}

    // Ids of processes and threads are Linux's: a process's first thread has its number.
    void process(std::int32_t number, std::int32_t parent, std::string_view name);
    void thread(std::int32_t number, std::int32_t process, std::string_view name);

    // A track below another (0: below none); one of a thread is shown beside what the kernel did with it.
    void track(TrackNumber number, std::string_view name, TrackNumber below = 0);
    void track_of_thread(TrackNumber number, std::int32_t process, std::int32_t thread);
    void counter_track(TrackNumber number, std::string_view name);

    void switched(std::uint16_t core, Time at, NamedThread from, std::int64_t state, NamedThread to);
    void woken(std::uint16_t core, Time at, std::int32_t waker, NamedThread woken, std::uint16_t target);

    void begin(TrackNumber track, Time at, std::string_view category, std::string_view name,
               std::optional<Flow> flow = {});
    void end(TrackNumber track, Time at);
    void mark(TrackNumber track, Time at, std::string_view category, std::string_view name,
              std::span<const Annotation> annotations = {}, std::optional<Flow> flow = {});
    void count(TrackNumber track, Time at, std::int64_t value);

    void flush();

private:
    // Starts the packet in `packet_`; `finish` adds it to the trace.
    protozero::pbf_writer start();
    void finish();
    void track_event(TrackNumber track, Time at, TrackEventType type, std::string_view category, std::string_view name,
                     std::span<const Annotation> annotations, std::optional<Flow> flow, std::int64_t value);

    std::ostream& stream_;
    std::string packet_;
    std::string buffer_;
    bool is_first_ = true;
};

} // namespace switchyard::formats::perfetto
