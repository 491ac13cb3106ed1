#include "formats/scenario/read_scenario.hpp"

#include "formats/files.hpp"
#include "formats/scenario/check.hpp"
#include "formats/scenario/communication.hpp"
#include "formats/scenario/include.hpp"
#include "formats/scenario/memory.hpp"
#include "formats/scenario/operations.hpp"
#include "formats/scenario/scheduling.hpp"
#include "formats/scenario/server.hpp"
#include "formats/scenario/synchronisation.hpp"
#include "formats/scenario/values.hpp"
#include "formats/yaml/read_yaml.hpp"
#include "models/report/report.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <limits>

namespace switchyard::formats {

namespace {

constexpr std::int64_t most_ticks_per_second = 1'000'000;

std::uint32_t read_core_count(const Node& node) {
    return static_cast<std::uint32_t>(read_integer(node, 1, most_cores));
}

RegularTopology read_topology(const Node& node) {
    RegularTopology topology;
    if (const Node* nodes = node.find("nodes"))
        topology.nodes = static_cast<std::uint32_t>(read_integer(*nodes, 1, most_nodes));
    if (const Node* caches = node.find("caches_per_node")) topology.caches_per_node = read_core_count(*caches);
    if (const Node* cores = node.find("cores_per_cache")) topology.cores_per_cache = read_core_count(*cores);
    if (const Node* threads = node.find("threads_per_core")) topology.threads_per_core = read_core_count(*threads);
    return topology;
}

std::vector<std::uint32_t> read_speeds(const Node& list) {
    std::vector<std::uint32_t> speeds;
    for (const Node& item : list.children) {
        const std::int64_t speed = placed(item.location(), [&] { return parse_thousandths(item.text); });
        if (speed < 1 || speed > highest_speed)
            throw InputError(fmt::format("a core cannot have {} times nominal speed: write 0.001 to {}", item.text,
                                         highest_speed / nominal_speed),
                             item.location());
        speeds.push_back(static_cast<std::uint32_t>(speed));
    }
    return speeds;
}

// How many cores there are, if they are not counted: as many as the topology, or else the speeds, are of.
std::uint32_t read_cores_of(const Node& node, const TopologyDescription& topology) {
    const Node* cores = node.find("cores");
    const std::uint32_t named = cores_named(topology);
    if (!cores) return std::max(named, 1u);
    const std::uint32_t count = read_core_count(*cores);
    if (named > 0 && named != count)
        throw InputError(fmt::format("'cores' is {}, but '{}' is of {}: leave 'cores' away, or make them agree", count,
                                     node.find("topology") ? "topology" : "speeds", named),
                         cores->location());
    return count;
}

CacheSizes read_caches(const Node& node) {
    const auto read = [](const Node* size) {
        if (!size) return Bytes{};
        const Bytes bytes = read_size(*size);
        if (bytes < Bytes{1}) throw InputError("a cache holds at least 1B", size->location());
        return bytes;
    };
    return {read(node.find("private")), read(node.find("shared"))};
}

MachineCost read_cost(const Node& node) {
    const std::optional<Cost> cost = cost_named(node.key);
    if (!cost) {
        std::vector<std::string_view> names;
        for (int i = 0; i < costs; ++i)
            if (const auto& each = describe(static_cast<Cost>(i)); each.unit == CostUnit::picoseconds)
                names.push_back(each.name);
        throw InputError(fmt::format("no profile has a cost called '{}'{}", node.key, suggestion(node.key, names)),
                         node.key_location());
    }
    if (describe(*cost).unit != CostUnit::picoseconds)
        throw InputError(fmt::format("'{}' is a size, not a time: it is the profile's", node.key), node.key_location());
    return {*cost, read_time(node)};
}

Machine read_machine(const Node& node) {
    Machine machine;
    if (const Node* topology = node.find("topology"))
        machine.topology = placed(topology->key_location(), [&] { return describe(read_topology(*topology)); });
    if (const Node* speeds = node.find("speeds")) machine.topology.speeds = read_speeds(*speeds);
    machine.cores = read_cores_of(node, machine.topology);
    if (const Node* speeds = node.find("speeds"); speeds && speeds->children.size() != machine.cores)
        throw InputError(
            fmt::format("there are {} speeds for {} cores: give each core one", speeds->children.size(), machine.cores),
            speeds->location());
    if (const Node* profile = node.find("profile")) machine.profile = profile->text;
    if (const Node* hz = node.find("hz"))
        machine.hz = static_cast<std::uint32_t>(read_integer(*hz, 0, most_ticks_per_second));
    machine.memory = read_machine_memory(node);
    if (const Node* caches = node.find("caches")) machine.caches = read_caches(*caches);
    if (const Node* own = node.find("costs"))
        for (const Node& cost : own->children) machine.costs.push_back(read_cost(cost));
    return machine;
}

Scheduler read_scheduler(const Node& node) {
    Scheduler scheduler;
    scheduler.where = node.key_location();
    for (const Node& child : node.children) {
        if (child.key != "policy") {
            scheduler.parameters.push_back({child.key, child.text, child.location()});
            continue;
        }
        scheduler.policy = child.text;
        scheduler.where = child.location();
    }
    return scheduler;
}

std::vector<std::uint32_t> read_cores(const Node& list, std::uint32_t cores) {
    std::vector<std::uint32_t> affinity;
    for (const Node& item : list.children)
        affinity.push_back(static_cast<std::uint32_t>(read_integer(item, 0, std::int64_t{cores} - 1)));
    if (affinity.empty()) throw InputError("a task needs a core to run on: leave 'cores' out for all", list.location());
    return affinity;
}

TaskTemplate read_task(const Node& node, const Scenario& scenario, ProgramBuilder& program) {
    TaskTemplate task;
    task.name = node.key;
    task.where = node.key_location();
    if (const Node* kind = node.find("kind")) task.kind = read_task_kind(*kind);
    if (const Node* count = node.find("count"))
        task.count = static_cast<std::uint32_t>(read_integer(*count, 1, most_tasks));
    if (const Node* process = node.find("process")) task.process = process->text;
    if (const Node* carrier = node.find("carrier")) task.carrier = carrier->text;
    if (const Node* parent = node.find("parent")) task.parent = parent->text;
    if (const Node* ignores = node.find("ignores_children")) task.ignores_children = read_boolean(*ignores);
    if (const Node* carriers = node.find("carriers"))
        task.carriers = static_cast<std::uint32_t>(read_integer(*carriers, 1, most_carriers));
    if (const Node* resident = node.find("resident")) task.resident = read_size(*resident);
    if (const Node* memory = node.find("memory")) {
        task.memory = read_segments(*memory);
        if (const Node* limit = memory->find("limit")) task.memory_limit = read_size(*limit);
    }
    if (const Node* start = node.find("start")) task.start = read_distribution(*start, DrawnUnit::time);
    if (const Node* cores = node.find("cores")) task.cores = read_cores(*cores, scenario.machine.cores);
    if (const Node* scheduling = node.find("scheduling")) task.scheduling = read_scheduling(*scheduling);
    if (const Node* group = node.find("group")) task.group = read_group(*group, scenario.groups);
    if (const Node* interpreter = node.find("interpreter"))
        task.interpreter = read_interpreter(*interpreter, scenario.locks);
    if (const Node* session = node.find("session")) task.session = session->text;
    const Node& body = *node.find("do");
    if (const Node* periodic = node.find("periodic"))
        read_periodic(*periodic, body, task.scheduling, program);
    else
        read_operations(body, program);
    task.program = program.build();
    return task;
}

std::vector<TaskTemplate> read_tasks(const Node& node, const Scenario& scenario) {
    std::vector<TaskTemplate> tasks;
    tasks.reserve(node.children.size());
    ProgramBuilder program(object_names(scenario)); // one for all tasks: it is empty again after each
    std::size_t operations = 0;
    for (const Node& child : node.children) {
        tasks.push_back(read_task(child, scenario, program));
        operations += tasks.back().program.code.size();
        if (operations > most_operations)
            throw InputError(fmt::format("more than {} operations in all tasks together", most_operations),
                             child.key_location());
    }
    return tasks;
}

std::vector<std::string> task_names(const Scenario& scenario) {
    std::vector<std::string> names;
    names.reserve(scenario.tasks.size());
    for (const TaskTemplate& task : scenario.tasks) names.push_back(task.name);
    return names;
}

// `validate` checks metrics too; here their names and values have places of their own.
std::vector<Expectation> read_expectations(const Node& node, const std::vector<std::string>& tasks,
                                           const std::vector<std::string>& observations) {
    std::vector<Expectation> expectations;
    for (const Node& child : node.children) {
        const Node& value = child.is_map() ? *child.find("value") : child;
        const Node* within = child.find("within");
        const MetricUnit unit =
            placed(child.key_location(), [&] { return unit_of_metric(child.key, tasks, observations); });
        static_cast<void>(placed(value.location(), [&] { return parse_metric(unit, value.text); }));
        expectations.push_back({child.key, value.text, within ? read_share(*within) : 0, child.key_location()});
    }
    return expectations;
}

bool has_unit(MetricUnit unit) { return unit == MetricUnit::time || unit == MetricUnit::bytes; }

// "50us", but not "2%".
bool is_amount(MetricUnit unit, std::string_view text) {
    try {
        static_cast<void>(parse_metric(unit, text));
        return true;
    } catch (const InputError&) {
        return false;
    }
}

std::vector<ValidationTarget> read_targets(const Node& node, const std::vector<std::string>& tasks,
                                           const std::vector<std::string>& observations) {
    std::vector<ValidationTarget> targets;
    for (const Node& child : node.children) {
        const MetricUnit unit =
            placed(child.key_location(), [&] { return unit_of_metric(child.key, tasks, observations); });
        if (has_unit(unit) && is_amount(unit, child.text))
            targets.push_back({child.key, 0, child.key_location(), child.text});
        else
            targets.push_back({child.key, read_share(child), child.key_location()});
    }
    return targets;
}

Scenario scenario_of(const Node& tree, const std::string& file_name) {
    Scenario scenario;
    scenario.file = file_name;
    scenario.name = std::filesystem::path(file_name).stem().string();
    if (const Node* name = tree.find("name")) scenario.name = name->text;
    if (const Node* about = tree.find("about")) scenario.about = about->text;
    if (const Node* seed = tree.find("seed")) scenario.seed = read_unsigned(*seed);
    if (const Node* machine = tree.find("machine")) scenario.machine = read_machine(*machine);
    if (const Node* scheduler = tree.find("scheduler")) scenario.scheduler = read_scheduler(*scheduler);
    if (const Node* semaphores = tree.find("semaphores")) scenario.semaphores = read_semaphores(*semaphores);
    if (const Node* pipes = tree.find("pipes")) read_pipes(*pipes, scenario.channels);
    if (const Node* channels = tree.find("channels")) read_channels(*channels, scenario.channels);
    if (const Node* devices = tree.find("devices")) scenario.devices = read_devices(*devices);
    if (const Node* requests = tree.find("requests")) scenario.request_amounts = read_requests(*requests);
    if (const Node* locks = tree.find("locks")) scenario.locks = read_locks(*locks);
    if (const Node* conditions = tree.find("conditions")) scenario.conditions = read_conditions(*conditions);
    if (const Node* barriers = tree.find("barriers")) scenario.barriers = read_barriers(*barriers);
    if (const Node* variables = tree.find("variables")) scenario.variables = read_variables(*variables);
    if (const Node* groups = tree.find("groups")) scenario.groups = read_groups(*groups);
    const Node* tasks = tree.find("tasks");
    const Node* server = tree.find("server");
    if (!tasks && !server) throw InputError("a scenario needs 'tasks': a map, or a 'server'", tree.location());
    if (tasks) scenario.tasks = read_tasks(*tasks, scenario);
    if (server) scenario.server = read_server(*server, scenario);
    lower(scenario);

    if (const Node* expect = tree.find("expect"))
        scenario.expectations = read_expectations(*expect, task_names(scenario), observation_names(scenario));
    const Node* validation = tree.find("validate");
    if (const Node* targets = validation ? validation->find("targets") : nullptr)
        scenario.targets = read_targets(*targets, task_names(scenario), observation_names(scenario));
    return scenario;
}

Node tree_of(std::string text, const std::string& file_name) {
    return scenario_tree(read_yaml(std::move(text), file_name), file_name);
}

Scenario checked_scenario(Node tree, const std::string& file_name, std::span<const Override> changes) {
    for (const Override& change : changes) set(tree, change);
    return scenario_in(tree, file_name);
}

// What is wrong with a change that a file makes is wrong at its place there.
Scenario variant(Node tree, const Node& variation, const std::string& file_name, std::span<const Override> changes) {
    for (const Node& item : variation.children) {
        try {
            set(tree, parse_override(item.text));
        } catch (const InputError& error) {
            throw InputError(error.message(), item.location());
        }
    }
    Scenario scenario = checked_scenario(std::move(tree), file_name, changes);
    scenario.name += '/' + variation.key;
    return scenario;
}

} // namespace

Node scenario_tree(Node tree, const std::string& file_name) {
    if (tree.is_empty()) throw InputError("there is nothing in it: a scenario needs 'tasks'", {file_name, 0, 0});
    return with_includes(std::move(tree), file_name);
}

Scenario scenario_in(const Node& tree, const std::string& file_name) {
    check_form(tree, scenario_map);
    Scenario scenario = scenario_of(tree, file_name);
    placed({file_name, 0, 0}, [&] { validate(scenario); });
    return scenario;
}

Scenario parse_scenario(std::string text, const std::string& file_name, std::span<const Override> changes) {
    return checked_scenario(tree_of(std::move(text), file_name), file_name, changes);
}

std::vector<ValidationCase> parse_validation_cases(std::string text, const std::string& file_name,
                                                   std::span<const Override> changes) {
    const Node tree = tree_of(std::move(text), file_name);
    Scenario written = checked_scenario(tree, file_name, changes); // whatever its variants change
    const Node* validation = tree.find("validate");
    const Node* family = validation ? validation->find("family") : nullptr;
    const Node* variants = validation ? validation->find("variants") : nullptr;
    std::vector<ValidationCase> cases;
    if (variants)
        for (const Node& variation : variants->children)
            cases.push_back({variant(tree, variation, file_name, changes), family ? family->text : ""});
    if (cases.empty()) cases.push_back({std::move(written), family ? family->text : ""});
    return cases;
}

std::vector<ValidationCase> read_validation_cases(const std::string& path, std::span<const Override> changes) {
    return parse_validation_cases(read_file(path, YamlLimits{}.bytes), shown_name(path), changes);
}

Scenario read_scenario(const std::string& path, std::span<const Override> changes) {
    return parse_scenario(read_file(path, YamlLimits{}.bytes), shown_name(path), changes);
}

} // namespace switchyard::formats
