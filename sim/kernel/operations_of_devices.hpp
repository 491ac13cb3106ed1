// The devices of a kernel, and how tasks come to know that one has done what they asked for (WaitStyle):
//
//     blocking    a system call, in which the thread sleeps with everybody it carries
//     polling     a system call to ask, and one after another until it is done: what the last of them is at when it is
//                 done finds it so, all before return EAGAIN
//     readiness   a system call to ask, an epoll_ctl, and, told so, a system call to fetch the result. A coroutine or
//                 fiber is suspended meanwhile; a thread sleeps in epoll_wait
//     completion  io_uring_enter; the result is found in the ring. A thread sleeps in that same call
//
// Polling and fetching read a descriptor of the device's, which takes what reading an eventfd does. What a task is told
// by is the device's interrupt, which costs what a timer's does. Who polls or waits for readiness is refused (EAGAIN)
// while the device has no room, and asks again; who blocks, or uses a ring, leaves it to the kernel.
#pragma once

#include "sim/io/device_state.hpp"
#include "sim/kernel/kernel.hpp"

#include <memory>
#include <vector>

namespace switchyard::sim {

struct Devices {
    struct InService {
        TaskId task = no_task;
        std::uint32_t device = 0;
    };
    std::vector<DeviceState> states;                // as Scenario::devices
    std::vector<InService> in_service;              // by the subject of the event that ends it
    std::vector<std::uint32_t> unused;              // places there
    std::vector<std::vector<TaskId>> want_to_retry; // by device: who was refused, in order of arrival
};

// Nothing where the scenario has none.
[[nodiscard]] std::shared_ptr<Devices> create_devices(const Scenario& scenario);

// The service of the operation at that place is over: the next one begins, who asked for it is told.
void end_device_operation(Kernel& kernel, std::uint32_t place);

// A task that may wait for a device is taken away. The device goes on with what it was asked for.
void forget_refused(Kernel& kernel, TaskId task);

} // namespace switchyard::sim
