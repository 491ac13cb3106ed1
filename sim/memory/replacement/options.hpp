// What a replacement policy is made with: the memory's size and the policy's parameters as a user gave them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::sim::replacement {

struct ParameterDescription {
    std::string_view name;
    std::string_view default_value; // a count, a share ("25%"), or what it is by default in words
    std::string_view about;
};

// A parameter somebody gave: "bits" = "2".
struct Parameter {
    std::string name;
    std::string value;
};

class Options {
public:
    // `frames` > 0; `pages`: those there are, numbered from 0, where they are numbered so.
    explicit Options(std::uint32_t memory_frames, std::size_t all_pages = 0, std::span<const Parameter> given = {},
                     std::uint64_t random_seed = 0)
        : frames(memory_frames), pages(all_pages), seed(random_seed), given_(given) {}

    // The number given, else the default. Throws InputError for what is no number from `least` to `most`.
    [[nodiscard]] std::uint64_t count(std::string_view name, std::uint64_t least, std::uint64_t most,
                                      std::uint64_t default_value) const;
    // The share of the frames, rounded down: "25%" or "0.25"; the default is in thousandths.
    [[nodiscard]] std::uint32_t share_of_frames(std::string_view name, std::int64_t default_thousandths) const;

    std::uint32_t frames;
    std::size_t pages;
    std::uint64_t seed;

private:
    [[nodiscard]] const std::string* value_of(std::string_view name) const;
    std::span<const Parameter> given_;
};

} // namespace switchyard::sim::replacement
