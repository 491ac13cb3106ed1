#include "cli/table.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace switchyard::cli {

namespace {

// How many columns of a terminal the UTF-8 text takes, every character counting as one.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string padded(const Cell& cell, std::size_t width, Align align, bool last, bool coloured) {
    const std::string space(width - std::min(width, width_of(cell.text)), ' ');
    const std::string text = paint(cell.text, cell.colour, coloured);
    if (align == Align::right) return space + text;
    return last ? text : text + space;
}

} // namespace

bool wants_colour() {
    const char* terminal = std::getenv("TERM");
    return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr && terminal != nullptr &&
           std::string_view(terminal) != "dumb";
}

std::string paint(const std::string& text, Colour colour, bool coloured) {
    constexpr std::array<std::string_view, 6> codes{"", "\033[32m", "\033[31m", "\033[33m", "\033[2m", "\033[1m"};
    if (!coloured || colour == Colour::none || text.empty()) return text;
    return std::string(codes[static_cast<std::size_t>(colour)]) + text + "\033[0m";
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<Cell> row) {
    row.resize(columns_.size());
    rows_.push_back(std::move(row));
}

void Table::add_line() { rows_.emplace_back(); }

std::string Table::text(bool coloured) const {
    std::vector<std::size_t> widths;
    for (const Column& column : columns_) widths.push_back(width_of(column.title));
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
    std::string rule;
    for (std::size_t i = 0; i < widths.size(); ++i)
        rule += std::string(widths[i], '-') + (i + 1 < widths.size() ? "  " : "");

    std::string text;
    const auto write = [&](const auto& cell_of) {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const bool last = i + 1 == columns_.size();
            text += padded(cell_of(i), widths[i], columns_[i].align, last, coloured);
            if (!last) text += "  ";
        }
        text += '\n';
    };
    write([&](std::size_t i) { return Cell{columns_[i].title, Colour::bold}; });
    text += paint(rule, Colour::faint, coloured) + '\n';
    for (const auto& row : rows_) {
        if (row.empty())
            text += paint(rule, Colour::faint, coloured) + '\n';
        else
            write([&](std::size_t i) { return row[i]; });
    }
    return text;
}

} // namespace switchyard::cli
