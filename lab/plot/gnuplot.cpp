#include "lab/plot/gnuplot.hpp"

#include "formats/files.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <spawn.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::lab {

namespace {

// A descriptor that is closed with its holder.
struct Descriptor {
    int number = -1;
    explicit Descriptor(int opened, const char* action) : number(opened) {
        if (number < 0) throw SystemError::from_errno(action, errno);
    }
    ~Descriptor() { close(number); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
};

std::string read_from_start(int file) {
    std::string text;
    std::array<char, 65536> part{};
    for (ssize_t count = 0; (count = pread(file, part.data(), part.size(), static_cast<off_t>(text.size()))) > 0;)
        text.append(part.data(), static_cast<std::size_t>(count));
    return text;
}

bool has_gnuplot() {
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
    for (std::string folder; std::getline(folders, folder, ':');)
        if (access((std::filesystem::path(folder) / "gnuplot").c_str(), X_OK) == 0) return true;
    return false;
}

} // namespace

void require_gnuplot() {
    if (!has_gnuplot())
        throw SystemError("drawing needs gnuplot, which is not in the PATH: apt-get install gnuplot-nox");
}

namespace {

// What gnuplot draws when it is told so; `file` is what messages call it.
std::string drawn_by(const std::string& text, const std::string& file) {
    require_gnuplot();
    // Files without a name: what gnuplot is told, and what it says and draws, of any length, without a pipe that fills
    // up.
    const Descriptor told(memfd_create("gnuplot-script", MFD_CLOEXEC), "making room for a script");
    const Descriptor drawn(memfd_create("gnuplot-picture", MFD_CLOEXEC), "making room for a picture");
    const Descriptor said(memfd_create("gnuplot-messages", MFD_CLOEXEC), "making room for messages");
    if (write(told.number, text.data(), text.size()) != std::ssize(text))
        throw SystemError::from_errno("writing a script", errno);
    lseek(told.number, 0, SEEK_SET);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, told.number, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, drawn.number, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, said.number, STDERR_FILENO);
    std::string name = "gnuplot", from_input = "-";
    std::array<char*, 3> arguments{name.data(), from_input.data(), nullptr};
    pid_t process = 0;
    const int error = posix_spawnp(&process, "gnuplot", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw SystemError::from_errno("starting gnuplot", error);
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }

    std::string picture = read_from_start(drawn.number);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || picture.empty()) {
        std::string words = read_from_start(said.number);
        for (char& letter : words)
            if (letter == '\n') letter = ' ';
        throw SystemError(fmt::format("gnuplot could not draw {}: {}", file, words));
    }
    return picture;
}

} // namespace

std::string gnuplot_terminal(std::string_view file, PictureSize size) {
    const std::string pixels = fmt::format("{},{}", size.width, size.height);
    if (file.ends_with(".svg")) return "svg size " + pixels + " dynamic background '#ffffff' font 'sans,14'";
    if (file.ends_with(".png")) return "pngcairo size " + pixels + " font 'sans,11'";
    throw InputError(fmt::format("a picture's file ends in .svg or .png, not '{}'", file));
}

std::string gnuplot_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char letter : text) {
        if (letter == '\'') quoted += '\''; // doubled
        quoted += letter == '\n' ? ' ' : letter;
    }
    return quoted + "'";
}

void draw(const std::string& script, const std::string& file, PictureSize size) {
    const std::string head = fmt::format("set terminal {}\n", gnuplot_terminal(file, size));
    formats::write_file(file, drawn_by(head + script + "\n", file));
}

std::string drawn_for_page(const std::string& script, const std::string& name, PictureSize size) {
    const std::string terminal = fmt::format("svg name {} size {},{} dynamic background '#ffffff' font 'sans,14'",
                                             gnuplot_quoted(name), size.width, size.height);
    std::string svg = drawn_by("set terminal " + terminal + "\n" + script + "\n", name);
    svg.erase(0, std::min(svg.find("<svg"), svg.size())); // without the XML declaration
    // Before each name that is defined or meant.
    std::string element;
    std::size_t at = 0;
    while (at < svg.size()) {
        std::size_t end = svg.size();
        for (const std::string_view before : {"id='", "id=\"", "#"})
            for (const std::string_view defined : {"gp", "textbox", "greybox", "gnuplot_canvas"}) {
                const std::size_t found = svg.find(std::string(before) + std::string(defined), at);
                if (found != std::string::npos) end = std::min(end, found + before.size());
            }
        element += svg.substr(at, end - at);
        if (end < svg.size()) element += name + "_";
        at = end;
        if (at < svg.size()) element += svg[at++];
    }
    return element;
}

} // namespace switchyard::lab
