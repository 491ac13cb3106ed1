// OSTEP, "The Process API" (cpu-api/fork.py): trees of processes.
#include "sim/kernel/life.hpp"
#include "tests/oracles/machine.hpp"
#include "tests/oracles/oracle.hpp"

#include <catch2/catch_test_macros.hpp>
#include <map>

using namespace switchyard;
using namespace switchyard::oracles;

namespace {

// The tree below a process, parents before their children: [depth, name].
void add_tree(const sim::Kernel& kernel, sim::ProcessId process, const std::map<sim::ProcessId, std::string>& names,
              int depth, Json& tree) {
    tree.push_back({depth, names.at(process)});
    for (sim::ProcessId child = kernel.processes[process].first_child; child != sim::nothing;
         child = kernel.processes[child].next_sibling)
        add_tree(kernel, child, names, depth + 1, tree);
}

Json play(const Json& input) {
    sim::Kernel kernel;
    kernel.reparenting =
        input.at("reparent") == "to_exiting_parent" ? sim::Reparenting::to_parent : sim::Reparenting::all_to_root;
    std::map<std::string, sim::ProcessId> ids;
    std::map<sim::ProcessId, std::string> names;
    const auto create = [&](const std::string& name, sim::ProcessId parent) {
        ids[name] = sim::create_process(kernel, parent, 0);
        names[ids[name]] = name;
        return ids[name];
    };
    const sim::ProcessId root = create("a", sim::nothing);
    Json trees = Json::array();
    for (const Json& action : input.at("actions")) {
        if (action.contains("fork")) {
            create(action.at("fork").at(1), ids.at(action.at("fork").at(0)));
        } else { // and its parent waits for it at once
            const sim::ProcessId ending = ids.at(action.at("exit"));
            sim::finish_process(kernel, ending, no_task);
            sim::reap(kernel, ending);
        }
        trees.push_back(Json::array());
        add_tree(kernel, root, names, 0, trees.back());
    }
    Json last = Json::array();
    add_tree(kernel, root, names, 0, last);
    return {{"after_each_action", std::move(trees)}, {"final", std::move(last)}};
}

} // namespace

TEST_CASE("OSTEP's fork.py: whose children orphans become") {
    check_played("ostep fork", read_cases("scheduling/ostep", "fork-"), play);
}
