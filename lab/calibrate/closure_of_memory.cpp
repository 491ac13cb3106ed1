#include "lab/calibrate/closure_of_memory.hpp"

#include <fmt/format.h>
#include <functional>
#include <string>

namespace switchyard::lab {

namespace {

using namespace std::chrono_literals;

constexpr int few_times = 10;
constexpr int many_times = 20;
constexpr double fitted = 0.35; // straight lines through amounts of which some clear the TLB page by page
constexpr Bytes huge_page{std::int64_t{2} << 20};

using Steps = std::function<void(ProgramBuilder& task, int times)>;

// One process, alone: its `metrics` grow with what it does more often.
ClosureCase alone(const std::string& probe, std::int64_t amount, std::vector<std::string> metrics, const Steps& steps) {
    const auto scenario = [&](int times) {
        return ScenarioBuilder("closure of " + probe)
            .hz(0)
            .scheduler("rr", {{"slice", "1h"}})
            .task("A", TaskKind::process, [&](ProgramBuilder& task) { steps(task, times); })
            .build();
    };
    ClosureCase one;
    one.probe = probe;
    one.amount = amount;
    one.few = scenario(few_times);
    one.many = scenario(many_times);
    one.metrics = std::move(metrics);
    one.repetitions = many_times - few_times;
    return one;
}

Touch writing(Bytes length = {}) {
    Touch touch;
    touch.access = Access::write;
    touch.part.length = length;
    return touch;
}

// What references take: themselves, their walks and their faults.
const std::vector<std::string> time_of_references{"time.work", "time.refill", "time.faults"};

// Faults on so many pages of a region that is prepared otherwise.
ClosureCase faulting(const std::string& probe, const Steps& steps) {
    return alone(probe, 0, time_of_references, steps);
}

// Regions of so many pages come and go, each in the frames of the one before it.
ClosureCase faulting_again(const std::string& probe, std::int64_t amount, std::int64_t pages, const Steps& steps) {
    ClosureCase one = alone(probe, amount, time_of_references, steps);
    one.repetitions *= static_cast<double>(pages);
    one.allowance = 0.02; // the walks of each begin with cold walk caches, and unmapping has gone over its tables
    return one;
}

std::optional<ClosureCase> case_of_fault(const std::string& probe, std::int64_t amount) {
    constexpr Bytes all = base_page * many_times;
    if (probe == "fault_anonymous")
        return faulting_again(probe, amount, amount, [=](auto& task, int times) {
            task.repeat(times, [=](auto& body) {
                body.map("region", base_page * amount).touch("region", Access::write).unmap("region");
            });
        });
    if (probe == "fault_zero_page")
        return faulting(
            probe, [](auto& task, int times) { task.map("region", base_page * times).touch("region", Access::read); });
    if (probe == "fault_after_zero_page")
        return faulting(probe, [=](auto& task, int times) {
            task.map("region", all).touch("region", Access::read).touch("region", writing(base_page * times));
        });
    if (probe == "fault_shared")
        return faulting(probe, [](auto& task, int times) {
            task.map("region", base_page * times, RegionKind::shared).touch("region", Access::write);
        });
    if (probe == "fault_copy") // read from so many frames and written to as many
        return faulting_again(probe, amount, amount / 2, [=](auto& task, int times) {
            task.map("region", base_page * (amount / 2)).touch("region", Access::write);
            task.repeat(times, [](auto& body) {
                body.fork("child", [](auto& child) { child.touch("region", writing()); }).wait("child");
            });
        });
    if (probe == "fault_reuse")
        return faulting(probe, [=](auto& task, int times) {
            task.map("region", all).touch("region", Access::write);
            task.fork("child", [](auto& child) { child.exit(); }).wait("child");
            task.touch("region", writing(base_page * times));
        });
    if (probe == "fault_huge")
        return faulting(probe, [](auto& task, int times) {
            Mapping mapping;
            mapping.size = huge_page * times;
            mapping.huge = true;
            Touch touch = writing();
            touch.pattern = AccessPattern::strided;
            touch.stride = huge_page;
            task.map("region", mapping).touch("region", touch);
        });
    return std::nullopt;
}

// Regions of so many pages that are there, and one more that is not where they are to be none.
void map_present(ProgramBuilder& task, std::int64_t pages) {
    task.map("region", base_page * (pages == 0 ? 1 : pages));
    if (pages > 0) task.touch("region", Access::write);
}

std::optional<ClosureCase> case_of_mapping(const std::string& probe, std::int64_t amount) {
    if (probe == "memory_map")
        return alone(probe, amount, {"time.kernel"}, [](auto& task, int times) {
            for (int i = 0; i < times; ++i) task.map(fmt::format("region{}", i), base_page);
        });
    if (probe == "memory_unmap") {
        ClosureCase one = alone(probe, amount, {"time.kernel"}, [=](auto& task, int times) {
            task.repeat(times, [=](auto& body) {
                map_present(body, amount);
                body.unmap("region");
            });
        });
        one.besides = {{Cost::memory_map}, {Cost::system_call}};
        one.allowance = fitted;
        return one;
    }
    if (probe == "memory_protect" || probe == "memory_protect_few") {
        ClosureCase one = alone(probe, amount, {"time.kernel"}, [=](auto& task, int times) {
            map_present(task, amount);
            task.repeat(times, [](auto& body) {
                body.protect("region", {true, false, false}).protect("region", {true, true, false});
            });
        });
        one.repetitions *= 2;
        one.allowance = fitted;
        return one;
    }
    return std::nullopt;
}

// The same with a thread that keeps another core busy: it has to be told, and loses time. A is who tells it.
ClosureCase protecting_before_another(const std::string& probe, std::int64_t amount, std::string metric) {
    const auto scenario = [&](int times) {
        return ScenarioBuilder("closure of " + probe)
            .cores(2)
            .hz(0)
            .scheduler("rr", {{"slice", "1h"}})
            .task("A", TaskKind::thread,
                  [=](auto& task) {
                      map_present(task, amount);
                      task.compute(1s).repeat(times, [](auto& body) {
                          body.protect("region", {true, false, false}).protect("region", {true, true, false});
                      });
                  })
            .task("B", TaskKind::thread, [](auto& task) { task.compute(2s); })
            .build();
    };
    ClosureCase one;
    one.probe = probe;
    one.amount = amount;
    one.few = scenario(few_times);
    one.many = scenario(many_times);
    one.metrics = {std::move(metric)};
    one.repetitions = 2 * (many_times - few_times);
    one.allowance = fitted;
    return one;
}

// So many references to pages that are there: each in a page of its own, so many that the TLB does not know them, or as
// many as there are cache lines, side by side.
ClosureCase visiting(const std::string& probe, std::int64_t lines) {
    constexpr std::int64_t lines_of_page = 64;
    const bool many = probe == "visit_many_pages";
    const Bytes size = base_page * (many ? lines : lines / lines_of_page + 1);
    ClosureCase one = alone(probe, lines, time_of_references, [=](auto& task, int times) {
        Touch touch;
        touch.count = static_cast<std::uint64_t>(lines);
        task.map("region", size).touch("region", Access::write);
        task.repeat(times, [=](auto& body) { body.touch("region", touch); });
    });
    one.repetitions *= static_cast<double>(lines);
    one.averaged = {Cost::memory_reference};
    if (many) one.averaged.push_back(Cost::walk_level);
    one.allowance = 0.01; // where the region crosses into another page table a walk reads one level more
    return one;
}

// Each of the file's pieces is a region of its own, so that a fault maps all of it and no more.
ClosureCase mapping_around(const std::string& probe, std::int64_t pages) {
    return alone(probe, pages, time_of_references, [=](auto& task, int times) {
        for (int i = 0; i < times; ++i) {
            const std::string name = fmt::format("region{}", i);
            Touch first;
            first.part.length = base_page;
            task.map(name, base_page * pages, RegionKind::file).touch(name, first);
        }
    });
}

// A file nobody has in memory, read page by page or as it is read ahead.
ClosureCase reading_from_disk(const std::string& probe, std::int64_t pages) {
    return alone(probe, pages, {"task.A.blocked"}, [=](auto& task, int times) {
        Mapping mapping;
        mapping.kind = RegionKind::file;
        mapping.size = base_page * (times * pages);
        mapping.cold = true;
        task.map("region", mapping);
        if (pages == 1) task.advise("region", Advice::random);
        task.touch("region", Access::read);
    });
}

} // namespace

std::optional<ClosureCase> case_of_virtual_memory(const std::string& probe, std::int64_t amount) {
    if (auto one = case_of_fault(probe, amount)) return one;
    if (auto one = case_of_mapping(probe, amount)) return one;
    if (probe == "memory_protect_seen") return protecting_before_another(probe, amount, "task.A.cpu");
    if (probe == "protect_interrupted") return protecting_before_another(probe, amount, "task.B.cpu");
    if (probe == "visit_few_pages" || probe == "visit_many_pages") return visiting(probe, amount);
    if (probe == "fault_page_cache") {
        ClosureCase one = mapping_around(probe, amount);
        one.besides = {{Cost::walk_level}}; // each region is in a page table of its own: a walk reads one level more
        one.allowance = 0.10;
        return one;
    }
    if (probe == "disk_read") return reading_from_disk(probe, amount);
    return std::nullopt;
}

} // namespace switchyard::lab
