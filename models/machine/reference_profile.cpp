// The reference machine: a 2-CPU virtual machine on which each primitive was timed as a whole, median over five rounds.
// What a stopwatch saw is taken apart here, step by step, into the marginal laws that `describe(Cost)` defines.
#include "models/machine/profile.hpp"

#include <string>
#include <utility>

namespace switchyard {

namespace {

// As measured, in picoseconds.
constexpr double nanosecond = 1e3;
constexpr double microsecond = 1e6;

constexpr double empty_system_call = 77 * nanosecond;
constexpr double sched_yield_threads = 461 * nanosecond; // there and on: one switch
constexpr double sched_yield_processes = 576 * nanosecond;
constexpr double futex_hop_threads = 833 * nanosecond;   // one wake, one wait, one switch
constexpr double pipe_hop_threads = 909 * nanosecond;    // one write, one read, one switch
constexpr double nanosleep_overshoot = 80 * microsecond; // the middle of 68 to 95, at the usual timer slack of 50 us
constexpr double pthread_create_and_join = 7.2 * microsecond;
constexpr double vfork_exit_wait = 9.9 * microsecond;
constexpr double posix_spawn_wait = 527 * microsecond;
constexpr double fork_call = 25 * microsecond;
constexpr double fork_call_per_page = 20.1 * nanosecond;
constexpr double fork_exit_wait = 78 * microsecond; // of a process with next to no memory
// 3.4 ms at 65,536 pages and 25 ms at 524,288, less 78 us and fork_call_per_page: 31 and 27 ns a page.
constexpr double exit_per_page = 29 * nanosecond;

// Taken apart.
constexpr double switch_context = sched_yield_threads - empty_system_call;
constexpr double switch_address_space = sched_yield_processes - sched_yield_threads;
constexpr double wake_up = futex_hop_threads - 2 * empty_system_call - switch_context;
constexpr double pipe_transfer = pipe_hop_threads - 2 * empty_system_call - switch_context - wake_up;
constexpr double thread_create_and_exit = pthread_create_and_join - 2 * switch_context - wake_up;
constexpr double thread_create = 0.75 * thread_create_and_exit; // the share is an estimate
// The child of vfork is in its parent's address space.
constexpr double vfork = vfork_exit_wait - 2 * switch_context - wake_up - empty_system_call;
constexpr double there_and_back = 2 * (switch_context + switch_address_space);
constexpr double process_exit = fork_exit_wait - fork_call - there_and_back - wake_up;
constexpr double exec = posix_spawn_wait - vfork - process_exit - there_and_back - wake_up - empty_system_call;

constexpr double kibibyte = 1024;

Law measured(Law law, std::string probe, std::string warning = {}) {
    law.origin = {.probe = std::move(probe), .rounds = 5, .warning = std::move(warning)};
    return law;
}

} // namespace

CostProfile reference_profile() {
    CostProfile profile;
    profile.name = "reference";
    profile.origin = {.cpu = "x86-64 virtual machine, 3.6 to 4.2 GHz",
                      .kernel = "Linux 6.18.44",
                      .date = {},
                      .tool = "medians of lmbench-like probes, taken apart by hand",
                      .cpus = 2};
    profile.hz = 250;
    profile.warnings = {"no intervals: the figures are medians from a table, not a calibration of this program"};

    profile[Cost::system_call] = measured(Law::constant_of(empty_system_call), "empty system call");
    profile[Cost::switch_context] = measured(Law::constant_of(switch_context), "sched_yield, threads");
    profile[Cost::switch_address_space] = measured(Law::constant_of(switch_address_space), "sched_yield, processes");
    profile[Cost::switch_coroutine] = measured(Law::constant_of(1.5 * nanosecond), "C++20 resume and suspend");
    profile[Cost::switch_fiber] = measured(Law::constant_of(3.5 * nanosecond), "Boost.Context switch");
    profile[Cost::wake_up] = measured(Law::constant_of(wake_up), "futex hop, threads");
    profile[Cost::pipe_transfer] =
        measured(Law::constant_of(pipe_transfer), "pipe hop, threads", "one byte a message only: nothing per byte");
    profile[Cost::sleep_overshoot] =
        measured(Law::constant_of(nanosleep_overshoot - empty_system_call - switch_context), "nanosleep",
                 "the measured overshoot ranged from 68 to 95 us");
    profile[Cost::thread_create] = measured(Law::constant_of(thread_create), "pthread_create and join",
                                            "its share of creating and ending together is an estimate");
    profile[Cost::thread_exit] =
        measured(Law::constant_of(thread_create_and_exit - thread_create), "pthread_create and join",
                 "its share of creating and ending together is an estimate");
    profile[Cost::fork] = measured(Law::affine(fork_call, {{Quantity::pages, fork_call_per_page}}), "fork");
    profile[Cost::vfork] = measured(Law::constant_of(vfork), "vfork, exit and wait");
    profile[Cost::exec] = measured(Law::constant_of(exec), "posix_spawn and wait");
    profile[Cost::process_exit] =
        measured(Law::affine(process_exit, {{Quantity::pages, exit_per_page}}), "fork, exit and wait");

    profile[Cost::process_kernel] = measured(Law::constant_of((68 + 16) * kibibyte), "memory of forked processes");
    profile[Cost::thread_resident] = measured(Law::constant_of(8.4 * kibibyte), "memory of threads");
    profile[Cost::thread_kernel] = measured(Law::constant_of(16 * kibibyte), "memory of threads");
    profile[Cost::coroutine_resident] = measured(Law::constant_of(48), "memory of coroutines");
    return profile;
}

} // namespace switchyard
