// Memory other processes can be given: as a file descriptor, without a name in any file system.
#pragma once

#include <cstddef>

namespace switchyard::native {

// Zeros at first; unmapped and closed at the end. Children started by exec do not have it unless it is handed to them.
class SharedMemory {
public:
    // `name` is what /proc shows; the descriptor's number is `least_file` or more. Throws SystemError.
    SharedMemory(const char* name, std::size_t size, int least_file);
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    ~SharedMemory();

    [[nodiscard]] std::byte* memory() const { return memory_; }
    [[nodiscard]] int file() const { return file_; }

private:
    std::size_t size_;
    int file_ = -1;
    std::byte* memory_ = nullptr;
};

} // namespace switchyard::native
