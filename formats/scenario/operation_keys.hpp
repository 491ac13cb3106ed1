// The words of scenario files that are about distributions and operations: a part of the tables of keys.cpp, which
// alone includes this.
#pragma once

#include "formats/scenario/communication_keys.hpp"
#include "formats/scenario/memory_keys.hpp"
#include "formats/scenario/synchronisation_keys.hpp"

#include <array>

namespace switchyard::formats::words {

using enum ValueType;

// distributions ------------------------------------------------------------------------------------------------------

inline constexpr std::array uniform_keys{
    KeyDescription{"low", figure, "the least value", true},
    KeyDescription{"high", figure, "the largest value", true},
};
inline constexpr std::array exponential_keys{
    KeyDescription{"mean", figure, "the expected value", true},
};
inline constexpr std::array normal_keys{
    KeyDescription{"mean", figure, "the expected value", true},
    KeyDescription{"deviation", figure, "the standard deviation; draws below 0 become 0", true},
};
inline constexpr std::array lognormal_keys{
    KeyDescription{"median", figure, "half of all values are below it", true},
    KeyDescription{"sigma", figure, "the standard deviation of the logarithm: a plain number", true},
};
inline constexpr std::array pareto_keys{
    KeyDescription{"minimum", figure, "the least value", true},
    KeyDescription{"shape", figure, "how fast the tail falls: a plain number, the mean being infinite up to 1", true},
};
inline constexpr MapDescription uniform_map{.name = "'uniform'", .about = "two bounds", .keys = uniform_keys};
inline constexpr MapDescription exponential_map{.name = "'exponential'", .about = "its mean", .keys = exponential_keys};
inline constexpr MapDescription normal_map{.name = "'normal'", .about = "mean and deviation", .keys = normal_keys};
inline constexpr MapDescription lognormal_map{
    .name = "'lognormal'", .about = "median and sigma", .keys = lognormal_keys};
inline constexpr MapDescription pareto_map{.name = "'pareto'", .about = "minimum and shape", .keys = pareto_keys};
inline constexpr std::array distribution_keys{
    KeyDescription{"uniform", map, "every value between two bounds equally likely", false, &uniform_map},
    KeyDescription{"exponential", map, "the time between independent arrivals", false, &exponential_map},
    KeyDescription{"normal", map, "Gaussian, clipped at 0", false, &normal_map},
    KeyDescription{"lognormal", map, "the logarithm is Gaussian: service times with a long tail", false,
                   &lognormal_map},
    KeyDescription{"pareto", map, "a power-law tail: many small values and a few huge ones", false, &pareto_map},
    KeyDescription{"empirical", figures, "each value of a list equally likely"},
    KeyDescription{"sequence", figures, "the values of a list one after another, and again from the first"},
};

// operations ---------------------------------------------------------------------------------------------------------

inline constexpr std::array compute_keys{
    KeyDescription{"work", drawn_time, "as the time it takes undisturbed at nominal speed, its working set cached",
                   true},
    KeyDescription{"over", text, "the working set: a region or a segment, or a size of its own (256KiB)"},
};
inline constexpr std::array sleep_keys{
    KeyDescription{"for", drawn_time, "how long at least", true},
    KeyDescription{"style", text, "blocking: the whole thread sleeps; asynchronous: only this coroutine or fiber"},
};
inline constexpr std::array fork_keys{
    KeyDescription{"as", name, "what the parent calls the child in 'wait'", true},
    KeyDescription{"child", operations, "what the child does", true},
    KeyDescription{"then", text,
                   "exit: the child ends after its part; continue: it does what the parent goes on to do"},
};
inline constexpr std::array vfork_keys{
    KeyDescription{"as", name, "what the parent calls the child in 'wait'", true},
    KeyDescription{"child", operations, "what the child does while the parent waits for its exec or exit", true},
};
inline constexpr std::array clone_keys{
    KeyDescription{"as", name, "what the parent calls the child", true},
    KeyDescription{"shares", words, "memory: the child is a thread of this process; nothing: a process of its own"},
    KeyDescription{"child", operations, "what the child does", true},
};
inline constexpr std::array spawn_keys{
    KeyDescription{"as", name, "what the spawning task calls the new one in 'join'", true},
    KeyDescription{"kind", text, "thread, coroutine, fiber or process"},
    KeyDescription{"do", operations, "what the new task does", true},
};
inline constexpr std::array repeat_keys{
    KeyDescription{"times", drawn_count, "how often", true},
    KeyDescription{"do", operations, "what is repeated", true},
};
inline constexpr std::array job_keys{
    KeyDescription{"after", drawn_time, "its release, counted from that of the job before", true},
    KeyDescription{"do", operations, "what is to be done by the task's deadline", true},
};
inline constexpr MapDescription compute_map{
    .name = "'compute'", .about = "work over a working set", .keys = compute_keys};
inline constexpr MapDescription sleep_map{.name = "'sleep'", .about = "a sleep", .keys = sleep_keys};
inline constexpr MapDescription fork_map{.name = "'fork'", .about = "a new process", .keys = fork_keys};
inline constexpr MapDescription vfork_map{
    .name = "'vfork'", .about = "a new process in borrowed memory", .keys = vfork_keys};
inline constexpr MapDescription clone_map{.name = "'clone'", .about = "a new process or thread", .keys = clone_keys};
inline constexpr MapDescription spawn_map{.name = "'spawn'", .about = "a new task", .keys = spawn_keys};
inline constexpr MapDescription repeat_map{.name = "'repeat'", .about = "a loop", .keys = repeat_keys};
inline constexpr MapDescription job_map{.name = "'job'", .about = "a job", .keys = job_keys};
inline constexpr std::array operation_keys{
    KeyDescription{"compute", time_or_map, "work, as the time it takes undisturbed at nominal speed", false,
                   &compute_map},
    KeyDescription{"sleep", time_or_map, "wait for the time to pass", false, &sleep_map},
    KeyDescription{"yield", nothing, "let others of equal right run: sched_yield, or the next coroutine of the thread"},
    KeyDescription{"system_call", nothing, "enter and leave the kernel"},
    KeyDescription{"fork", map, "a child process with a copy of everything", false, &fork_map},
    KeyDescription{"vfork", map, "a child process that borrows this one's memory", false, &vfork_map},
    KeyDescription{"clone", map, "a child that shares what is named", false, &clone_map},
    KeyDescription{"exec", operations, "a new program in this process; nothing can follow"},
    KeyDescription{"spawn", map, "a new task beside this one", false, &spawn_map},
    KeyDescription{"join", name, "wait for the end of a spawned task"},
    KeyDescription{"wait", optional_name, "wait for the end of a child process, or of 'any' child, and reap it"},
    KeyDescription{"exit", nothing, "end the whole process"},
    KeyDescription{"crash", nothing, "a fault nobody handles: the whole process dies"},
    KeyDescription{"repeat", map, "do the same again and again", false, &repeat_map},
    KeyDescription{"job", map, "one job of a real-time task", false, &job_map},
    KeyDescription{"acquire", name_or_map, "take one from a semaphore, waiting while it is 0", false, &acquire_map},
    KeyDescription{"release", name, "give one back to a semaphore"},
    KeyDescription{"lock", name_or_map, "take a lock, waiting while it is taken", false, &take_lock_map},
    KeyDescription{"lock_shared", name_or_map, "take a read-write lock as one reader of many", false,
                   &take_lock_shared_map},
    KeyDescription{"try_lock", map, "take a lock if that can be at once", false, &try_lock_map},
    KeyDescription{"unlock", name, "give a lock back"},
    KeyDescription{"await", map, "wait for a condition", false, &await_map},
    KeyDescription{"notify", name, "wake one of those that wait for a condition"},
    KeyDescription{"notify_all", name, "wake all of those that wait for a condition"},
    KeyDescription{"arrive", name, "wait at a barrier until all have arrived"},
    KeyDescription{"read", name, "look at a shared variable"},
    KeyDescription{"write", map, "give a shared variable a value", false, &write_map},
    KeyDescription{"add", name_or_map, "change a shared variable", false, &add_map},
    KeyDescription{"if", map, "do something only where a shared variable says so", false, &if_map},
    KeyDescription{"while", map, "do something as long as a shared variable says so", false, &while_map},
    KeyDescription{"send", name_or_map, "put something into a channel, waiting while it is full", false, &send_map},
    KeyDescription{"receive", name_or_map, "take something out of a channel, waiting while it is empty", false,
                   &receive_map},
    KeyDescription{"for_each", map, "receive again and again, until nobody is left to send", false, &for_each_map},
    KeyDescription{"close", name_or_map, "give up an end of a channel", false, &close_map},
    KeyDescription{"io", name_or_map, "have a device do something", false, &io_map},
    KeyDescription{"begin_request", nothing, "a request arrives: its latency counts from here, or its job's release"},
    KeyDescription{"end_request", nothing, "the request in hand is answered"},
    KeyDescription{"map", map, "a new region of memory", false, &map_map},
    KeyDescription{"unmap", name_or_map, "give a region back", false, &unmap_map},
    KeyDescription{"remap", map, "another size for a region, whose pages it keeps", false, &remap_map},
    KeyDescription{"protect", map, "other permissions for a region", false, &protect_map},
    KeyDescription{"brk", size_or_map, "the heap grows by so much, or shrinks", false, &brk_map},
    KeyDescription{"advise", map, "tell the kernel what a region is for", false, &advise_map},
    KeyDescription{"touch", map, "read or write pages of a region", false, &touch_map},
    KeyDescription{"observe", map, "put into the report what the kernel says of memory", false, &observe_map},
};

} // namespace switchyard::formats::words
