// Traces of memory references, read as a stream: a file of any length (or a pipe) in a few megabytes. A line is one
// reference, in one of two kinds of trace that are told apart by their first reference:
//   - page numbers: "8191", decimal, one a line;
//   - addresses, hexadecimal, with the size in bytes, as `valgrind --tool=lackey --trace-mem=yes` prints them
//     ("I  04010d3,3", " L 1ffeffe7e0,8", " S ...", " M ..."), or with a blank for the comma ("L 4a2f3c0 8").
// Empty lines, comments ("# ...") and valgrind's own lines ("==pid== ...", "--pid-- ...", "**pid** ...") are passed
// over. What is compressed with zstd is recognized by its first bytes and unpacked on the way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::formats {

// `modify` is a load and a store of the same bytes by one instruction. `page` has no address, it is a page number.
enum class ReferenceKind : std::uint8_t { page, instruction, load, store, modify };

struct MemoryReference {
    std::uint64_t address = 0; // of the first byte; of kind page: the number of the page
    std::uint32_t size = 0;    // bytes, 1 or more; of kind page: 0
    ReferenceKind kind = ReferenceKind::page;

    // The page of the first byte, pages being of 2^`page_bits` bytes.
    [[nodiscard]] std::uint64_t page(unsigned page_bits) const {
        return kind == ReferenceKind::page ? address : address >> page_bits;
    }
    // The page of the last byte.
    [[nodiscard]] std::uint64_t last_page(unsigned page_bits) const {
        return kind == ReferenceKind::page ? address : (address + size - 1) >> page_bits;
    }
    friend bool operator==(const MemoryReference&, const MemoryReference&) = default;
};

class TraceInput; // a file or pipe, unpacked

class ReferenceTrace {
public:
    // "-" is standard input. A stop ends the trace early, also while it waits for a pipe that a signal has interrupted.
    // Throws InputError for a file that cannot be opened.
    explicit ReferenceTrace(const std::string& path, std::stop_token stop = {});
    ~ReferenceTrace();
    ReferenceTrace(ReferenceTrace&&) noexcept;
    ReferenceTrace& operator=(ReferenceTrace&&) noexcept;

    // The next references, into `into`; how many. 0 only at the end (or where `into` is empty). Throws InputError
    // "file:line: ..." for a line that is no reference and for a damaged compressed file, SystemError where reading
    // fails.
    std::size_t read(std::span<MemoryReference> into);

    // Whether the trace is one of addresses; known once something was read.
    [[nodiscard]] bool has_addresses() const { return form_ == Form::addresses; }
    // How much of the file has been read, 0 to 1; negative where nobody knows (a pipe).
    [[nodiscard]] double fraction_read() const;

private:
    enum class Form : std::uint8_t { unknown, pages, addresses };
    enum class Line : std::uint8_t { reference, passed_over };
    bool refill();
    Line parse_line(MemoryReference& reference);
    Line parse_page(MemoryReference& reference);
    Line parse_address(MemoryReference& reference);
    void end_line(const char* at);
    [[noreturn]] void refuse(const std::string& message) const;

    std::string name_; // as messages call it
    std::unique_ptr<TraceInput> input_;
    std::vector<char> buffer_;
    const char* at_ = nullptr;  // the beginning of the next line
    const char* end_ = nullptr; // behind the last whole line
    std::size_t filled_ = 0;    // bytes in the buffer: whole lines, and the beginning of another
    std::uint64_t lines_ = 0;   // before `at_`
    Form form_ = Form::unknown;
    bool finished_ = false;
};

} // namespace switchyard::formats
