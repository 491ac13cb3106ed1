// Whether results may be written to a file: on what kind of file system it is, and whether somebody else writes it.
#pragma once

#include <string>

namespace switchyard::lab {

// The network file system that `path` (or, where there is no such file yet, its folder) is on, by the name people know
// it by; empty where it is none. A database in WAL mode needs memory shared by all who have it open
// (https://www.sqlite.org/wal.html), which machines do not have in common, and FUSE does not promise.
[[nodiscard]] std::string network_file_system_of(const std::string& path);
// The same of the number that statfs(2) gives.
[[nodiscard]] std::string network_file_system_named(long type);

// The right to write a file, which one holder has at a time: an flock, which ends with its process, however that ends.
// It is open for as long as it is locked; take it before SQLite opens the file, give it back after SQLite closed it,
// since closing any descriptor of a file ends the POSIX locks that SQLite holds (fcntl(2)).
class WriterLock {
public:
    // Opens the file, makes it where there is none. Throws SystemError, which says who has the lock.
    explicit WriterLock(const std::string& path);
    ~WriterLock();
    WriterLock(const WriterLock&) = delete;
    WriterLock& operator=(const WriterLock&) = delete;

    [[nodiscard]] int file() const { return file_; }

private:
    int file_ = -1;
};

} // namespace switchyard::lab
