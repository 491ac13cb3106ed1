// What a machine has that a run could leave behind or leave changed.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <sys/types.h>

// One line for each thing: System V's and POSIX queues and shared memory, control groups and tracefs instances of this
// program's, FIFOs and records with its name, mounts, and settings with their values (/proc/sys, huge pages, tracing).
std::set<std::string> state_of_machine();

// Of `now`, what is not in `before`, one line each. (What is gone belonged to somebody else; a setting that was changed
// is there with its new value.)
std::string additions(const std::set<std::string>& before, const std::set<std::string>& now);

// Processes that descend from the calling one.
std::set<pid_t> descendants();

// As /proc shows it, for people.
std::string command_line(pid_t process);

// Waits until the condition is true, up to 20 seconds; whether it became so.
bool soon(const std::function<bool()>& condition);
