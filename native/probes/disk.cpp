// What the disk takes for `amount` neighbouring pages at a random place of a file, past the page cache (O_DIRECT). The
// file is one without a name where temporary files are kept.
#include "models/errors.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace switchyard::native {

namespace {

constexpr std::int64_t file_bytes = std::int64_t{64} << 20;
constexpr std::size_t alignment = 4096; // of O_DIRECT's buffers and places, on any disk
constexpr int transfers = 16;           // a sample

class DirectFile {
public:
    explicit DirectFile(std::size_t transfer) : buffer_(std::aligned_alloc(alignment, transfer), &std::free) {
        std::error_code unknown;
        const auto directory = std::filesystem::temp_directory_path(unknown);
        file_ = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_DIRECT, S_IRUSR | S_IWUSR);
        if (file_ < 0) throw SystemError::from_errno("opening a temporary file past the page cache", errno);
        constexpr std::int64_t at_once = std::int64_t{1} << 20;
        const std::unique_ptr<void, decltype(&std::free)> content(
            std::aligned_alloc(alignment, static_cast<std::size_t>(at_once)), &std::free);
        std::fill_n(static_cast<char*>(content.get()), at_once, 'x');
        for (std::int64_t at = 0; at < file_bytes; at += at_once)
            if (pwrite(file_, content.get(), static_cast<std::size_t>(at_once), at) != at_once) fail("filling");
        std::fill_n(static_cast<char*>(buffer_.get()), transfer, 'y');
    }
    DirectFile(const DirectFile&) = delete;
    DirectFile& operator=(const DirectFile&) = delete;
    ~DirectFile() { close(file_); }

    void read(std::int64_t at, std::size_t bytes) const {
        if (pread(file_, buffer_.get(), bytes, at) != static_cast<ssize_t>(bytes)) fail("reading");
    }
    void write(std::int64_t at, std::size_t bytes) const {
        if (pwrite(file_, buffer_.get(), bytes, at) != static_cast<ssize_t>(bytes)) fail("writing");
    }

private:
    [[noreturn]] static void fail(const std::string& what) {
        throw SystemError::from_errno(what + " a temporary file past the page cache", errno);
    }
    std::unique_ptr<void, decltype(&std::free)> buffer_;
    int file_ = -1;
};

template <class Transfer>
std::vector<Sample> sample_transfers(const ProbeRun& run, const Transfer& transfer) {
    const auto bytes = static_cast<std::size_t>(run.amount) * alignment;
    const DirectFile file(bytes);
    const std::uint64_t places = static_cast<std::uint64_t>(file_bytes) / bytes;
    std::uint64_t state = 1;
    return sample_batches(run, transfers, [&] {
        for (int i = 0; i < transfers; ++i) {
            state = state * 6364136223846793005U + 1442695040888963407U; // Knuth's MMIX
            transfer(file, static_cast<std::int64_t>((state >> 32U) % places * bytes), bytes);
        }
    });
}

} // namespace

std::vector<Sample> measure_disk_read(const ProbeRun& run) {
    return sample_transfers(run,
                            [](const DirectFile& file, std::int64_t at, std::size_t bytes) { file.read(at, bytes); });
}

std::vector<Sample> measure_disk_write(const ProbeRun& run) {
    return sample_transfers(run,
                            [](const DirectFile& file, std::int64_t at, std::size_t bytes) { file.write(at, bytes); });
}

} // namespace switchyard::native
