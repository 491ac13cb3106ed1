#include "formats/reference_trace.hpp"

#include "formats/files.hpp"
#include "formats/trace_input.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace switchyard::formats {

namespace {

constexpr std::size_t buffer_size = 1 << 18; // stays in the second-level cache
constexpr std::size_t slack = 16;            // bytes that may be loaded behind the last line at once
constexpr std::size_t longest_shown = 60;

// By character: the value of a hexadecimal digit, 16 for anything else.
constexpr std::uint8_t no_digit = 16;
constexpr auto digit_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (unsigned digit = 0; digit < 10; ++digit) values['0' + digit] = static_cast<std::uint8_t>(digit);
    for (unsigned digit = 10; digit < 16; ++digit)
        values['a' + digit - 10] = values['A' + digit - 10] = static_cast<std::uint8_t>(digit);
    return values;
}();

std::uint64_t value_of(char character) { return digit_values[static_cast<unsigned char>(character)]; }
bool is_decimal(char character) { return value_of(character) < 10; }
bool is_blank(char character) { return character == ' ' || character == '\t' || character == '\r'; }

// The number that up to seven decimal digits at `at` make, and how many there are; 0 digits where there are more. Eight
// characters are taken at once (Lemire 2022, "Parsing 8-bit integers quickly", and its kin): no branch depends on the
// number of digits. Needs eight readable characters.
struct ShortNumber {
    std::uint64_t value;
    unsigned digits;
};
ShortNumber short_number(const char* at) {
    static_assert(std::endian::native == std::endian::little);
    constexpr std::uint64_t ones = 0x0101010101010101;
    std::uint64_t characters = 0;
    std::memcpy(&characters, at, sizeof(characters));
    // A byte's high nibble is 3 and the low one at most 9 for digits alone.
    const std::uint64_t other =
        ((characters & (0xF0 * ones)) ^ (0x30 * ones)) | (((characters & (0x0F * ones)) + 0x06 * ones) & (0xF0 * ones));
    if (other == 0) return {0, 0};
    const auto digits = static_cast<unsigned>(std::countr_zero(other)) / 8;
    if (digits == 0) return {0, 0};
    std::uint64_t value = (characters & (0x0F * ones)) << (64 - 8 * digits); // zeros in front
    value = (value * 10 + (value >> 8)) & 0x00FF00FF00FF00FF;
    value = (value * 100 + (value >> 16)) & 0x0000FFFF0000FFFF;
    value = (value * 10'000 + (value >> 32)) & 0x00000000FFFFFFFF;
    return {value, digits};
}

} // namespace

ReferenceTrace::ReferenceTrace(const std::string& path, std::stop_token stop)
    : name_(shown_name(path)),
      input_(std::make_unique<TraceInput>(path, std::move(stop))),
      buffer_(buffer_size + slack),
      at_(buffer_.data()),
      end_(buffer_.data()) {}

ReferenceTrace::~ReferenceTrace() = default;
ReferenceTrace::ReferenceTrace(ReferenceTrace&&) noexcept = default;
ReferenceTrace& ReferenceTrace::operator=(ReferenceTrace&&) noexcept = default;

double ReferenceTrace::fraction_read() const { return input_->fraction_read(); }

void ReferenceTrace::refuse(const std::string& message) const {
    const auto line = std::min<std::uint64_t>(lines_ + 1, std::numeric_limits<int>::max());
    throw InputError(message, {name_, static_cast<int>(line), 0});
}

// More whole lines. The buffer keeps what is behind the last one; a last line without a newline is given one.
bool ReferenceTrace::refill() {
    while (!finished_) {
        char* const begin = buffer_.data();
        const auto left = static_cast<std::size_t>(begin + filled_ - end_);
        std::memmove(begin, end_, left);
        at_ = end_ = begin;
        filled_ = left;
        if (left == buffer_size) refuse("a line longer than any reference");
        std::size_t got = input_->read({begin + left, buffer_size - left});
        if (got == 0) {
            finished_ = true;
            if (left == 0) return false;
            begin[left] = '\n';
            got = 1;
        }
        filled_ += got;
        const auto* const newline = static_cast<const char*>(::memrchr(begin + left, '\n', got));
        if (newline == nullptr) continue;
        end_ = newline + 1;
        return true;
    }
    return false;
}

