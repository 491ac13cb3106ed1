#include "native/execute/shared_memory.hpp"

#include "models/errors.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace switchyard::native {

SharedMemory::SharedMemory(const char* name, std::size_t size, int least_file) : size_(size) {
    const int file = memfd_create(name, MFD_CLOEXEC);
    if (file < 0) throw SystemError::from_errno("creating shared memory", errno);
    file_ = fcntl(file, F_DUPFD_CLOEXEC, least_file);
    close(file);
    if (file_ < 0) throw SystemError::from_errno("creating shared memory", errno);
    void* memory = MAP_FAILED;
    if (ftruncate(file_, static_cast<off_t>(size)) == 0)
        memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (memory == MAP_FAILED) {
        const int error = errno;
        close(file_);
        throw SystemError::from_errno(fmt::format("mapping {} bytes of shared memory", size), error);
    }
    memory_ = static_cast<std::byte*>(memory);
}

SharedMemory::~SharedMemory() {
    munmap(memory_, size_);
    close(file_);
}

} // namespace switchyard::native
