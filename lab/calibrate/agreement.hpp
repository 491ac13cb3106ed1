// Whether others measure the same: our probes beside those of perf bench and lmbench on the same processor in the same
// minute, in turns, so that whatever the processor's clock does it does to both.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

// Median figures this far apart still agree.
inline constexpr double most_disagreement_with_others = 0.10;

// One benchmark of another program's.
struct OtherBenchmark {
    std::string_view probe; // ours that does the same
    std::int64_t amount = 0;
    std::string_view program; // "perf", "lat_syscall"; looked for in the PATH
    std::string_view command;
    double (*nanoseconds)(const std::string& output) = nullptr; // of one operation; not positive: not understood
};

// perf bench (Debian: linux-perf): syscall basic and fork, sched pipe between threads and between processes, mem
// memcpy. lmbench, where the user has it: lat_syscall null, lat_pipe, lat_proc fork.
[[nodiscard]] const std::vector<OtherBenchmark>& other_benchmarks();

struct Agreement {
    const OtherBenchmark* benchmark = nullptr;
    std::vector<double> ours, theirs; // ns, a figure a round, at the speed there was
    std::string skipped;              // why there is no figure, or empty

    // The ratio of the medians, ours to theirs; nothing where one of them is missing.
    [[nodiscard]] std::optional<double> ratio() const;
};

struct AgreementOptions {
    std::uint32_t rounds = 5;
    double probe_milliseconds = 200;
    std::optional<int> cpu; // else the last one allowed
    std::stop_token stop;
};

// Nothing more is started once a stop was requested.
[[nodiscard]] std::vector<Agreement>
compare_with_others(const AgreementOptions& options,
                    const std::function<void(double, std::string_view)>& progress = {});

} // namespace switchyard::lab
