// Being one of a run's processes: its threads and memory are made before the start, everything waits at one barrier.
#pragma once

#include "native/runner/task.hpp"

#include <sys/types.h>

namespace switchyard::native {

// Executes the plan's process in the calling one, freshly forked by `conductor`, and ends with it.
[[noreturn]] void be_process(const Run& run, std::uint32_t process, pid_t conductor);

// What a task that executes exec takes along into the new image (native/runner/task.hpp).
struct Image {
    std::uint32_t record = 0;
    std::uint32_t instance = 0;
    std::uint32_t position = 0;
    std::uint32_t next_amount = 0;
    std::uint32_t draw_instance = 0;
    std::uint32_t request = 0;
};

// Goes on as the process that replaced its image at an exec.
[[noreturn]] void be_image(const Run& run, const Image& image);

} // namespace switchyard::native
