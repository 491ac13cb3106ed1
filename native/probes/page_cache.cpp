// The page fault that maps what the page cache holds, and with it the pages around that are there too: a file of which
// `amount` pages of every 16 exist. 16 pages are what one fault maps at most (fault_around_bytes, 64 KiB). The file is
// one without a name where temporary files are kept, or in memory where that is not possible.
#include "models/errors.hpp"
#include "native/machine/machine.hpp"
#include "native/probes/primitives.hpp"
#include "native/probes/region.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

constexpr std::int64_t around = 16; // pages
constexpr std::int64_t faults = 256;

class CachedFile {
public:
    explicit CachedFile(std::int64_t present) {
        std::error_code unknown;
        const auto directory = std::filesystem::temp_directory_path(unknown);
        file_ = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (file_ < 0) file_ = memfd_create("page cache", MFD_CLOEXEC);
        if (file_ < 0) throw SystemError::from_errno("making a temporary file", errno);
        const std::vector<char> content(static_cast<std::size_t>(present) * page_size, 'x');
        constexpr auto window = static_cast<off_t>(around * base_page.count);
        bool complete = ftruncate(file_, faults * window) == 0;
        for (std::int64_t i = 0; i < faults; ++i)
            complete = complete && pwrite(file_, content.data(), content.size(), i * window) == std::ssize(content);
        if (!complete) {
            const int error = errno;
            close(file_);
            throw SystemError::from_errno("filling a temporary file", error);
        }
    }
    CachedFile(const CachedFile&) = delete;
    CachedFile& operator=(const CachedFile&) = delete;
    ~CachedFile() { close(file_); }

    [[nodiscard]] Region map() const { return {faults * around, PROT_READ, MAP_SHARED, file_}; }

private:
    int file_ = -1;
};

// Whether a fault maps what it should: fault_around_bytes can be set otherwise.
void check_mapped(const CachedFile& file, std::int64_t present) {
    static_cast<void>(kernel_figure("/proc/self/smaps_rollup", "Rss")); // reading it takes memory, once
    const std::optional<Bytes> before = kernel_figure("/proc/self/smaps_rollup", "Rss");
    const Region region = file.map();
    region.read(around);
    const std::optional<Bytes> after = kernel_figure("/proc/self/smaps_rollup", "Rss");
    if (!before || !after) return;
    const double mapped = static_cast<double>((*after - *before).count) / static_cast<double>(base_page.count * faults);
    const double difference = mapped / static_cast<double>(present) - 1;
    if (difference < -0.1 || difference > 0.1)
        throw SystemError(fmt::format("a fault maps {:.1f} of {} pages around it", mapped, present));
}

} // namespace

std::vector<Sample> measure_fault_page_cache(const ProbeRun& run) {
    const CachedFile file(run.amount);
    check_mapped(file, run.amount);
    std::optional<Region> region;
    return sample_prepared_batches(
        run, faults, [&] { region.emplace(file.map()); }, [&] { region->read(around); }, [&] { region.reset(); });
}

} // namespace switchyard::native
