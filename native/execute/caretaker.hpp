// Someone who clears up after a process, whatever that dies of.
#pragma once

#include <functional>
#include <sys/types.h>

namespace switchyard::native {

// A process in a session of its own that sleeps until the calling one is gone, and all it has forked since that did not
// execute another program, or until the end of this object, and then does `clear_up`. Where only the caller is killed,
// or its whole process group, or everybody else, it is done nevertheless; a caretaker that is killed himself does
// nothing.
class Caretaker {
public:
    // Throws SystemError where no process can be started.
    explicit Caretaker(const std::function<void()>& clear_up);
    Caretaker(const Caretaker&) = delete;
    Caretaker& operator=(const Caretaker&) = delete;
    ~Caretaker(); // waits until it is done

private:
    int life_ = -1; // whoever has it open is alive
    pid_t process_ = -1;
};

} // namespace switchyard::native
