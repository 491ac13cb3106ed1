#include "sim/memory/replacement/options.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace switchyard::sim::replacement {

const std::string* Options::value_of(std::string_view name) const {
    const auto found = std::ranges::find(given_, name, &Parameter::name);
    return found == given_.end() ? nullptr : &found->value;
}

std::uint64_t Options::count(std::string_view name, std::uint64_t least, std::uint64_t most,
                             std::uint64_t default_value) const {
    const std::string* const text = value_of(name);
    if (text == nullptr) return default_value;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || value < least || value > most)
        throw InputError(fmt::format("'{}' for {} is no number from {} to {}", *text, name, least, most));
    return value;
}

std::uint32_t Options::share_of_frames(std::string_view name, std::int64_t default_thousandths) const {
    const std::string* const text = value_of(name);
    const std::int64_t thousandths = text == nullptr ? default_thousandths : parse_thousandths(*text);
    if (thousandths > 1000) throw InputError(fmt::format("'{}' for {} is more than all frames", *text, name));
    return static_cast<std::uint32_t>(frames * static_cast<std::uint64_t>(thousandths) / 1000);
}

} // namespace switchyard::sim::replacement
