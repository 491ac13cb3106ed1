// Numbers of the fields of Perfetto's messages that are written, by message.
#pragma once

#include <protozero/types.hpp>

namespace switchyard::formats::perfetto {

using Field = protozero::pbf_tag_type;

namespace trace {
inline constexpr Field packet = 1;
} // namespace trace

namespace packet {
inline constexpr Field ftrace_events = 1;
inline constexpr Field process_tree = 2;
inline constexpr Field timestamp = 8;
inline constexpr Field trusted_packet_sequence_id = 10;
inline constexpr Field track_event = 11;
inline constexpr Field sequence_flags = 13;
inline constexpr Field track_descriptor = 60;
} // namespace packet

namespace ftrace_bundle {
inline constexpr Field cpu = 1;
inline constexpr Field event = 2;
} // namespace ftrace_bundle

namespace ftrace_event {
inline constexpr Field timestamp = 1;
inline constexpr Field pid = 2;
inline constexpr Field sched_switch = 4;
inline constexpr Field sched_waking = 20;
} // namespace ftrace_event

namespace sched_switch {
inline constexpr Field prev_comm = 1;
inline constexpr Field prev_pid = 2;
inline constexpr Field prev_prio = 3;
inline constexpr Field prev_state = 4;
inline constexpr Field next_comm = 5;
inline constexpr Field next_pid = 6;
inline constexpr Field next_prio = 7;
} // namespace sched_switch

namespace sched_waking {
inline constexpr Field comm = 1;
inline constexpr Field pid = 2;
inline constexpr Field prio = 3;
inline constexpr Field success = 4;
inline constexpr Field target_cpu = 5;
} // namespace sched_waking

namespace process_tree {
inline constexpr Field processes = 1;
inline constexpr Field threads = 2;
} // namespace process_tree

namespace process {
inline constexpr Field pid = 1;
inline constexpr Field ppid = 2;
inline constexpr Field cmdline = 3;
} // namespace process

namespace thread {
inline constexpr Field tid = 1;
inline constexpr Field name = 2;
inline constexpr Field tgid = 3;
} // namespace thread

namespace track_descriptor {
inline constexpr Field uuid = 1;
inline constexpr Field name = 2;
inline constexpr Field thread = 4;
inline constexpr Field parent_uuid = 5;
inline constexpr Field counter = 8;
} // namespace track_descriptor

namespace thread_descriptor {
inline constexpr Field pid = 1;
inline constexpr Field tid = 2;
} // namespace thread_descriptor

namespace track_event {
inline constexpr Field debug_annotations = 4;
inline constexpr Field type = 9;
inline constexpr Field track_uuid = 11;
inline constexpr Field categories = 22;
inline constexpr Field name = 23;
inline constexpr Field counter_value = 30;
inline constexpr Field flow_ids = 47;
inline constexpr Field terminating_flow_ids = 48;
} // namespace track_event

namespace debug_annotation {
inline constexpr Field uint_value = 3;
inline constexpr Field name = 10;
} // namespace debug_annotation

enum class TrackEventType : int { slice_begin = 1, slice_end = 2, instant = 3, counter = 4 };

} // namespace switchyard::formats::perfetto
