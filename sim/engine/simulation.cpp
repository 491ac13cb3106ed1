#include "sim/engine/simulation.hpp"

#include <stdexcept>

namespace switchyard::sim {

void Waiter::notify() const {
    if (wait_ != nullptr) {
        wait_->notify(index_);
    } else {
        process_->wake_at(process_->now());
    }
}

bool SimulatedProcess::done() const { return simulation_ == nullptr || !simulation_->pending_.holds(handle_); }

bool SimulatedProcess::cancel() {
    if (done()) return false;
    if (simulation_->running_ == handle_.slot) throw std::logic_error("a process cannot cancel itself: let it return");
    simulation_->end(handle_.slot);
    return true;
}

WaitList* SimulatedProcess::waiters() const {
    return done() ? nullptr : &simulation_->pending_.content(handle_.slot).promise().waiters_;
}

SimulatedProcess ProcessPromise::get_return_object() {
    return simulation_.start(std::coroutine_handle<ProcessPromise>::from_promise(*this));
}

void ProcessPromise::unhandled_exception() noexcept { simulation_.failure_ = std::current_exception(); }

Simulation::~Simulation() {
    // Local variables of processes may do anything as they go, even start processes.
    while (processes_ > 0) {
        for (EventSlot slot = 0; slot < pending_.slots(); ++slot) {
            if (pending_.content(slot)) end(slot);
        }
    }
}

// Its first instant is now. If this throws, the coroutine is destroyed and its caller sees the exception.
SimulatedProcess Simulation::start(SimulatedProcess::Coroutine coroutine) {
    const EventSlot slot = pending_.acquire();
    pending_.arm(slot, now());
    pending_.content(slot) = coroutine;
    coroutine.promise().slot_ = slot;
    ++processes_;
    return SimulatedProcess(*this, pending_.handle(slot));
}

void Simulation::end(EventSlot slot) {
    const SimulatedProcess::Coroutine coroutine = std::exchange(pending_.content(slot), nullptr);
    WaitList waiters;
    waiters.swap(coroutine.promise().waiters_);
    pending_.release(slot);
    --processes_;
    coroutine.destroy();
    waiters.notify_all();
}

bool Simulation::step_until(Time limit) {
    const std::optional<EventSlot> slot = pending_.pop(limit);
    if (!slot) return false;
    const SimulatedProcess::Coroutine coroutine = pending_.content(*slot);
    running_ = *slot;
    coroutine.resume();
    running_ = none;
    if (coroutine.done()) [[unlikely]] {
        end(*slot);
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }
    return true;
}

WaitOutcome Simulation::outcome() const {
    if (processes_ == 0) return WaitOutcome::finished;
    return pending_.empty() ? WaitOutcome::deadlocked : WaitOutcome::paused;
}

void Simulation::require_not_running() const {
    if (running_ != none) throw std::logic_error("a process cannot run the simulation it lives in");
}

bool Simulation::step() {
    require_not_running();
    return step_until(never);
}

WaitOutcome Simulation::run() {
    require_not_running();
    while (step_until(never)) {
    }
    return outcome();
}

WaitOutcome Simulation::run_until(Time limit) {
    require_not_running();
    pending_.require_not_past(limit);
    while (step_until(limit)) {
    }
    pending_.advance_to(limit);
    return outcome();
}

std::size_t Simulation::waiting() const {
    const std::size_t resumed = running_ == none || pending_.armed(running_) ? 0 : 1;
    return processes_ - pending_.size() - resumed;
}

} // namespace switchyard::sim
