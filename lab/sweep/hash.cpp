#include "lab/sweep/hash.hpp"

#include "formats/files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <new>
#include <span>
#include <xxhash.h>

namespace switchyard::lab {

namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 14;

struct FreeState {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

PointIdentity digest_of_file(const std::string& path) {
    Hash hash;
    try {
        hash.add(formats::read_file(path));
    } catch (const std::exception& error) { // the run will say what is wrong
        hash.add(std::string_view(error.what()));
    }
    return hash.digest();
}

class TreeHasher {
public:
    TreeHasher(Hash& hash, std::unordered_map<std::string, PointIdentity>& files) : hash_(hash), files_(files) {}

    void add(const formats::Node& node) {
        hash_.add((std::uint64_t{node.children.size()} << 3U) | (std::uint64_t{node.is_empty()} << 2U) |
                  static_cast<std::uint64_t>(node.kind));
        hash_.add(std::string_view(node.key));
        if (node.is_scalar()) hash_.add(std::string_view(node.text));
        if (node.is_scalar() && node.key == "trace") add_file(node);
        for (const formats::Node& child : node.children) add(child);
    }

    // Of the top, or of the machine: without the children named.
    void add_without(const formats::Node& map, std::span<const std::string_view> left_out) {
        hash_.add(std::string_view(map.key));
        for (const formats::Node& child : map.children) {
            if (std::ranges::find(left_out, std::string_view(child.key)) != left_out.end()) continue;
            if (map.key.empty() && child.key == "machine" && child.is_map())
                add_without(child, machine_left_out);
            else
                add(child);
        }
        hash_.add(std::string_view("end"));
    }

    static constexpr std::array<std::string_view, 5> scenario_left_out{"name", "about", "seed", "expect", "validate"};

private:
    static constexpr std::array<std::string_view, 1> machine_left_out{"profile"};

    void add_file(const formats::Node& node) {
        const std::filesystem::path folder = std::filesystem::path(node.file ? *node.file : "").parent_path();
        const std::string path = (folder / node.text).lexically_normal().string();
        auto known = files_.find(path);
        if (known == files_.end()) known = files_.emplace(path, digest_of_file(path)).first;
        hash_.add(known->second);
    }

    Hash& hash_;
    std::unordered_map<std::string, PointIdentity>& files_;
};

} // namespace

struct Hash::State {
    std::unique_ptr<XXH3_state_t, FreeState> xxh{XXH3_createState()};
};

Hash::Hash() : state_(std::make_unique<State>()) {
    if (!state_->xxh) throw std::bad_alloc();
    buffer_.reserve(buffer_size);
    reset();
}

Hash::~Hash() = default;

void Hash::reset() {
    buffer_.clear();
    XXH3_128bits_reset(state_->xxh.get());
}

void Hash::flush() {
    XXH3_128bits_update(state_->xxh.get(), buffer_.data(), buffer_.size());
    buffer_.clear();
}

void Hash::add(std::uint64_t number) {
    if (buffer_.size() + sizeof number > buffer_size) flush();
    for (unsigned shift = 0; shift < 64; shift += 8) buffer_ += static_cast<char>(number >> shift & 0xFFU);
}

void Hash::add(std::string_view text) {
    add(std::uint64_t{text.size()});
    if (buffer_.size() + text.size() > buffer_size) flush();
    if (text.size() <= buffer_size)
        buffer_ += text;
    else
        XXH3_128bits_update(state_->xxh.get(), text.data(), text.size());
}

void Hash::add(const PointIdentity& digest) {
    add(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

PointIdentity Hash::digest() {
    flush();
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_->xxh.get()));
    PointIdentity identity{};
    std::ranges::copy(canonical.digest, identity.begin());
    return identity;
}

void add_scenario(Hash& hash, const formats::Node& tree, std::unordered_map<std::string, PointIdentity>& files) {
    TreeHasher(hash, files).add_without(tree, TreeHasher::scenario_left_out);
    const formats::Node* expect = tree.find("expect");
    hash.add(std::uint64_t{expect != nullptr && expect->find("stranded") != nullptr});
}

} // namespace switchyard::lab
