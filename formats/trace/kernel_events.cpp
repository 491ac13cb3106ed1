#include "formats/trace/kernel_events.hpp"

#include <unordered_map>

namespace switchyard::formats {

KernelNumbers kernel_numbers(const Trace& trace) {
    KernelNumbers numbers{std::vector<std::int32_t>(trace.tasks.size()), std::vector<std::int32_t>(trace.tasks.size())};
    std::unordered_map<std::uint32_t, std::int32_t> first_of_process;
    for (std::size_t i = 0; i < trace.tasks.size(); ++i) {
        if (trace.tasks[i].carried) continue;
        numbers.thread[i] = static_cast<std::int32_t>(i + 1);
        numbers.process[i] = first_of_process.try_emplace(trace.tasks[i].process, numbers.thread[i]).first->second;
    }
    return numbers;
}

} // namespace switchyard::formats
