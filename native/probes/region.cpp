#include "native/probes/region.hpp"

#include "models/errors.hpp"
#include "native/machine/machine.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <sys/mman.h>

namespace switchyard::native {

Region::Region(std::int64_t pages) : Region(pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS) {}

Region::Region(std::int64_t pages, int protection, int flags, int file)
    : size_(static_cast<std::size_t>(pages) * page_size) {
    if (size_ == 0) return;
    constexpr std::size_t much = std::size_t{16} << 20;
    if (size_ > much) {
        const std::optional<Bytes> available = kernel_figure("/proc/meminfo", "MemAvailable");
        if (available && available->count < 2 * static_cast<std::int64_t>(size_))
            throw SystemError(fmt::format("not enough memory to hold {} pages", pages));
    }
    memory_ = mmap(nullptr, size_, protection, flags, file, 0);
    if (memory_ == MAP_FAILED) throw SystemError::from_errno("mapping memory", errno);
    madvise(memory_, size_, MADV_NOHUGEPAGE);
}

void Region::unmap() {
    if (size_ > 0) munmap(memory_, size_);
    size_ = 0;
}

void Region::write(std::int64_t every) const {
    const std::size_t step = static_cast<std::size_t>(every) * page_size;
    for (std::size_t offset = 0; offset < size_; offset += step) static_cast<volatile char*>(memory_)[offset] = 1;
}

void Region::read(std::int64_t every) const {
    const std::size_t step = static_cast<std::size_t>(every) * page_size;
    for (std::size_t offset = 0; offset < size_; offset += step)
        static_cast<void>(static_cast<const volatile char*>(memory_)[offset]);
}

} // namespace switchyard::native
