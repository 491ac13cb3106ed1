#include "lab/calibrate/closure_of_forks.hpp"

#include <fmt/format.h>
#include <functional>

namespace switchyard::lab {

namespace {

using namespace std::chrono_literals;

constexpr int forks = 10;
constexpr int units = 32;
constexpr Bytes huge_page{std::int64_t{2} << 20};

using Preparation = std::function<void(ProgramBuilder& task, bool with)>;

ScenarioBuilder quiet(const std::string& probe) {
    ScenarioBuilder scenario("closure of " + probe);
    scenario.hz(0).scheduler("rr", {{"slice", "1h"}});
    for (int i = 0; i < units / 2; ++i) scenario.channel(fmt::format("pipe{}", i), ChannelKind::pipe, [](Channel&) {});
    return scenario;
}

// A process prepared without the units, and with them, that forks as often. Both ends of a child's life are the
// kernel's time; a probe that times the call alone sees only the first.
ClosureCase forking(const std::string& probe, int more_units, Cost at_exit, const Preparation& prepare) {
    const auto prepared = [&](bool with) {
        return quiet(probe)
            .task("A", TaskKind::process,
                  [&](ProgramBuilder& task) {
                      prepare(task, with);
                      task.repeat(forks, [](auto& body) {
                          body.fork("child", [](auto& child) { child.exit(); }).wait("child");
                      });
                  })
            .build();
    };
    ClosureCase one;
    one.probe = probe;
    one.few = prepared(false);
    one.many = prepared(true);
    one.metrics = {"time.kernel"};
    one.repetitions = forks * more_units;
    if (!probe.starts_with("fork_life")) one.besides = {{at_exit}};
    return one;
}

Touch writing(Bytes stride) {
    Touch touch;
    touch.access = Access::write;
    if (stride.count > 0) {
        touch.pattern = AccessPattern::strided;
        touch.stride = stride;
    }
    return touch;
}

// As many pages, side by side in one table or each in a table of its own.
void touch_in_tables(ProgramBuilder& task, bool sparse) {
    Touch dense = writing({});
    dense.part.length = base_page * units;
    task.map("region", huge_page * units).touch("region", sparse ? writing(huge_page) : dense);
}

// As many pages in as many tables, in regions of their own or in one.
void touch_in_regions(ProgramBuilder& task, bool several) {
    task.map("one", huge_page * units);
    for (int i = 0; i < units; ++i) task.map(fmt::format("region{}", i), base_page);
    if (!several) task.touch("one", writing(huge_page));
    for (int i = 0; several && i < units; ++i) task.touch(fmt::format("region{}", i), writing({}));
}

// One more in any case: the region has pages of its own.
void touch_huge_pages(ProgramBuilder& task, bool there) {
    Mapping mapping;
    mapping.size = huge_page * (units + 1);
    mapping.huge = true;
    Touch touch = writing(huge_page);
    if (!there) touch.part.length = huge_page;
    task.map("region", mapping).touch("region", touch);
}

// Both ends of pipes that nothing goes through.
void open_descriptors(ProgramBuilder& task, bool there) {
    for (int i = 0; there && i < units / 2; ++i)
        task.repeat(0, [=](auto& never) {
            never.send(fmt::format("pipe{}", i), Bytes{1}).receive(fmt::format("pipe{}", i), Bytes{1});
        });
}

// The child has ended when it is waited for.
ClosureCase reaping(const std::string& probe) {
    const auto repeating = [&](int times) {
        return quiet(probe)
            .task("A", TaskKind::process,
                  [&](ProgramBuilder& task) {
                      task.repeat(times, [](auto& body) {
                          body.fork("child", [](auto& child) { child.exit(); }).sleep(100ms).wait("child");
                      });
                  })
            .build();
    };
    ClosureCase one;
    one.probe = probe;
    one.few = repeating(forks);
    one.many = repeating(2 * forks);
    one.metrics = {"time.kernel"};
    one.repetitions = forks;
    one.besides = {{Cost::fork}, {Cost::process_exit}, {Cost::system_call}, {Cost::timer_wake_up_idle}};
    return one;
}

} // namespace

std::optional<ClosureCase> case_of_forking(const std::string& probe) {
    if (probe == "fork_tables" || probe == "fork_life_tables")
        return forking(probe, units - 1, Cost::process_exit_table, touch_in_tables);
    if (probe == "fork_regions" || probe == "fork_life_regions")
        return forking(probe, units - 1, Cost::process_exit_region, touch_in_regions);
    if (probe == "fork_huge_pages" || probe == "fork_life_huge_pages")
        return forking(probe, units, Cost::process_exit_huge_page, touch_huge_pages);
    if (probe == "fork_descriptors" || probe == "fork_life_descriptors")
        return forking(probe, units, Cost::process_exit_descriptor, open_descriptors);
    if (probe == "process_reap") return reaping(probe);
    return std::nullopt;
}

} // namespace switchyard::lab
