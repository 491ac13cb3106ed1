// Values as bytes for a message between two processes of one program, and back. Same program, so same byte order.
#pragma once

#include "models/errors.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace switchyard::lab {

class Packer {
public:
    template <typename Value>
    requires std::is_trivially_copyable_v<Value> Packer& add(const Value& value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    Packer& add(const std::string& text) {
        add(text.size());
        bytes_ += text;
        return *this;
    }
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

    template <typename Value>
    requires std::is_trivially_copyable_v<Value>
    [[nodiscard]] Value get() {
        Value value{};
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }
    [[nodiscard]] std::string text() { return std::string(take(get<std::size_t>())); }

private:
    std::string_view take(std::size_t size) {
        if (size > bytes_.size()) throw SystemError("a message of another version of switchyard");
        const std::string_view taken = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return taken;
    }
    std::string_view bytes_;
};

} // namespace switchyard::lab
