// The whole command line, without main(): what the tests call.
#pragma once

#include <span>
#include <stop_token>
#include <string>

namespace switchyard::cli {

// Parses and runs; returns the exit status. Errors become one line on standard error. `stop` ends what is running.
[[nodiscard]] int run_application(std::span<const std::string> arguments, std::stop_token stop = {});

} // namespace switchyard::cli
