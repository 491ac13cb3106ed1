// Tables for people: columns aligned, colour only where it is wanted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace switchyard::cli {

enum class Align : std::uint8_t { left, right };
enum class Colour : std::uint8_t { none, green, red, yellow, faint, bold };

// Whether standard output is a terminal that wants colour (NO_COLOR unset, TERM not "dumb").
[[nodiscard]] bool wants_colour();

// The text in that colour where `coloured`, else as it is.
[[nodiscard]] std::string paint(const std::string& text, Colour colour, bool coloured);

struct Cell {
    std::string text;
    Colour colour = Colour::none;
};

class Table {
public:
    struct Column {
        std::string title;
        Align align = Align::right;
    };
    explicit Table(std::vector<Column> columns);

    void add(std::vector<Cell> row); // missing cells at the end are empty
    void add_line();                 // a rule between rows

    // The table, two spaces between columns, each line ended by a newline.
    [[nodiscard]] std::string text(bool coloured) const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_; // an empty row is a rule
};

} // namespace switchyard::cli
