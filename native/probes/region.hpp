// A mapped region of memory, in ordinary pages unless it asks for others.
#pragma once

#include "models/units/size.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace switchyard::native {

inline constexpr auto page_size = static_cast<std::size_t>(base_page.count);

// Throws SystemError where there is no such memory, or where twice as much of it is not available on this machine.
class Region {
public:
    // Of private anonymous memory.
    explicit Region(std::int64_t pages);
    // `protection`, `flags` and `file` as in mmap(2).
    Region(std::int64_t pages, int protection, int flags, int file = -1);
    Region(Region&& other) noexcept
        : size_(std::exchange(other.size_, 0)), memory_(std::exchange(other.memory_, nullptr)) {}
    Region& operator=(Region&&) = delete;
    ~Region() { unmap(); }

    [[nodiscard]] char* data() const { return static_cast<char*>(memory_); }
    [[nodiscard]] std::size_t size() const { return size_; }

    void unmap(); // once

    // Accesses every page, or one of so many.
    void write(std::int64_t every = 1) const;
    void read(std::int64_t every = 1) const;

private:
    std::size_t size_ = 0;
    void* memory_ = nullptr;
};

} // namespace switchyard::native
