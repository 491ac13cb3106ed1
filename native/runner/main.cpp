// switchyard-runner: one native run. Started by `switchyard` (native/execute), not by people:
//
//     switchyard-runner run PARENT                             a run; PARENT is the process that started it
//     switchyard-runner image RECORD INSTANCE POSITION AMOUNT DRAWS REQUEST
//                                                              itself again, where a task of the run executes exec
//     switchyard-runner probe NAME AMOUNT BUDGET SCALE PARENT  no run but a probe (native/probes/in_runner.hpp)
//
// The plan of a run is file descriptor 3, the shared state 4. Started fresh for every run and small, because the memory
// of a big program would show in every fork and every fault.
#include "models/errors.hpp"
#include "native/probes/in_runner.hpp"
#include "native/runner/channels.hpp"
#include "native/runner/children.hpp"
#include "native/runner/conductor.hpp"
#include "native/runner/process.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace switchyard;
using namespace switchyard::native;

static std::span<std::byte> map_file(int file, int protection, int flags) {
    struct stat status {};
    if (fstat(file, &status) != 0) throw SystemError::from_errno("looking at the run's plan and state", errno);
    const auto size = static_cast<std::size_t>(status.st_size);
    void* const memory = mmap(nullptr, size, protection, flags, file, 0);
    if (memory == MAP_FAILED) throw SystemError::from_errno("mapping the run's plan and state", errno);
    return {static_cast<std::byte*>(memory), size};
}

static Run map_run(int populate) {
    Run run;
    run.plan = view_plan(map_file(plan_file, PROT_READ, MAP_SHARED | populate));
    const std::span<std::byte> state = map_file(state_file, PROT_READ | PROT_WRITE, MAP_SHARED | populate);
    if (state.size() < size_of_state(run.plan)) throw SystemError("the state of the run is cut off");
    run.state = view_state(state.data(), run.plan);
    return run;
}

// When the starter is killed, so is the whole run: it is one process group.
static void die_with_starter(pid_t starter) {
    if (getsid(0) == getpid() || getpgrp() != starter)
        setpgid(0, 0); // somebody else started it: their group is not ours to kill
    signal(SIGTERM, [](int) { end_run_at_once(); });
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != starter) _exit(1);
}

static std::uint32_t number(const char* text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
    if (error != std::errc{} || *end != '\0') throw SystemError("the runner is started by switchyard, not by hand");
    return value;
}

int main(int argument_count, char** arguments) {
    const std::string_view mode = argument_count > 1 ? arguments[1] : "";
    try {
        if (mode == "run" && argument_count == 3) {
            die_with_starter(static_cast<pid_t>(number(arguments[2])));
            const Run run = map_run(MAP_POPULATE);
            remember_run(run);
            try {
                conduct(run);
            } catch (const SystemError& error) {
                if (run.state.header->failed.exchange(1) == 0) write_text(run.state.header->failure, error.what());
                end_run_at_once();
            }
            return 0;
        }
        if (mode == "image" && argument_count == 8) {
            const Run run = map_run(0);
            be_image(run, {.record = number(arguments[2]),
                           .instance = number(arguments[3]),
                           .position = number(arguments[4]),
                           .next_amount = number(arguments[5]),
                           .draw_instance = number(arguments[6]),
                           .request = number(arguments[7])});
        }
        if (mode == "probe") {
            run_probe_as_runner(std::span(arguments, static_cast<std::size_t>(argument_count)).subspan(2));
            return 0;
        }
        throw SystemError("the runner is started by switchyard, not by hand");
    } catch (const SystemError& error) {
        std::fprintf(stderr, "switchyard-runner: %s\n", error.what());
        return 1;
    }
}
