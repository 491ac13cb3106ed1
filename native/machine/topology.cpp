#include "native/machine/topology.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace switchyard::native {

namespace {

namespace fs = std::filesystem;

// --- Files ---------------------------------------------------------------------------------------------------------

// The first line of a file, or nothing where there is none.
std::string line_of(const fs::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

// The number the text begins with is taken off it; nothing where it begins otherwise.
std::optional<int> take_number(std::string_view& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<int> number_in(const fs::path& path) {
    const std::string line = line_of(path);
    std::string_view text = line;
    const std::optional<int> value = take_number(text);
    return text.empty() ? value : std::nullopt;
}

// A list that goes farther is not meant.
constexpr int longest_list = 1 << 16;

// "0-3,8": processors or nodes, ascending. Empty where the file is missing or holds something else.
std::vector<int> list_in(const fs::path& path) {
    const std::string line = line_of(path);
    std::set<int> numbers;
    for (std::string_view text = line; !text.empty();) {
        const std::optional<int> first = take_number(text);
        std::optional<int> last = first;
        if (text.starts_with('-')) {
            text.remove_prefix(1);
            last = take_number(text);
        }
        if (!first || !last || *last < *first || *last >= longest_list) return {};
        for (int number = *first; number <= *last; ++number) numbers.insert(number);
        if (text.empty()) break;
        if (!text.starts_with(',')) return {};
        text.remove_prefix(1);
    }
    return {numbers.begin(), numbers.end()};
}

// "1024K"
Bytes size_in(const fs::path& path) {
    const std::string line = line_of(path);
    std::string_view text = line;
    const std::optional<int> kibibytes = take_number(text);
    return kibibytes && text == "K" ? Bytes{std::int64_t{*kibibytes} * 1024} : Bytes{};
}

// The numbers N of what is called "nameN" in a folder, ascending.
std::vector<int> numbered(const fs::path& folder, std::string_view name) {
    std::vector<int> numbers;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(folder, missing)) {
        const std::string file = entry.path().filename().string();
        if (!file.starts_with(name)) continue;
        std::string_view rest = std::string_view(file).substr(name.size());
        if (const auto number = take_number(rest); number && rest.empty()) numbers.push_back(*number);
    }
    std::ranges::sort(numbers);
    return numbers;
}

// --- What is said of a processor -----------------------------------------------------------------------------------

// A set of processors goes by its first member.
constexpr int nobody = -1;

struct CacheOfProcessor {
    int first = nobody;
    Bytes size;
};

struct Processor {
    int node = 0; // index among the nodes
    int package = nobody;
    int physical_core = nobody;
    std::map<int, CacheOfProcessor, std::greater<>> caches; // by level, the last one first
    std::optional<int> capacity;
};

int first_of(const fs::path& folder, const char* file, const char* older) {
    std::vector<int> list = list_in(folder / file);
    if (list.empty()) list = list_in(folder / older);
    return list.empty() ? nobody : list.front();
}

Processor read_processor(const fs::path& folder, int cpu) {
    Processor processor;
    processor.package = first_of(folder / "topology", "package_cpus_list", "core_siblings_list");
    processor.physical_core = first_of(folder / "topology", "core_cpus_list", "thread_siblings_list");
    if (processor.physical_core == nobody) processor.physical_core = cpu;
    for (const int index : numbered(folder / "cache", "index")) {
        const fs::path cache = folder / "cache" / fmt::format("index{}", index);
        const std::vector<int> shared = list_in(cache / "shared_cpu_list");
        const int level = number_in(cache / "level").value_or(0);
        if (level < 2 || shared.empty() || line_of(cache / "type") == "Instruction") continue;
        processor.caches[level] = {shared.front(), size_in(cache / "size")};
    }
    processor.capacity = number_in(folder / "cpu_capacity");
    return processor;
}

// --- The whole machine ---------------------------------------------------------------------------------------------

// Parts from the outside in: cores are together in a part if all the parts around it are the same too.
using Path = std::vector<int>;
using Parts = std::map<Path, CoreSet>;

std::vector<CoreSet> sets_of(const Parts& parts) {
    std::vector<CoreSet> sets;
    for (const auto& [path, cores] : parts) sets.push_back(cores);
    return sets;
}

// Goes a step further in with every core's path; cores for which there is no such part are in none.
Parts step(std::vector<Path>& paths, const std::function<int(std::size_t)>& part_of) {
    Parts parts;
    for (std::size_t core = 0; core < paths.size(); ++core) {
        const int part = part_of(core);
        paths[core].push_back(part);
        if (part != nobody) parts[paths[core]].push_back(static_cast<std::uint32_t>(core));
    }
    return parts;
}

std::vector<SharedCache> caches_of(const std::vector<Processor>& processors, std::vector<Path>& paths) {
    std::set<int, std::greater<>> levels;
    for (const Processor& processor : processors)
        for (const auto& [level, cache] : processor.caches) levels.insert(level);
    std::vector<SharedCache> caches;
    for (const int level : levels) {
        const auto cache_of = [&](std::size_t core) {
            const auto cache = processors[core].caches.find(level);
            return cache == processors[core].caches.end() ? nobody : cache->second.first;
        };
        for (const auto& [path, cores] : step(paths, cache_of))
            caches.push_back(
                {static_cast<std::uint32_t>(level), processors[cores.front()].caches.at(level).size, cores});
    }
    if (levels.empty()) // the package stands for it, as in cpu_coregroup_mask of drivers/base/arch_topology.c
        for (const auto& [path, cores] : step(paths, [&](std::size_t core) { return processors[core].package; }))
            caches.push_back({0, {}, cores});
    return caches;
}

// From each of the nodes to each, by their places in `all`, as those are the columns of the files.
std::vector<std::vector<std::uint32_t>> distances_of(const fs::path& folder, const std::vector<int>& all,
                                                     const std::set<int>& with_cores) {
    std::vector<std::vector<std::uint32_t>> distances;
    for (const int from : with_cores) {
        const std::string line =
            line_of(folder / fmt::format("node{}", all[static_cast<std::size_t>(from)]) / "distance");
        std::vector<int> columns;
        for (std::string_view text = line; !text.empty();) {
            const std::optional<int> distance = take_number(text);
            if (!distance) return {};
            columns.push_back(*distance);
            while (text.starts_with(' ')) text.remove_prefix(1);
        }
        if (columns.size() != all.size()) return {};
        std::vector<std::uint32_t>& row = distances.emplace_back();
        for (const int to : with_cores) {
            const auto distance = static_cast<std::uint32_t>(columns[static_cast<std::size_t>(to)]);
            if (from == to ? distance != local_distance : distance < local_distance) return {};
            row.push_back(distance);
        }
    }
    return distances;
}

// The scale of cpu_capacity: SCHED_CAPACITY_SCALE is the fastest core's.
constexpr int full_capacity = 1024;

std::vector<std::uint32_t> speeds_of(const std::vector<Processor>& processors) {
    std::vector<std::uint32_t> speeds;
    for (const Processor& processor : processors) {
        if (!processor.capacity || *processor.capacity < 1 || *processor.capacity > full_capacity) return {};
        const auto capacity = static_cast<std::uint32_t>(*processor.capacity);
        speeds.push_back(std::max((capacity * nominal_speed + full_capacity / 2) / full_capacity, 1u));
    }
    const bool all_nominal = std::ranges::all_of(speeds, [](std::uint32_t speed) { return speed == nominal_speed; });
    return all_nominal ? std::vector<std::uint32_t>{} : speeds;
}

} // namespace

MachineTopology read_topology(const std::string& root, std::span<const int> cpus) {
    const fs::path cpu_folder = fs::path(root) / "cpu";
    const fs::path node_folder = fs::path(root) / "node";
    MachineTopology machine{{cpus.begin(), cpus.end()}, {}};
    if (machine.cpus.empty()) machine.cpus = list_in(cpu_folder / "online");
    if (machine.cpus.empty())
        throw SystemError(fmt::format("{} does not tell which processors there are", (cpu_folder / "online").string()));
    std::ranges::sort(machine.cpus);

    std::vector<Processor> processors;
    for (const int cpu : machine.cpus)
        processors.push_back(read_processor(cpu_folder / fmt::format("cpu{}", cpu), cpu));
    const std::vector<int> nodes = numbered(node_folder, "node");
    for (std::size_t node = 0; node < nodes.size(); ++node)
        for (const int cpu : list_in(node_folder / fmt::format("node{}", nodes[node]) / "cpulist")) {
            const auto found = std::ranges::lower_bound(machine.cpus, cpu);
            if (found != machine.cpus.end() && *found == cpu)
                processors[static_cast<std::size_t>(found - machine.cpus.begin())].node = static_cast<int>(node);
        }

    std::vector<Path> paths(processors.size());
    const auto node_of = [&](std::size_t core) { return processors[core].node; };
    machine.description.nodes = sets_of(step(paths, node_of));
    machine.description.caches = caches_of(processors, paths);
    const auto physical_core_of = [&](std::size_t core) { return processors[core].physical_core; };
    machine.description.physical_cores = sets_of(step(paths, physical_core_of));
    std::set<int> with_cores;
    for (const Processor& processor : processors) with_cores.insert(processor.node);
    if (!nodes.empty()) machine.description.node_distances = distances_of(node_folder, nodes, with_cores);
    machine.description.speeds = speeds_of(processors);
    return machine;
}

} // namespace switchyard::native
