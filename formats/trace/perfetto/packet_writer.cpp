#include "formats/trace/perfetto/packet_writer.hpp"

#include <ostream>

namespace switchyard::formats::perfetto {

namespace {

using protozero::pbf_writer;

constexpr std::int32_t usual_priority = 120; // nice 0
constexpr std::uint32_t our_sequence = 1;
constexpr std::uint32_t incremental_state_cleared = 1;

std::uint64_t nanoseconds(Time at) { return static_cast<std::uint64_t>(at.time_since_epoch().count() / 1000); }

void add_text(pbf_writer& message, Field field, std::string_view text) {
    message.add_string(field, text.data(), text.size());
}

} // namespace

pbf_writer PacketWriter::start() {
    packet_.clear();
    return pbf_writer(packet_);
}

void PacketWriter::finish() {
    pbf_writer packet(packet_);
    packet.add_uint32(packet::trusted_packet_sequence_id, our_sequence);
    if (is_first_) packet.add_uint32(packet::sequence_flags, incremental_state_cleared);
    is_first_ = false;
    pbf_writer(buffer_).add_message(trace::packet, packet_);
    if (buffer_.size() > std::size_t{1} << 16) flush();
}

void PacketWriter::flush() {
    stream_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
}

void PacketWriter::process(std::int32_t number, std::int32_t parent, std::string_view name) {
    {
        pbf_writer packet = start();
        pbf_writer tree(packet, packet::process_tree);
        pbf_writer message(tree, process_tree::processes);
        message.add_int32(process::pid, number);
        message.add_int32(process::ppid, parent);
        add_text(message, process::cmdline, name);
    }
    finish();
}

void PacketWriter::thread(std::int32_t number, std::int32_t process, std::string_view name) {
    {
        pbf_writer packet = start();
        pbf_writer tree(packet, packet::process_tree);
        pbf_writer message(tree, process_tree::threads);
        message.add_int32(thread::tid, number);
        add_text(message, thread::name, name);
        message.add_int32(thread::tgid, process);
    }
    finish();
}

void PacketWriter::track(TrackNumber number, std::string_view name, TrackNumber below) {
    {
        pbf_writer packet = start();
        pbf_writer track(packet, packet::track_descriptor);
        track.add_uint64(track_descriptor::uuid, number);
        add_text(track, track_descriptor::name, name);
        if (below != 0) track.add_uint64(track_descriptor::parent_uuid, below);
    }
    finish();
}

void PacketWriter::track_of_thread(TrackNumber number, std::int32_t process, std::int32_t thread) {
    {
        pbf_writer packet = start();
        pbf_writer track(packet, packet::track_descriptor);
        track.add_uint64(track_descriptor::uuid, number);
        pbf_writer described(track, track_descriptor::thread);
        described.add_int32(thread_descriptor::pid, process);
        described.add_int32(thread_descriptor::tid, thread);
    }
    finish();
}

void PacketWriter::counter_track(TrackNumber number, std::string_view name) {
    {
        pbf_writer packet = start();
        pbf_writer track(packet, packet::track_descriptor);
        track.add_uint64(track_descriptor::uuid, number);
        add_text(track, track_descriptor::name, name);
        pbf_writer counter(track, track_descriptor::counter);
    }
    finish();
}

void PacketWriter::switched(std::uint16_t core, Time at, NamedThread from, std::int64_t state, NamedThread to) {
    {
        pbf_writer packet = start();
        pbf_writer bundle(packet, packet::ftrace_events);
        bundle.add_uint32(ftrace_bundle::cpu, core);
        pbf_writer event(bundle, ftrace_bundle::event);
        event.add_uint64(ftrace_event::timestamp, nanoseconds(at));
        event.add_uint32(ftrace_event::pid, static_cast<std::uint32_t>(from.number));
        pbf_writer message(event, ftrace_event::sched_switch);
        add_text(message, sched_switch::prev_comm, from.name);
        message.add_int32(sched_switch::prev_pid, from.number);
        message.add_int32(sched_switch::prev_prio, usual_priority);
        message.add_int64(sched_switch::prev_state, state);
        add_text(message, sched_switch::next_comm, to.name);
        message.add_int32(sched_switch::next_pid, to.number);
        message.add_int32(sched_switch::next_prio, usual_priority);
    }
    finish();
}

void PacketWriter::woken(std::uint16_t core, Time at, std::int32_t waker, NamedThread woken, std::uint16_t target) {
    {
        pbf_writer packet = start();
        pbf_writer bundle(packet, packet::ftrace_events);
        bundle.add_uint32(ftrace_bundle::cpu, core);
        pbf_writer event(bundle, ftrace_bundle::event);
        event.add_uint64(ftrace_event::timestamp, nanoseconds(at));
        event.add_uint32(ftrace_event::pid, static_cast<std::uint32_t>(waker));
        pbf_writer message(event, ftrace_event::sched_waking);
        add_text(message, sched_waking::comm, woken.name);
        message.add_int32(sched_waking::pid, woken.number);
        message.add_int32(sched_waking::prio, usual_priority);
        message.add_int32(sched_waking::success, 1);
        message.add_int32(sched_waking::target_cpu, target);
    }
    finish();
}

void PacketWriter::track_event(TrackNumber track, Time at, TrackEventType type, std::string_view category,
                               std::string_view name, std::span<const Annotation> annotations, std::optional<Flow> flow,
                               std::int64_t value) {
    {
        pbf_writer packet = start();
        packet.add_uint64(packet::timestamp, nanoseconds(at));
        pbf_writer event(packet, packet::track_event);
        for (const Annotation& annotation : annotations) {
            pbf_writer message(event, track_event::debug_annotations);
            add_text(message, debug_annotation::name, annotation.name);
            message.add_uint64(debug_annotation::uint_value, annotation.value);
        }
        event.add_enum(track_event::type, static_cast<int>(type));
        event.add_uint64(track_event::track_uuid, track);
        if (!category.empty()) add_text(event, track_event::categories, category);
        if (!name.empty()) add_text(event, track_event::name, name);
        if (type == TrackEventType::counter) event.add_int64(track_event::counter_value, value);
        if (flow) event.add_fixed64(flow->ends ? track_event::terminating_flow_ids : track_event::flow_ids, flow->id);
    }
    finish();
}

void PacketWriter::begin(TrackNumber track, Time at, std::string_view category, std::string_view name,
                         std::optional<Flow> flow) {
    track_event(track, at, TrackEventType::slice_begin, category, name, {}, flow, 0);
}

void PacketWriter::end(TrackNumber track, Time at) {
    track_event(track, at, TrackEventType::slice_end, {}, {}, {}, {}, 0);
}

void PacketWriter::mark(TrackNumber track, Time at, std::string_view category, std::string_view name,
                        std::span<const Annotation> annotations, std::optional<Flow> flow) {
    track_event(track, at, TrackEventType::instant, category, name, annotations, flow, 0);
}

void PacketWriter::count(TrackNumber track, Time at, std::int64_t value) {
    track_event(track, at, TrackEventType::counter, {}, {}, {}, {}, value);
}

} // namespace switchyard::formats::perfetto
