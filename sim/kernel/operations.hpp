// The operations of models/scenario/program.hpp, one function each: what it costs and what it does. Each is called with
// the task at the operation, and leaves it there until it is done.
#pragma once

#include "sim/kernel/execution.hpp"

namespace switchyard::sim {

// operations_of_time.cpp
[[nodiscard]] Step compute(const Execution& e);
[[nodiscard]] Step sleep(const Execution& e);
[[nodiscard]] Step yield(const Execution& e);
[[nodiscard]] Step empty_system_call(const Execution& e);
[[nodiscard]] Step repeat(const Execution& e);
[[nodiscard]] Step repeat_end(const Execution& e);

// operations_of_jobs.cpp
[[nodiscard]] Step begin_job(const Execution& e);
[[nodiscard]] Step end_job(const Execution& e);

// operations_of_family.cpp
[[nodiscard]] Step fork(const Execution& e);
[[nodiscard]] Step vfork(const Execution& e);
[[nodiscard]] Step create_sharing(const Execution& e, TaskKind kind, bool copies_registers); // spawn, clone
[[nodiscard]] Step exec(const Execution& e);
[[nodiscard]] Step join(const Execution& e);
[[nodiscard]] Step wait(const Execution& e);
[[nodiscard]] Step end_process(const Execution& e, Ending how); // exit, and whatever else ends a process
[[nodiscard]] Step end_carried(const Execution& e);
[[nodiscard]] Step end_thread(const Execution& e);
[[nodiscard]] Step crash(const Execution& e);

// operations_of_communication.cpp
[[nodiscard]] Step acquire(const Execution& e);
[[nodiscard]] Step release(const Execution& e);

// operations_of_channels.cpp
[[nodiscard]] Step transfer(const Execution& e); // send, receive, for_each
[[nodiscard]] Step close_end(const Execution& e);

// operations_of_locks.cpp
[[nodiscard]] Step lock(const Execution& e, bool shared);
[[nodiscard]] Step try_lock(const Execution& e);
[[nodiscard]] Step unlock(const Execution& e);

// operations_of_synchronisation.cpp
[[nodiscard]] Step await_condition(const Execution& e);
[[nodiscard]] Step notify(const Execution& e, bool all);
[[nodiscard]] Step arrive(const Execution& e);
[[nodiscard]] Step read_variable(const Execution& e);
[[nodiscard]] Step change_variable(const Execution& e); // write, add
[[nodiscard]] Step branch(const Execution& e);
[[nodiscard]] Step jump(const Execution& e);

// operations_of_memory.cpp
[[nodiscard]] Step map_region(const Execution& e);
[[nodiscard]] Step unmap_region(const Execution& e);
[[nodiscard]] Step remap_region(const Execution& e);
[[nodiscard]] Step protect_region(const Execution& e);
[[nodiscard]] Step move_heap_end(const Execution& e); // brk
[[nodiscard]] Step advise_region(const Execution& e);
[[nodiscard]] Step touch_region(const Execution& e);
[[nodiscard]] Step observe(const Execution& e);
[[nodiscard]] Step die(const Execution& e, std::string note); // the process, of what the task did to memory

} // namespace switchyard::sim
