#include "formats/trace_input.hpp"

#include "formats/files.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <zstd.h>

namespace switchyard::formats {

struct TraceInput::Unpacker {
    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream{ZSTD_createDStream(), ZSTD_freeDStream};
    std::vector<char> packed = std::vector<char>(ZSTD_DStreamInSize());
    ZSTD_inBuffer input{packed.data(), 0, 0};
    bool within_frame = false;
};

TraceInput::TraceInput(const std::string& path, std::stop_token stop)
    : name_(shown_name(path)),
      stop_(std::move(stop)),
      descriptor_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    const auto refuse = [&](const std::string& message) {
        if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
        throw InputError(message, {name_, 0, 0});
    };
    if (descriptor_ < 0) refuse("cannot be read: " + std::generic_category().message(errno));
    struct stat status {};
    if (::fstat(descriptor_, &status) == 0) {
        if (S_ISDIR(status.st_mode)) refuse("is a folder, not a file");
        if (S_ISREG(status.st_mode)) length_ = static_cast<std::uint64_t>(status.st_size);
    }
}

TraceInput::~TraceInput() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

double TraceInput::fraction_read() const {
    return length_ == 0 ? -1.0 : static_cast<double>(consumed_) / static_cast<double>(length_);
}

std::size_t TraceInput::read_raw(std::span<char> into) {
    for (;;) {
        const ssize_t got = ::read(descriptor_, into.data(), into.size());
        if (got >= 0) {
            consumed_ += static_cast<std::uint64_t>(got);
            return static_cast<std::size_t>(got);
        }
        if (errno != EINTR) throw SystemError::from_errno(fmt::format("cannot read '{}'", name_), errno);
        if (stop_.stop_requested()) return 0;
    }
}

// Whether the first bytes are those of a compressed stream.
void TraceInput::recognize() {
    static constexpr std::array magic{'\x28', '\xB5', '\x2F', '\xFD'};
    recognized_ = true;
    std::array<char, magic.size()> bytes{};
    while (first_.size() < magic.size()) {
        const std::size_t got = read_raw(std::span(bytes).first(magic.size() - first_.size()));
        first_.insert(first_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(got));
        if (got == 0) break;
        if (!std::equal(first_.begin(), first_.end(), magic.begin())) break; // what is there is not to wait for more
    }
    if (!std::equal(first_.begin(), first_.end(), magic.begin(), magic.end())) return;
    unpacker_ = std::make_unique<Unpacker>();
    if (!unpacker_->stream) throw std::bad_alloc();
    std::ranges::copy(first_, unpacker_->packed.begin());
    unpacker_->input.size = first_.size();
}

std::size_t TraceInput::unpack(std::span<char> into) {
    Unpacker& unpacker = *unpacker_;
    ZSTD_outBuffer output{into.data(), into.size(), 0};
    while (output.pos == 0) {
        // What is unpacked already may still wait inside: more is read only when nothing comes out of what there is.
        const std::size_t before = unpacker.input.pos;
        const std::size_t result = ZSTD_decompressStream(unpacker.stream.get(), &output, &unpacker.input);
        if (ZSTD_isError(result))
            throw InputError(fmt::format("is damaged: {}", ZSTD_getErrorName(result)), {name_, 0, 0});
        if (unpacker.input.pos != before || output.pos > 0) unpacker.within_frame = result != 0;
        if (output.pos > 0 || unpacker.input.pos < unpacker.input.size) continue;
        const std::size_t got = read_raw(unpacker.packed);
        if (got == 0 && unpacker.within_frame && !stop_.stop_requested())
            throw InputError("is damaged: the compressed stream ends in the middle", {name_, 0, 0});
        if (got == 0) return 0;
        unpacker.input = {unpacker.packed.data(), got, 0};
    }
    return output.pos;
}

std::size_t TraceInput::read(std::span<char> into) {
    if (!recognized_) recognize();
    if (unpacker_) return unpack(into);
    if (first_given_ == first_.size()) return read_raw(into);
    const std::size_t given = std::min(into.size(), first_.size() - first_given_);
    std::memcpy(into.data(), first_.data() + first_given_, given);
    first_given_ += given;
    return given;
}

} // namespace switchyard::formats
