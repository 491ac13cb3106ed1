// The bytes of a trace: a file or a pipe, unpacked where it is compressed with zstd (RFC 8878).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::formats {

class TraceInput {
public:
    // "-" is standard input. Throws InputError for a file that cannot be opened or is a folder.
    TraceInput(const std::string& path, std::stop_token stop);
    ~TraceInput();
    TraceInput(const TraceInput&) = delete;
    TraceInput& operator=(const TraceInput&) = delete;

    // The next bytes, at least one of them before the end; how many. Returns as soon as there are some, so that what
    // comes through a pipe slowly is not held back. Throws InputError for a damaged compressed stream, SystemError
    // where reading fails.
    std::size_t read(std::span<char> into);

    // How much of the file has been read, 0 to 1; negative where nobody knows.
    [[nodiscard]] double fraction_read() const;

private:
    struct Unpacker;
    std::size_t read_raw(std::span<char> into);
    std::size_t unpack(std::span<char> into);
    void recognize();

    std::string name_;
    std::stop_token stop_;
    int descriptor_ = -1;
    std::uint64_t length_ = 0; // of the file, 0 where it has none
    std::uint64_t consumed_ = 0;
    bool recognized_ = false;
    std::vector<char> first_;     // read to find out what it is, and not given out yet
    std::size_t first_given_ = 0; // of those
    std::unique_ptr<Unpacker> unpacker_;
};

} // namespace switchyard::formats
