// Events and signals: nothing is in what is sent.
#include "native/runner/transfer_attempt.hpp"

#include <csignal>
#include <ctime>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

// What an eventfd has in it is a count; whose request it is for stands beside it, in the order of arrival.
static MessageSlot* slot_of(const Transfer& transfer, std::atomic<std::uint32_t>& next) {
    if (transfer.planned.slots == 0) return nullptr;
    const std::uint32_t slot = next.fetch_add(1) % transfer.planned.slots;
    return &transfer.run().state.slots[transfer.planned.first_slot + slot];
}

Transferred send_event(const Transfer& transfer) {
    Movement& movement = transfer.task.movement;
    if (movement.left != 0) // not noted yet
        if (MessageSlot* const slot = slot_of(transfer, transfer.state.noted)) slot->request = transfer.task.request;
    movement.left = 0;
    Transferred result = Transferred::all;
    const std::uint64_t one = 1;
    static_cast<void>(attempt(transfer, result, [&] { return write(transfer.state.sending, &one, sizeof one); }));
    return result;
}

Transferred receive_event(const Transfer& transfer) {
    Transferred result = Transferred::all;
    std::uint64_t one = 0;
    if (attempt(transfer, result, [&] { return read(transfer.state.receiving, &one, sizeof one); }) < 0) return result;
    if (const MessageSlot* const slot = slot_of(transfer, transfer.state.taken); slot != nullptr && slot->request != 0)
        transfer.task.request = slot->request;
    return result;
}

static void wait_a_little(const Task& task) {
    const Waiting waiting(task);
    const timespec little{0, 50'000};
    nanosleep(&little, nullptr);
}

// To the one thread that waits for it; whoever has ended has it no more.
Transferred send_signal(const Transfer& transfer) {
    const int number = SIGRTMIN + static_cast<int>(transfer.planned.signal);
    siginfo_t information{};
    information.si_code = SI_QUEUE;
    information.si_pid = getpid();
    information.si_uid = getuid();
    information.si_value.sival_int = static_cast<int>(transfer.task.request);
    for (;;) {
        const std::int32_t thread = transfer.state.receiving_thread.load(std::memory_order_acquire);
        if (thread != 0) {
            const std::int32_t process = transfer.state.receiving_process.load(std::memory_order_relaxed);
            if (syscall(SYS_rt_tgsigqueueinfo, process, thread, number, &information) == 0 || errno == ESRCH)
                return Transferred::all;
            if (errno != EAGAIN) fail(transfer.run(), "queueing a signal", errno);
            transfer.state.refusals.fetch_add(1, std::memory_order_relaxed);
        }
        wait_a_little(transfer.task);
    }
}

void be_receiver(ChannelState& state) {
    state.receiving_process.store(getpid(), std::memory_order_relaxed);
    state.receiving_thread.store(gettid(), std::memory_order_release);
}

Transferred receive_signal(const Transfer& transfer) {
    if (transfer.state.receiving_thread.load(std::memory_order_relaxed) != gettid()) be_receiver(transfer.state);
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGRTMIN + static_cast<int>(transfer.planned.signal));
    siginfo_t information{};
    Transferred result = Transferred::all;
    static_cast<void>(attempt(transfer, result, [&] { return sigwaitinfo(&awaited, &information); }));
    if (information.si_value.sival_int != 0)
        transfer.task.request = static_cast<std::uint32_t>(information.si_value.sival_int);
    return result;
}

} // namespace switchyard::native
