#include "native/runner/channels.hpp"

#include "native/plan/left_behind.hpp"
#include "native/runner/queue.hpp"
#include "native/runner/task.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// Two channels have the descriptors of a socket between them.
bool closes_itself(const PlanChannel& planned, std::size_t channel) {
    return planned.peer == no_channel || channel < planned.peer;
}

sigset_t signals_of(const Run& run) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const PlanChannel& channel : run.plan.channels)
        if (channel.kind == ChannelKind::signal) sigaddset(&signals, SIGRTMIN + static_cast<int>(channel.signal));
    return signals;
}

} // namespace

void leave_channels(const Run& run) {
    for (std::size_t channel = 0; channel < run.plan.channels.size(); ++channel) {
        if (!closes_itself(run.plan.channels[channel], channel)) continue;
        const ChannelState& state = run.state.channels[channel];
        if (state.sending >= 0) close(state.sending);
        if (state.receiving >= 0 && state.receiving != state.sending) close(state.receiving);
    }
}

void remove_channels(const Run& run, std::vector<std::string>& notes) {
    remove_system_v_queues(run.state);
    for (const ChannelState& state : run.state.channels)
        if (state.refusals.load() > 0)
            notes.push_back("a signal could not be queued " + std::to_string(state.refusals.load()) +
                            " times: so many were pending (RLIMIT_SIGPENDING), and it was tried again");
}

// --- Of a process ------------------------------------------------------------------------------------------------

void take_ends(const Run& run, const PlanProcess& planned, Process& process) {
    if (run.plan.channels.empty()) return;
    process.ends.resize(run.plan.channels.size());
    for (const PlanHolding& holding : run.plan.holdings.subspan(planned.first_holding, planned.holdings)) {
        if (holding.sends) process.ends.add(holding.channel, HeldEnds::sending);
        if (holding.receives) process.ends.add(holding.channel, HeldEnds::receiving);
    }
    for (std::size_t channel = 0; channel < run.plan.channels.size(); ++channel) {
        if (!closes_itself(run.plan.channels[channel], channel)) continue;
        const ChannelState& state = run.state.channels[channel];
        const bool sends = process.ends.has(channel, HeldEnds::sending);
        const bool receives = process.ends.has(channel, HeldEnds::receiving);
        const bool is_one = state.sending == state.receiving;
        if (state.sending >= 0 && !sends && (!is_one || !receives)) close(state.sending);
        if (state.receiving >= 0 && !is_one && !receives) close(state.receiving);
    }
    const sigset_t signals = signals_of(run);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
}

// Descriptors stay open, and no other file has got their numbers: those a process opens itself are closed by an exec.
void find_ends(const Run& run, Process& process) {
    process.ends.resize(run.plan.channels.size());
    for (std::size_t channel = 0; channel < run.plan.channels.size(); ++channel) {
        const ChannelState& state = run.state.channels[channel];
        const auto is_open = [](int descriptor) { return descriptor < 0 || fcntl(descriptor, F_GETFD) >= 0; };
        if (is_open(state.sending)) process.ends.add(channel, HeldEnds::sending);
        if (is_open(state.receiving)) process.ends.add(channel, HeldEnds::receiving);
    }
}

void ignore_signals(const PlanProcess& planned) {
    signal(SIGPIPE, SIG_IGN);
    if (planned.ignores_children) signal(SIGCHLD, SIG_IGN);
}

void close_end(Task& task, const PlanOperation& operation) {
    const Run& run = *task.thread->run;
    const std::uint32_t channel = operation.object;
    const PlanChannel& planned = run.plan.channels[channel];
    const ChannelState& state = run.state.channels[channel];
    HeldEnds& ends = task.thread->process->ends;
    if (planned.kind == ChannelKind::queue) return close_queue(task, channel);
    const bool sends = operation.end != ChannelEnd::receiving;
    const bool receives = operation.end != ChannelEnd::sending;
    if (planned.peer == no_channel) {
        if (sends && ends.remove(channel, HeldEnds::sending)) close(state.sending);
        if (receives && ends.remove(channel, HeldEnds::receiving)) close(state.receiving);
        return;
    }
    // A socket's descriptor sends into this channel and receives from the other. What is half closed is so for all.
    const bool sent = sends && ends.remove(channel, HeldEnds::sending);
    const bool received = receives && ends.remove(planned.peer, HeldEnds::receiving);
    if (sent && received)
        close(state.sending);
    else if (sent || received)
        shutdown(state.sending, sent ? SHUT_WR : SHUT_RD);
}

// --- The end of the run ------------------------------------------------------------------------------------------

static const Run* remembered = nullptr;

void remember_run(const Run& run) { remembered = &run; }

void end_run_at_once() {
    if (remembered != nullptr) remove_system_v_queues(remembered->state);
    kill(0, SIGKILL);
}

} // namespace switchyard::native
