// The commands: one file each, one line each in `commands()`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>
#include <stop_token>

namespace switchyard::cli {

// Exit statuses. Bad input is an InputError or a command line that makes no sense; a failed run includes an expectation
// or a target that is not met.
inline constexpr int succeeded = 0;
inline constexpr int failed = 1;
inline constexpr int bad_input = 2;
inline constexpr int interrupted = 130; // 128 + SIGINT, as shells have it

// Adds the command to `app` and returns what runs it; options live as long as the function.
using AddCommand = std::function<int()> (*)(CLI::App& app, std::stop_token stop);

struct Command {
    const char* name;
    const char* about;
    AddCommand add;
};

[[nodiscard]] std::span<const Command> commands();

std::function<int()> add_run(CLI::App& app, std::stop_token stop);
std::function<int()> add_native(CLI::App& app, std::stop_token stop);
std::function<int()> add_explain(CLI::App& app, std::stop_token stop);
std::function<int()> add_calibrate(CLI::App& app, std::stop_token stop);
std::function<int()> add_profile(CLI::App& app, std::stop_token stop);
std::function<int()> add_validate(CLI::App& app, std::stop_token stop);
std::function<int()> add_sweep(CLI::App& app, std::stop_token stop);
std::function<int()> add_record(CLI::App& app, std::stop_token stop);
std::function<int()> add_import(CLI::App& app, std::stop_token stop);
std::function<int()> add_compare(CLI::App& app, std::stop_token stop);
std::function<int()> add_results(CLI::App& app, std::stop_token stop);
std::function<int()> add_plot(CLI::App& app, std::stop_token stop);
std::function<int()> add_optimize(CLI::App& app, std::stop_token stop);
std::function<int()> add_demo(CLI::App& app, std::stop_token stop);
std::function<int()> add_scenarios(CLI::App& app, std::stop_token stop);
std::function<int()> add_policies(CLI::App& app, std::stop_token stop);
std::function<int()> add_tlb(CLI::App& app, std::stop_token stop);
std::function<int()> add_pages(CLI::App& app, std::stop_token stop);
std::function<int()> add_life_cycle(CLI::App& app, std::stop_token stop);

} // namespace switchyard::cli
