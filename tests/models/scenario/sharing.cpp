#include "models/scenario/sharing.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;

namespace {

ScenarioBuilder with_a_lock() { return ScenarioBuilder("sharing").lock("other").lock("m"); }

const ProgramBuilder::Body uses = [](ProgramBuilder& task) { task.lock("m").unlock("m"); };

bool is_shared(const ScenarioBuilder& scenario) {
    const SharingOfProcesses shared = shared_between_processes(scenario.build());
    CHECK_FALSE(shared.locks.at(0)); // nobody uses it
    return shared.locks.at(1);
}

} // namespace

TEST_CASE("threads of one process do not share with anybody") {
    CHECK_FALSE(is_shared(with_a_lock().task("A", TaskKind::thread, uses).task("B", TaskKind::thread, uses)));
    CHECK_FALSE(is_shared(with_a_lock().task("A", TaskKind::process, uses)));
    const auto in_main = [](TaskTemplate& task) { task.process = "main"; };
    CHECK_FALSE(is_shared(with_a_lock().task("A", TaskKind::thread, uses).task("B", TaskKind::thread, uses, in_main)));
}

TEST_CASE("several processes do, be they several tasks, several of one, or a child that is forked") {
    CHECK(is_shared(with_a_lock().task("A", TaskKind::process, uses).task("B", TaskKind::process, uses)));
    CHECK(is_shared(with_a_lock().task("A", TaskKind::process, uses, [](TaskTemplate& task) { task.count = 2; })));
    const auto elsewhere = [](TaskTemplate& task) { task.process = "P"; };
    CHECK(is_shared(with_a_lock().task("A", TaskKind::thread, uses).task("B", TaskKind::thread, uses, elsewhere)));
    CHECK(is_shared(with_a_lock().task("A", TaskKind::process, [](ProgramBuilder& task) {
        task.lock("m").unlock("m").fork("child", [](auto& child) { child.exit(); }).wait("child");
    })));
}
