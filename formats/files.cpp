#include "formats/files.hpp"

#include "models/errors.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <optional>
#include <streambuf>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace switchyard::formats {

namespace {

struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

std::string reason(int error_number) { return std::generic_category().message(error_number); }

// A stream onto a file descriptor. std::ofstream would do, but does not tell why a write failed nor can it be synced.
class DescriptorBuffer : public std::streambuf {
public:
    explicit DescriptorBuffer(int descriptor) : descriptor_(descriptor), buffer_(1 << 16) {
        setp(buffer_.data(), buffer_.data() + buffer_.size());
    }

    // The error number of the first write that failed, or 0.
    [[nodiscard]] int error_number() const { return error_number_; }

protected:
    int_type overflow(int_type character) override {
        if (sync() != 0) return traits_type::eof();
        if (!traits_type::eq_int_type(character, traits_type::eof())) sputc(traits_type::to_char_type(character));
        return traits_type::not_eof(character);
    }

    int sync() override {
        for (const char* next = pbase(); next < pptr();) {
            const ssize_t written = ::write(descriptor_, next, static_cast<std::size_t>(pptr() - next));
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return error_number_ = errno, -1;
            next += written;
        }
        setp(buffer_.data(), buffer_.data() + buffer_.size());
        return 0;
    }

private:
    int descriptor_;
    int error_number_ = 0;
    std::vector<char> buffer_;
};

[[noreturn]] void throw_cannot_write(const std::string& path, int error_number) {
    throw SystemError::from_errno(fmt::format("cannot write '{}'", path), error_number);
}

void write_through(int descriptor, const std::string& path, const std::function<void(std::ostream&)>& write) {
    DescriptorBuffer buffer(descriptor);
    std::ostream stream(&buffer);
    write(stream);
    stream.flush();
    if (!stream) throw_cannot_write(path, buffer.error_number() != 0 ? buffer.error_number() : EIO);
}

// A new file beside its final place; removed again unless it got there.
//
// Where the file system can (O_TMPFILE, open(2)) it has no name until it is complete, so that nothing stays of it when
// the process is killed: it gets its own name at once, or, to replace another, one for the moment between two system
// calls.
class FileBeside {
public:
    explicit FileBeside(std::filesystem::path destination) : destination_(std::move(destination)) {
        const std::filesystem::path folder = destination_.has_parent_path() ? destination_.parent_path() : ".";
        descriptor_ = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
        if (descriptor_ >= 0) return;
        give_name([this](const char* name) {
            return descriptor_ = ::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        });
    }
    FileBeside(const FileBeside&) = delete;
    FileBeside& operator=(const FileBeside&) = delete;
    ~FileBeside() {
        ::close(descriptor_);
        if (!renamed_ && !path_.empty()) ::unlink(path_.c_str());
    }

    [[nodiscard]] int descriptor() const { return descriptor_; }

    // With the rights of what it replaces, if anything.
    void take_its_place(std::optional<mode_t> rights) {
        if ((rights && ::fchmod(descriptor_, *rights) != 0) || ::fsync(descriptor_) != 0)
            throw_cannot_write(destination_.string(), errno);
        if (path_.empty()) {
            if (link_to(destination_.c_str()) == 0) return;
            give_name([this](const char* name) { return link_to(name); });
        }
        if (::rename(path_.c_str(), destination_.c_str()) != 0) throw_cannot_write(destination_.string(), errno);
        renamed_ = true;
    }

private:
    int link_to(const char* name) const {
        const std::string self = fmt::format("/proc/self/fd/{}", descriptor_);
        return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW);
    }

    // One that is not taken: a killed process may have left one.
    void give_name(const std::function<int(const char*)>& make) {
        for (int attempt = 0;; ++attempt) {
            const std::string name = fmt::format("{}.{}-{}.new", destination_.string(), ::getpid(), attempt);
            if (make(name.c_str()) >= 0) {
                path_ = name;
                return;
            }
            if (errno != EEXIST || attempt == 100) throw_cannot_write(destination_.string(), errno);
        }
    }

    std::filesystem::path destination_;
    std::string path_;
    int descriptor_ = -1;
    bool renamed_ = false;
};

} // namespace

std::string shown_name(const std::string& path) { return path == "-" ? "standard input" : path; }

std::string read_file(const std::string& path, std::size_t most) {
    const bool standard = path == "-";
    const File opened(standard ? nullptr : std::fopen(path.c_str(), "rbe"));
    if (!standard && !opened) throw InputError("cannot be read: " + reason(errno), {path, 0, 0});
    std::FILE* const file = standard ? stdin : opened.get();

    std::string text;
    std::vector<char> chunk(1 << 16);
    while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file)) {
        if (got > most - text.size())
            throw InputError(fmt::format("larger than the {} bytes allowed", most), {shown_name(path), 0, 0});
        text.append(chunk.data(), got);
    }
    if (std::ferror(file) && errno == EISDIR) throw InputError("is a folder, not a file", {path, 0, 0});
    if (std::ferror(file)) throw SystemError::from_errno(fmt::format("cannot read '{}'", shown_name(path)), errno);
    return text;
}

void write_file(const std::string& path, const std::function<void(std::ostream&)>& write) {
    if (path == "-") {
        write(std::cout);
        std::cout.flush();
        if (!std::cout) throw SystemError("cannot write to standard output");
        return;
    }
    struct stat present {};
    const bool exists = ::stat(path.c_str(), &present) == 0;
    if (exists && S_ISDIR(present.st_mode)) throw_cannot_write(path, EISDIR);
    if (exists && !S_ISREG(present.st_mode)) {
        const File device(std::fopen(path.c_str(), "wbe"));
        if (!device) throw_cannot_write(path, errno);
        return write_through(::fileno(device.get()), path, write);
    }

    std::error_code ignored; // a path that is not there yet is its own destination
    const std::filesystem::path destination = std::filesystem::canonical(path, ignored);
    FileBeside beside(destination.empty() ? std::filesystem::path(path) : destination);
    write_through(beside.descriptor(), path, write);
    beside.take_its_place(exists ? std::optional<mode_t>(present.st_mode & 07777) : std::nullopt);
}

void write_file(const std::string& path, std::string_view text) {
    write_file(path, [text](std::ostream& stream) { stream << text; });
}

} // namespace switchyard::formats
