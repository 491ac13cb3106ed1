#include "native/plan/house.hpp"

#include <map>
#include <string>
#include <utility>

namespace switchyard::native {

namespace {

struct Carriers {
    std::size_t first = 0; // which thread of their process
    std::uint32_t threads = 1;
    std::uint32_t dealt = 0; // instances so far
};

struct House {
    std::vector<ProcessThreads> processes;
    std::map<std::string, std::size_t> by_name;
    std::map<std::pair<std::size_t, std::string>, Carriers> carriers; // process, name

    std::size_t process_named(const std::string& name) {
        const auto [entry, is_new] = by_name.try_emplace(name, processes.size());
        if (is_new) processes.emplace_back();
        return entry->second;
    }

    // Of several of that name, the one whose turn it is.
    ThreadMembers& carrier_named(std::size_t process, const std::string& name, std::uint32_t like_template,
                                 std::uint32_t count) {
        std::vector<ThreadMembers>& threads = processes[process].threads;
        const auto [entry, is_new] = carriers.try_emplace({process, name}, Carriers{threads.size(), count, 0});
        Carriers& named = entry->second;
        for (std::uint32_t place = 0; is_new && place < count; ++place)
            threads.push_back(
                {.carries = true, .members = {}, .like_template = like_template, .carriers = count, .place = place});
        return threads[named.first + named.dealt++ % named.threads];
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
            house.processes.push_back({true,
                                       task.resident,
                                       {{.carries = false, .members = {{program, number}}, .like_template = program}},
                                       program});
    }
    for (std::uint32_t program = 0; program < scenario.tasks.size(); ++program) {
        const TaskTemplate& task = scenario.tasks[program];
        if (task.kind == TaskKind::process) continue;
        const std::size_t process = house.process_named(named(task.process, "main"));
        for (std::uint32_t number = 0; number < task.count; ++number) {
            const Member member{program, number};
            if (is_carried(task.kind))
                house.carrier_named(process, named(task.carrier, "loop"), program, task.carriers)
                    .members.push_back(member);
            else
                house.processes[process].threads.push_back(
                    {.carries = false, .members = {member}, .like_template = program});
        }
    }
    return std::move(house.processes);
}

} // namespace switchyard::native
