#include "native/capture/read_to_end.hpp"

#include <array>
#include <cerrno>
#include <unistd.h>

namespace switchyard::native {

std::string read_to_end(int file) {
    std::string all;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t count = read(file, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return all;
        all.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

} // namespace switchyard::native
