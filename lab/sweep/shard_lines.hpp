// The lines of a shard's journal (lab/sweep/shard_journal.hpp) as text, and back.
#pragma once

#include "lab/sweep/work.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::lab {

// With checksum and newline.
[[nodiscard]] std::string line_of(const SweepOutline& outline);
[[nodiscard]] std::string line_of(const PointRow& row);

// What is in a line without its checksum and newline; absent where the checksum is wrong.
[[nodiscard]] std::optional<std::string_view> content_of_line(std::string_view line);

// Of a content; absent where it is something else.
[[nodiscard]] std::optional<SweepOutline> outline_of_content(std::string_view content);
[[nodiscard]] std::optional<PointRow> row_of_content(std::string_view content, const SweepOutline& outline);

} // namespace switchyard::lab
