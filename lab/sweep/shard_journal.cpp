#include "lab/sweep/shard_journal.hpp"

#include "lab/sweep/shard_lines.hpp"
#include "lab/sweep/store_schema.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace switchyard::lab {

namespace {

constexpr std::size_t bytes_of_read = std::size_t{1} << 20;

// Calls `line(text, offset)` for each whole line; returns where the last one ends. Holds a line or a megabyte.
std::uint64_t read_lines(int file, const std::string& path, const auto& line) {
    std::string text;
    std::uint64_t offset = 0; // of `text` in the file
    while (true) {
        const std::size_t had = text.size();
        text.resize(had + bytes_of_read);
        const ssize_t count = pread(file, text.data() + had, bytes_of_read, static_cast<off_t>(offset + had));
        if (count < 0) throw SystemError::from_errno(fmt::format("reading {}", path), errno);
        text.resize(had + static_cast<std::size_t>(count));
        std::size_t begin = 0;
        for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
            line(std::string_view(text).substr(begin, end - begin), offset + begin);
        text.erase(0, begin);
        offset += begin;
        if (count == 0) return offset;
    }
}

[[noreturn]] void fail_as_none(const std::string& path) {
    throw InputError(fmt::format("{} is not the journal of a sweep's shard", path));
}

// What `read_lines` calls: takes lines apart. `outline` and `row` as read_shard has them, with the line's offset.
class Reader {
public:
    explicit Reader(std::string path) : path_(std::move(path)) {}

    void read(std::string_view line, std::uint64_t offset, const auto& outline, const auto& row) {
        const std::optional<std::string_view> content = content_of_line(line);
        if (offset == 0) {
            if (!content) fail_as_none(path_);
            outline_ = outline_of_content(*content);
            if (!outline_) fail_as_none(path_);
            return outline(*outline_);
        }
        if (content) {
            if (std::optional<PointRow> one = row_of_content(*content, *outline_)) return row(std::move(*one), offset);
            if (std::optional<SweepOutline> next = outline_of_content(*content)) {
                outline_ = std::move(next);
                return outline(*outline_);
            }
        }
        ++damaged_;
    }

    [[nodiscard]] std::uint64_t damaged() const { return damaged_; }

private:
    std::string path_;
    std::optional<SweepOutline> outline_;
    std::uint64_t damaged_ = 0;
};

} // namespace

ShardJournal::ShardJournal(const std::string& path, const SweepOutline& outline)
    : path_(path), lock_(path), outline_(outline) {
    bool same_metrics = false;
    const auto begins = [&](const SweepOutline& kept) {
        const std::string why = why_another_sweep(kept, outline);
        if (!why.empty()) throw InputError(fmt::format("{} {}: write to another file (-o)", path, why));
        same_metrics = kept.parameters == outline.parameters && kept.metrics == outline.metrics;
        places_.clear();
    };
    Reader reader(path);
    size_ = read_lines(lock_.file(), path, [&](std::string_view line, std::uint64_t offset) {
        reader.read(line, offset, begins, [&](const PointRow& row, std::uint64_t place) {
            places_.push_back({row.identity, place});
        });
    });
    damaged_ = reader.damaged();
    const off_t all = lseek(lock_.file(), 0, SEEK_END);
    if (size_ == 0 && all > 0) {
        // A file that ends within its first line: ours, if it begins as ours do.
        std::string begin(34, '\0');
        begin.resize(
            static_cast<std::size_t>(std::max<ssize_t>(0, pread(lock_.file(), begin.data(), begin.size(), 0))));
        const std::string_view words = "\tswitchyard-shard";
        if (begin.size() > 16 && !words.starts_with(begin.substr(16, words.size()))) fail_as_none(path);
    }
    if (static_cast<std::uint64_t>(all) > size_ && ftruncate(lock_.file(), static_cast<off_t>(size_)) != 0)
        throw SystemError::from_errno(fmt::format("writing {}", path), errno);
    // Of lines of one point the last one counts.
    std::ranges::stable_sort(places_, {}, &Place::identity);
    std::vector<Place> last;
    for (const Place& place : places_) {
        if (!last.empty() && last.back().identity == place.identity)
            last.back() = place;
        else
            last.push_back(place);
    }
    places_ = std::move(last);
    if (same_metrics) return;
    places_.clear();
    const std::string line = line_of(outline);
    if (write(lock_.file(), line.data(), line.size()) != std::ssize(line)) {
        const int error = errno;
        [[maybe_unused]] const int ignored = ftruncate(lock_.file(), static_cast<off_t>(size_));
        throw SystemError::from_errno(fmt::format("writing {}", path), error);
    }
    size_ += line.size();
}

std::optional<PointRow> ShardJournal::find(const PointIdentity& identity) {
    const auto place = std::ranges::lower_bound(places_, identity, {}, &Place::identity);
    if (place == places_.end() || place->identity != identity) return {};
    std::string text;
    while (text.find('\n') == std::string::npos) {
        const std::size_t had = text.size();
        text.resize(had + 4096);
        const ssize_t count = pread(lock_.file(), text.data() + had, 4096, static_cast<off_t>(place->offset + had));
        if (count <= 0) return {};
        text.resize(had + static_cast<std::size_t>(count));
    }
    const std::optional<std::string_view> content = content_of_line(std::string_view(text).substr(0, text.find('\n')));
    if (!content) return {};
    return row_of_content(*content, outline_);
}

void ShardJournal::add(std::span<const PointRow> rows) {
    std::string text;
    for (const PointRow& row : rows) text += line_of(row);
    std::size_t written = 0;
    int error = 0;
    while (written < text.size() && error == 0) {
        const ssize_t count = write(lock_.file(), text.data() + written, text.size() - written);
        if (count > 0)
            written += static_cast<std::size_t>(count);
        else if (count == 0)
            error = ENOSPC;
        else if (errno != EINTR)
            error = errno;
    }
    // A network file system may say only now that there is no room.
    if (error == 0 && fdatasync(lock_.file()) != 0 && errno != EINVAL) error = errno;
    if (error != 0) {
        [[maybe_unused]] const int ignored = ftruncate(lock_.file(), static_cast<off_t>(size_));
        throw SystemError::from_errno(fmt::format("writing {}", path_), error);
    }
    size_ += text.size();
}

std::uint64_t read_shard(const std::string& path, const std::function<void(const SweepOutline&)>& outline,
                         const std::function<void(PointRow)>& row) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw InputError(SystemError::from_errno(fmt::format("opening {}", path), errno).what());
    struct Close {
        int file;
        ~Close() { close(file); }
    } const close_it{file};
    Reader reader(path);
    bool any = false;
    read_lines(file, path, [&](std::string_view line, std::uint64_t offset) {
        any = true;
        reader.read(line, offset, outline, [&](PointRow one, std::uint64_t) { row(std::move(one)); });
    });
    if (!any) fail_as_none(path);
    return reader.damaged();
}

} // namespace switchyard::lab
