// Drawing by gnuplot (Debian: gnuplot-nox), a program of its own: it is told what to do through a pipe, draws into
// memory of ours, and leaves nothing behind.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::lab {

// Throws SystemError, with what to do, where there is no gnuplot in the PATH.
void require_gnuplot();

struct PictureSize {
    int width = 900; // in pixels
    int height = 600;
};

// A terminal of gnuplot's for the end of a file's name: ".svg" or ".png". Throws InputError for another.
[[nodiscard]] std::string gnuplot_terminal(std::string_view file, PictureSize size = {});

// Text between single quotes, for a script.
[[nodiscard]] std::string gnuplot_quoted(std::string_view text);

// Runs a script and writes the picture it makes into the file, whole or not at all; `file` decides the terminal, and
// the script sets neither that nor the output. Throws SystemError with gnuplot's own words where it fails.
void draw(const std::string& script, const std::string& file, PictureSize size = {});

// The same as the text of an SVG element, to be put into a page: what it defines is named after `name`, so that several
// in one page do not meet.
[[nodiscard]] std::string drawn_for_page(const std::string& script, const std::string& name, PictureSize size = {});

} // namespace switchyard::lab
