// A progress line on standard error, for what takes longer than two seconds: only on a terminal, gone when it is over.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard::cli {

class ProgressBar {
public:
    explicit ProgressBar(std::string title);
    ~ProgressBar(); // removes the line
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    // How far it is (0 to 1) and what is being done. Cheap: the line is drawn at most ten times a second.
    void show(double fraction, std::string_view what);

    // The same where the caller knows better how many seconds are left.
    void show(double fraction, std::optional<double> seconds_left, std::string_view what);

    // The same where nobody knows how much is left.
    void show(std::string_view what);

private:
    [[nodiscard]] bool is_due();
    void draw(const std::string& line);

    std::string title_;
    bool terminal_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point begin_;
    std::chrono::steady_clock::time_point last_{};
};

} // namespace switchyard::cli
