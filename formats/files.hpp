// Whole text files in and out. The name "-" stands for standard input or standard output.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <limits>
#include <string>
#include <string_view>

namespace switchyard::formats {

// What messages call a file: its path, or "standard input" for "-".
[[nodiscard]] std::string shown_name(const std::string& path);

// The bytes of the file. Throws InputError, with the reason, for one that cannot be opened (missing, no right, a
// folder) or holds more than `most` bytes, and SystemError where reading fails halfway.
[[nodiscard]] std::string read_file(const std::string& path,
                                    std::size_t most = std::numeric_limits<std::size_t>::max());

// Writes a file whole or not at all: what `write` puts into the stream goes to a new file beside `path`, which takes
// its name only when everything has reached the disk. If anything fails, whatever `write` throws included, the new file
// is removed, a file that was there before is as it was, and the exception goes on. A symbolic link stays one: what it
// points to is replaced. What is no ordinary file ("-", a pipe, /dev/null) is written to directly, since it cannot be
// replaced. Throws SystemError with the reason.
void write_file(const std::string& path, const std::function<void(std::ostream&)>& write);
void write_file(const std::string& path, std::string_view text);

} // namespace switchyard::formats