// Moves to the next line; `at` must stand where nothing but blanks follow in this one.
void ReferenceTrace::end_line(const char* at) {
    if (*at != '\n') {
        while (is_blank(*at)) ++at;
        if (*at != '\n') {
            const char* const newline =
                static_cast<const char*>(std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_)));
            std::string line(at_, newline);
            if (line.size() > longest_shown) line = line.substr(0, longest_shown) + "...";
            std::erase_if(line, [](char one) { return static_cast<unsigned char>(one) < ' ' || one == '\x7f'; });
            refuse(fmt::format(
                "'{}' is no reference: a page number (\"8191\"), or I, L, S or M with an address and a size "
                "(\" L 1ffeffe7e0,8\"), was expected",
                line));
        }
    }
    at_ = at + 1;
    ++lines_;
}

ReferenceTrace::Line ReferenceTrace::parse_page(MemoryReference& reference) {
    const char* at = at_;
    std::uint64_t page = 0;
    if (const ShortNumber number = short_number(at); number.digits > 0) {
        page = number.value;
        at += number.digits;
    } else {
        for (; is_decimal(*at); ++at) {
            constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
            if (page > (most - value_of(*at)) / 10) refuse("a page number of more than 64 bits");
            page = 10 * page + value_of(*at);
        }
    }
    end_line(at);
    reference = {.address = page, .size = 0, .kind = ReferenceKind::page};
    return Line::reference;
}

ReferenceTrace::Line ReferenceTrace::parse_address(MemoryReference& reference) {
    const char* at = at_;
    while (*at == ' ') ++at;
    switch (*at) {
    case 'I': reference.kind = ReferenceKind::instruction; break;
    case 'L': reference.kind = ReferenceKind::load; break;
    case 'S': reference.kind = ReferenceKind::store; break;
    case 'M': reference.kind = ReferenceKind::modify; break;
    default: end_line(at); return Line::passed_over; // throws unless the line is empty
    }
    const char* const letter = at++;
    while (*at == ' ') ++at;
    if (at == letter + 1) end_line(letter); // throws, as below: a letter ends no line
    const char* const digits = at;
    std::uint64_t address = 0;
    for (std::uint64_t value = 0; (value = value_of(*at)) != no_digit; ++at) address = address << 4 | value;
    if (at == digits || (*at != ',' && *at != ' ')) end_line(letter);
    if (at - digits > 16) refuse("an address of more than 64 bits");
    for (++at; *at == ' ';) ++at;
    const char* const size_digits = at;
    std::uint32_t size = 0;
    for (; is_decimal(*at); ++at) {
        size = 10 * size + static_cast<std::uint32_t>(value_of(*at));
        if (size > 1U << 20) refuse("a reference of more than 1 MiB");
    }
    if (at == size_digits) end_line(letter);
    if (size == 0) refuse("a reference of no bytes");
    if (address + (size - 1) < address) refuse("a reference beyond the end of the address space");
    reference.address = address;
    reference.size = size;
    end_line(at);
    return Line::reference;
}

ReferenceTrace::Line ReferenceTrace::parse_line(MemoryReference& reference) {
    const char first = *at_;
    if (is_decimal(first)) {
        if (form_ == Form::addresses) refuse("a page number in a trace of addresses");
        form_ = Form::pages;
        return parse_page(reference);
    }
    const bool is_banner = (first == '=' || first == '-' || first == '*') && at_[1] == first;
    if (first == '#' || is_banner) {
        end_line(static_cast<const char*>(std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_))));
        return Line::passed_over;
    }
    const Line line = parse_address(reference);
    if (line == Line::reference && form_ != Form::addresses) {
        --lines_; // the line it stands in
        if (form_ == Form::pages) refuse("an address in a trace of page numbers");
        ++lines_;
        form_ = Form::addresses;
    }
    return line;
}

std::size_t ReferenceTrace::read(std::span<MemoryReference> into) {
    std::size_t count = 0;
    while (count < into.size()) {
        if (at_ == end_) {
            if (count > 0 || !refill()) break; // what is there is not to wait for a slow pipe
            continue;
        }
        count += parse_line(into[count]) == Line::reference;
    }
    return count;
}

} // namespace switchyard::formats
