#include "formats/scenario/include.hpp"

#include "formats/files.hpp"
#include "formats/scenario/check.hpp"
#include "formats/yaml/read_yaml.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <unordered_map>
#include <vector>

namespace switchyard::formats {

namespace {

using Path = std::filesystem::path;

// What the child is to be merged as, were it a map: nullptr where it replaces the other one as a whole.
const MapDescription* merged_as(const Node& child, const MapDescription& parent) {
    const KeyDescription* key = parent.find(child.key);
    if (!key || !child.is_map() || child.children.empty()) return nullptr;
    const MapDescription* map = map_of(*key, child.children.front().key);
    return map && map->one_of.empty() ? map : nullptr;
}

void merge(Node& base, Node&& over, const MapDescription& description) {
    std::unordered_map<std::string, std::size_t> places;
    places.reserve(base.children.size());
    for (std::size_t i = 0; i < base.children.size(); ++i) places.emplace(base.children[i].key, i);
    for (Node& child : over.children) {
        const auto place = places.find(child.key);
        if (place == places.end()) {
            base.children.push_back(std::move(child));
            continue;
        }
        Node& present = base.children[place->second];
        const MapDescription* map = merged_as(child, description);
        if (map && merged_as(present, description) == map)
            merge(present, std::move(child), *map);
        else
            present = std::move(child);
    }
}

// Reads one file after another, depth first.
class Inclusion {
public:
    Node expand(Node scenario, const Path& file) {
        const Node* list = scenario.find("include");
        if (!list) return scenario;
        check_form(*list, *scenario_map.find("include"));
        chain_.push_back({file, std::filesystem::weakly_canonical(file)});
        Node merged{.kind = Node::Kind::map, .mark = scenario.mark, .file = scenario.file};
        for (const Node& item : list->children) merge(merged, included(item, file.parent_path()), scenario_map);
        chain_.pop_back();

        std::erase_if(scenario.children, [](const Node& child) { return child.key == "include"; });
        merge(merged, std::move(scenario), scenario_map);
        return merged;
    }

private:
    struct Link {
        Path shown;
        Path canonical;
    };

    Node included(const Node& item, const Path& folder) {
        const Path path = (folder / item.text).lexically_normal();
        const Path canonical = checked_path(item, folder, path);
        check_no_circle(item, path, canonical);
        if (++files_ > most_included_files)
            throw InputError(fmt::format("more than {} files included", most_included_files), item.location());
        Node scenario = read_yaml(read_included(item, path), path.string());
        if (!scenario.is_map())
            throw InputError(fmt::format("a file to include is a map, not {}", written_kind(scenario)),
                             scenario.location());
        return expand(std::move(scenario), path);
    }

    static Path checked_path(const Node& item, const Path& folder, const Path& path) {
        std::error_code error; // a file that does not exist is found out when it is read
        const Path top = std::filesystem::weakly_canonical(folder.empty() ? Path(".") : folder, error);
        const Path canonical = std::filesystem::weakly_canonical(path, error);
        const bool below = std::mismatch(top.begin(), top.end(), canonical.begin(), canonical.end()).first == top.end();
        if (Path(item.text).is_absolute() || !below)
            throw InputError(
                fmt::format("cannot include {}: only files below this file's folder can be", shown(item.text)),
                item.location());
        return canonical;
    }

    void check_no_circle(const Node& item, const Path& path, const Path& canonical) const {
        const auto same = [&](const Link& link) { return link.canonical == canonical; };
        const auto first = std::find_if(chain_.begin(), chain_.end(), same);
        if (first == chain_.end()) return;
        std::string circle;
        for (auto link = first; link != chain_.end(); ++link) circle += link->shown.string() + " -> ";
        throw InputError("circular include: " + circle + path.string(), item.location());
    }

    static std::string read_included(const Node& item, const Path& path) {
        try {
            return read_file(path.string(), YamlLimits{}.bytes);
        } catch (const InputError& error) {
            throw InputError(fmt::format("cannot include {}: {}", shown(item.text), error.message()), item.location());
        }
    }

    std::vector<Link> chain_; // the files being read, the outermost first
    int files_ = 0;
};

} // namespace

Node with_includes(Node scenario, const std::string& file_name) {
    if (const Node* list = scenario.find("include"); list && file_name == shown_name("-"))
        throw InputError("standard input can include nothing: there is no folder to look in", list->key_location());
    return Inclusion().expand(std::move(scenario), file_name);
}

} // namespace switchyard::formats
