#include "cli/application.hpp"

#include <csignal>
#include <string>
#include <vector>

// What a signal handler can reach. request_stop() only sets an atomic here: nobody registers a callback on this source.
static std::stop_source stop_source;

// The first Ctrl-C asks what is running to end cleanly; a second one ends the program (SA_RESETHAND).
static void ask_to_stop(int) { stop_source.request_stop(); }

int main(int count, char** arguments) {
    struct sigaction action {};
    action.sa_handler = ask_to_stop;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    const std::vector<std::string> words(arguments + 1, arguments + count);
    return switchyard::cli::run_application(words, stop_source.get_token());
}
