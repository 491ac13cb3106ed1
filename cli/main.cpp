#include "cli/application.hpp"

#include <csignal>
#include <ctime>
#include <string>
#include <vector>

// What a signal handler can reach. request_stop() sets an atomic and ends child processes: who registers a callback
// does so while signals are blocked (native/measurement/blocked_signals.hpp).
static std::stop_source stop_source;
static volatile std::sig_atomic_t first_signal_second = 0;

// The first Ctrl-C asks what is running to end cleanly. A later one ends the program at once; but not within the same
// second or two: some programs (timeout, for one) send every signal twice.
static void ask_to_stop(int signal) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto second = static_cast<std::sig_atomic_t>(now.tv_sec);
    if (first_signal_second == 0) {
        first_signal_second = second;
        stop_source.request_stop();
    } else if (second - first_signal_second > 1) {
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }
}

int main(int count, char** arguments) {
    struct sigaction action {};
    action.sa_handler = ask_to_stop;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    const std::vector<std::string> words(arguments + 1, arguments + count);
    return switchyard::cli::run_application(words, stop_source.get_token());
}
