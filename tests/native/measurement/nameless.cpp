#include "native/measurement/dead_owner.hpp"
#include "native/measurement/fifo.hpp"
#include "native/measurement/queue_namespace.hpp"
#include "tests/native/leftovers.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <mqueue.h>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace switchyard::native;
namespace fs = std::filesystem;

namespace {

void close_all(const FifoEnds& ends) {
    close(ends.receiving);
    close(ends.sending);
}

bool is_open_fifo(const FifoEnds& ends) {
    struct stat status {};
    char one = 0;
    return fstat(ends.receiving, &status) == 0 && S_ISFIFO(status.st_mode) && write(ends.sending, "x", 1) == 1 &&
           read(ends.receiving, &one, 1) == 1 && one == 'x';
}

// In a child, which may be another user (0: the same).
// The exit status: 3 where there is no way without a name.
int open_fifo_as(uid_t user) {
    const pid_t child = fork();
    if (child == 0) {
        if (user != 0 && (setgid(user) != 0 || setuid(user) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0))
            _exit(2); // as if it had been started by that user
        try {
            _exit(is_open_fifo(open_fifo()) ? 0 : 1);
        } catch (...) {
            _exit(3);
        }
    }
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST_CASE("a FIFO is open at both ends and has no name, for root and for others") {
    const Folder folder;
    setenv("TMPDIR", folder.path.c_str(), 1);
    const FifoEnds ends = open_fifo();
    unsetenv("TMPDIR");
    CHECK(is_open_fifo(ends));
    CHECK((fcntl(ends.receiving, F_GETFL) & O_NONBLOCK) == 0);
    CHECK(fs::is_empty(folder.path));
    close_all(ends);
    for (const uid_t user : {uid_t{0}, uid_t{65534}}) {
        if (user != 0 && geteuid() != 0) continue;
        const int status = open_fifo_as(user);
        if (status == 3) SKIP("this machine lets user " << user << " mount nothing");
        CHECK(status == 0);
    }
}

TEST_CASE("a FIFO that must have a name loses it at once, and what a killed process has left is removed") {
    const Folder folder;
    const fs::path left = folder.path / ("switchyard-fifo-" + std::to_string(dead_process()));
    const fs::path alive = folder.path / ("switchyard-fifo-" + std::to_string(getppid()));
    const fs::path other = folder.path / ("switchyard-fifo-" + std::to_string(dead_process()) + "x");
    for (const fs::path& name : {left, alive, other}) REQUIRE(mkfifo(name.c_str(), 0600) == 0);
    const FifoEnds ends = open_fifo_in(folder.path.c_str());
    CHECK(is_open_fifo(ends));
    CHECK_FALSE(fs::exists(left));
    CHECK(fs::exists(alive));
    CHECK(fs::exists(other));
    CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 2);
    close_all(ends);
}

TEST_CASE("names tell whose they are") {
    CHECK(owner_in("switchyard-12", "switchyard-") == 12);
    CHECK(owner_in("switchyard-12a", "switchyard-") == 0);
    CHECK(owner_in("switchyard-memory-12", "switchyard-") == 0);
    CHECK(owner_in("switchyard-", "switchyard-") == 0);
    CHECK_FALSE(is_of_dead_process("run-" + std::to_string(getpid()), "run-"));
    CHECK(is_of_dead_process("run-" + std::to_string(dead_process()), "run-"));
}

TEST_CASE("queues of both kinds can be made in a namespace of one's own, as root and as anybody") {
    for (const uid_t user : {uid_t{0}, uid_t{65534}}) {
        if (geteuid() != 0 && user != 0) continue;
        CAPTURE(user);
        const pid_t child = fork();
        if (child == 0) {
            if (user != 0 && (setgid(user) != 0 || setuid(user) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0))
                _exit(1); // as if it had been started by that user
            if (!enter_own_queue_namespace()) _exit(77);
            raise_queue_limit("fs/mqueue/msg_max", 20);
            mq_attr wanted{};
            wanted.mq_maxmsg = 20;
            wanted.mq_msgsize = 64;
            _exit(mq_open("/switchyard-test", O_CREAT | O_RDWR, 0600, &wanted) < 0 ? 2 : 0);
        }
        int status = -1;
        waitpid(child, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77) SKIP("no namespaces here");
        CHECK(status == 0);
    }
}
