#include "native/measurement/queue_namespace.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <unistd.h>

namespace switchyard::native {

namespace {

// mq_overview(7), proc_sys_kernel(5): those that a namespace has of its own.
constexpr std::array limits{"kernel/msgmax",        "kernel/msgmnb",     "kernel/msgmni",
                            "fs/mqueue/queues_max", "fs/mqueue/msg_max", "fs/mqueue/msgsize_max"};

std::string path_of(const char* name) { return std::string("/proc/sys/") + name; }

long long limit(const char* name) {
    long long value = 0;
    if (std::FILE* const file = std::fopen(path_of(name).c_str(), "re")) {
        if (std::fscanf(file, "%lld", &value) != 1) value = 0;
        std::fclose(file);
    }
    return value;
}

bool write_whole(const char* path, const char* text) {
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    const std::size_t length = std::strlen(text);
    const bool is_written = write(file, text, length) == static_cast<ssize_t>(length);
    close(file);
    return is_written;
}

// "0 1000 1\n": what is 0 within the namespace is 1000 outside. snprintf(3) is not async-signal-safe.
std::array<char, 32> root_is(unsigned identity) {
    std::array<char, 32> line{'0', ' '};
    std::array<char, 16> digits{};
    std::size_t count = 0;
    do digits[count++] = static_cast<char>('0' + identity % 10);
    while ((identity /= 10) > 0);
    std::size_t end = 2;
    while (count > 0) line[end++] = digits[--count];
    line[end++] = ' ';
    line[end++] = '1';
    line[end] = '\n';
    return line;
}

} // namespace

bool own_user_namespace(unsigned user, unsigned group) {
    // A group may be mapped only by who can no longer leave it.
    return write_whole("/proc/self/uid_map", root_is(user).data()) && write_whole("/proc/self/setgroups", "deny") &&
           write_whole("/proc/self/gid_map", root_is(group).data());
}

void raise_queue_limit(const char* name, long long least) {
    if (limit(name) < least) static_cast<void>(write_whole(path_of(name).c_str(), std::to_string(least).c_str()));
}

bool enter_own_queue_namespace() {
    std::array<long long, limits.size()> before{};
    std::ranges::transform(limits, before.begin(), limit);
    const uid_t user = geteuid();
    const gid_t group = getegid();
    if (unshare(CLONE_NEWIPC) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWIPC) != 0) return false;
        static_cast<void>(own_user_namespace(user, group)); // without, POSIX queues, which are files, have no owner
    }
    for (std::size_t i = 0; i < limits.size(); ++i)
        if (before[i] > 0)
            static_cast<void>(write_whole(path_of(limits[i]).c_str(), std::to_string(before[i]).c_str()));
    return true;
}

} // namespace switchyard::native
