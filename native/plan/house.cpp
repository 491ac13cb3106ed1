#include "native/plan/house.hpp"

#include <map>
#include <string>
#include <utility>

namespace switchyard::native {

namespace {

struct House {
    std::vector<ProcessThreads> processes;
    std::map<std::string, std::size_t> by_name;
    std::map<std::pair<std::size_t, std::string>, std::size_t> carriers; // process, name -> which of its threads

    std::size_t process_named(const std::string& name) {
        const auto [entry, is_new] = by_name.try_emplace(name, processes.size());
        if (is_new) processes.emplace_back();
        return entry->second;
    }

    ThreadMembers& carrier_named(std::size_t process, const std::string& name) {
        std::vector<ThreadMembers>& threads = processes[process].threads;
        const auto [entry, is_new] = carriers.try_emplace({process, name}, threads.size());
        if (is_new) threads.push_back({.carries = true, .members = {}});
        return threads[entry->second];
    }
};

const std::string& named(const std::string& name, const std::string& otherwise) {
    return name.empty() ? otherwise : name;
}

} // namespace

std::vector<ProcessThreads> house_of(const Scenario& scenario) {
    House house;
    for (std::uint32_t program = 0; program < scenario.tasks.size(); ++program) {
        const TaskTemplate& task = scenario.tasks[program];
        if (task.kind != TaskKind::process) continue;
        house.by_name.emplace(task.name, house.processes.size());
        for (std::uint32_t number = 0; number < task.count; ++number)
            house.processes.push_back(
                {true, task.resident, {{.carries = false, .members = {{program, number}}}}, program});
    }
    for (std::uint32_t program = 0; program < scenario.tasks.size(); ++program) {
        const TaskTemplate& task = scenario.tasks[program];
        if (task.kind == TaskKind::process) continue;
        const std::size_t process = house.process_named(named(task.process, "main"));
        for (std::uint32_t number = 0; number < task.count; ++number) {
            const Member member{program, number};
            if (is_carried(task.kind))
                house.carrier_named(process, named(task.carrier, "loop")).members.push_back(member);
            else
                house.processes[process].threads.push_back({.carries = false, .members = {member}});
        }
    }
    return std::move(house.processes);
}

} // namespace switchyard::native
