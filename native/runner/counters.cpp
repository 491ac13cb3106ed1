#include "native/runner/counters.hpp"

#include <array>
#include <charconv>
#include <fcntl.h>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>

namespace switchyard::native {

namespace {

// Without the C++ library's streams: this is read between two switches that count.
std::string_view read_text(const char* path, std::array<char, 4096>& buffer) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return {};
    const ssize_t length = read(file, buffer.data(), buffer.size());
    close(file);
    return {buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

template <class Integer>
std::optional<Integer> first_number(std::string_view& text) {
    const std::size_t digit = text.find_first_of("0123456789");
    if (digit == std::string_view::npos) return std::nullopt;
    Integer value{};
    const auto [end, error] = std::from_chars(text.data() + digit, text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

// "se.nr_migrations          :           3".
std::optional<std::uint64_t> field(std::string_view text, std::string_view name) {
    const std::size_t at = text.find(name);
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + name.size());
    return first_number<std::uint64_t>(text);
}

} // namespace

void read_counters(KernelFigures& figures) {
    std::array<char, 4096> buffer;
    std::string_view text = read_text("/proc/thread-self/schedstat", buffer); // on a core, ready, runs
    const auto ran = first_number<std::int64_t>(text);
    if (const auto waited = ran ? first_number<std::int64_t>(text) : std::nullopt) {
        figures.waiting_nanoseconds = *waited;
        figures.waiting_known = 1;
    }
    if (const auto migrations = field(read_text("/proc/thread-self/sched", buffer), "nr_migrations")) {
        figures.migrations = *migrations;
        figures.migrations_known = 1;
    }
}

bool is_instance(const Run& run, const TaskRecord& record) {
    return static_cast<std::size_t>(&record - run.state.tasks.data()) < run.plan.instances.size();
}

void close_window(const Run& run) {
    std::array<char, 4096> buffer;
    for (const PlanThread& thread : run.plan.threads) {
        if (thread.carries) continue;
        TaskRecord& record = run.state.tasks[thread.first_instance];
        const std::string path = "/proc/" + std::to_string(record.thread_id) + "/schedstat";
        std::string_view text = read_text(path.c_str(), buffer);
        record.cpu_at_first_end = first_number<std::int64_t>(text).value_or(0);
    }
}

} // namespace switchyard::native
