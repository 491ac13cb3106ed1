// Signals held back for a moment.
#pragma once

#include <csignal>
#include <pthread.h>

namespace switchyard::native {

// No signal is handled by the calling thread until the end of this object; those that come meanwhile are handled then.
//
// A program may request a stop in the handler of a signal. Registering a std::stop_callback takes a lock of the stop
// state's, which the handler would wait for, for ever, on the thread that has it.
class BlockedSignals {
public:
    BlockedSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    [[nodiscard]] const sigset_t& before() const { return before_; }

private:
    sigset_t before_;
};

} // namespace switchyard::native
