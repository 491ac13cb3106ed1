#include "cli/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace switchyard::cli {

using namespace std::chrono_literals;

static constexpr auto patience = 1s; // what is over by then needs no line
static constexpr int bar_width = 30;

ProgressBar::ProgressBar(std::string title)
    : title_(std::move(title)), terminal_(isatty(STDERR_FILENO) != 0), begin_(std::chrono::steady_clock::now()) {}

ProgressBar::~ProgressBar() {
    if (drawn_) std::fputs("\r\033[K", stderr);
}

bool ProgressBar::is_due() {
    if (!terminal_) return false;
    const auto now = std::chrono::steady_clock::now();
    if (now - begin_ < patience || now - last_ < 100ms) return false;
    last_ = now;
    return true;
}

void ProgressBar::draw(const std::string& line) {
    std::fputs(("\r\033[K" + line).c_str(), stderr);
    std::fflush(stderr);
    drawn_ = true;
}

void ProgressBar::show(double fraction, std::string_view what) {
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    std::optional<double> left;
    if (fraction > 0.02) left = elapsed / std::min(fraction, 1.0) - elapsed;
    show(fraction, left, what);
}

void ProgressBar::show(double fraction, std::optional<double> seconds_left, std::string_view what) {
    if (!is_due()) return;
    fraction = std::clamp(fraction, 0.0, 1.0);
    const int full = static_cast<int>(fraction * bar_width);
    const std::string left = seconds_left ? fmt::format(", {:.0f} s left", *seconds_left) : "";
    draw(fmt::format("{} [{}{}] {:3.0f} %{}  {}", title_, std::string(static_cast<std::size_t>(full), '#'),
                     std::string(static_cast<std::size_t>(bar_width - full), '.'), 100 * fraction, left, what));
}

void ProgressBar::show(std::string_view what) {
    if (is_due()) draw(fmt::format("{}: {}", title_, what));
}

} // namespace switchyard::cli
