#include "native/execute/caretaker.hpp"

#include "models/errors.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

// Nothing but the one end is kept open: somebody may wait for the end of the others.
[[noreturn]] static void be_caretaker(int life, const std::function<void()>& clear_up) {
    setsid(); // the terminal's interrupt is not for it
    const char ready = 'r';
    static_cast<void>(!write(life, &ready, 1));
    dup2(life, STDIN_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    char nothing = 0;
    while (read(STDIN_FILENO, &nothing, 1) < 0 && errno == EINTR) {
    }
    try {
        clear_up();
    } catch (...) { // what cannot be removed now, the next run tries to
    }
    _exit(0);
}

Caretaker::Caretaker(const std::function<void()>& clear_up) {
    std::array<int, 2> ends;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw SystemError::from_errno("opening a pair of sockets", errno);
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    process_ = fork();
    if (process_ == 0) {
        close(ends[1]);
        be_caretaker(ends[0], clear_up);
    }
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &previous, nullptr);
    close(ends[0]);
    life_ = ends[1];
    char ready = 0; // and out of the caller's process group
    while (process_ > 0 && read(life_, &ready, 1) < 0 && errno == EINTR) {
    }
    if (process_ > 0) return;
    close(life_);
    throw SystemError::from_errno("starting a process", error);
}

Caretaker::~Caretaker() {
    close(life_);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace switchyard::native
