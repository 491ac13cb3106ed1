#include "lab/sweep/file_guard.hpp"

#include "models/errors.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace switchyard::lab {

namespace {

struct NetworkFileSystem {
    std::uint32_t type;
    const char* name;
};

// Numbers of statfs(2) and linux/magic.h; of those that are not in the kernel's source, their own sources'.
constexpr std::array network_file_systems{
    NetworkFileSystem{0x6969, "NFS"},        NetworkFileSystem{0xff534d42, "CIFS"},
    NetworkFileSystem{0x517b, "SMB"},        NetworkFileSystem{0xfe534d42, "SMB"},
    NetworkFileSystem{0x0bd00bd0, "Lustre"}, NetworkFileSystem{0x47504653, "GPFS"},
    NetworkFileSystem{0x65735546, "FUSE"},   NetworkFileSystem{0x00c36400, "Ceph"},
    NetworkFileSystem{0x5346414f, "AFS"},    NetworkFileSystem{0x19830326, "BeeGFS"},
};

// ", process 1234 ('switchyard')" of whoever has an flock on the file; empty where the kernel does not say.
std::string holder_of(int file) {
    struct stat status {};
    if (fstat(file, &status) != 0) return {};
    const std::string wanted =
        fmt::format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        std::istringstream words(line);
        std::string number, kind, way, access, inode;
        long process = 0;
        if (!(words >> number >> kind >> way >> access >> process >> inode)) continue;
        if (kind != "FLOCK" || inode != wanted || process <= 0) continue;
        std::string name;
        std::getline(std::ifstream(fmt::format("/proc/{}/comm", process)), name);
        return name.empty() ? fmt::format(", process {}", process) : fmt::format(", process {} ({})", process, name);
    }
    return {};
}

} // namespace

std::string network_file_system_named(long type) {
    for (const NetworkFileSystem& one : network_file_systems)
        if (one.type == static_cast<std::uint32_t>(type)) return one.name;
    return {};
}

std::string network_file_system_of(const std::string& path) {
    struct statfs status {};
    if (statfs(path.c_str(), &status) != 0) {
        const std::string folder = std::filesystem::path(path).parent_path().string();
        if (statfs(folder.empty() ? "." : folder.c_str(), &status) != 0) return {};
    }
    return network_file_system_named(static_cast<long>(status.f_type));
}

WriterLock::WriterLock(const std::string& path) {
    file_ = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file_ < 0) throw SystemError::from_errno(fmt::format("opening {}", path), errno);
    // A network file system may have no locks (shards can be there): who starts one shard twice is not told then.
    if (flock(file_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    const std::string holder = holder_of(file_);
    close(file_);
    throw SystemError(fmt::format("another sweep{} is writing {}: wait for it, or write elsewhere (-o)", holder, path));
}

WriterLock::~WriterLock() { close(file_); }

} // namespace switchyard::lab
