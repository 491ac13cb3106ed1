// Who a device serves, and when: without time.
#include "sim/io/device_state.hpp"

#include <catch2/catch_test_macros.hpp>
#include <deque>

using namespace switchyard;
using namespace switchyard::sim;

static Device device(std::uint32_t parallel, std::uint32_t depth = 0) {
    return {"disk", Distribution::constant(1), parallel, depth};
}

TEST_CASE("a device serves so many at once, the others first come, first served") {
    const Device disk = device(2);
    DeviceState state;
    CHECK(begin_operation(disk, state, {1, Duration{10}}));
    CHECK(begin_operation(disk, state, {2, Duration{20}}));
    CHECK_FALSE(begin_operation(disk, state, {3, Duration{30}}));
    CHECK_FALSE(begin_operation(disk, state, {4, Duration{40}}));
    CHECK(end_service(state)->task == 3);
    CHECK(state.in_service == 2);
    CHECK(end_service(state)->service == Duration{40});
    CHECK_FALSE(end_service(state));
    CHECK(state.in_service == 1);
    CHECK_FALSE(end_service(state));
    CHECK(begin_operation(disk, state, {5, Duration{50}}));
}

TEST_CASE("there is room for so many as the device takes, in service or waiting") {
    const Device disk = device(1, 3);
    DeviceState state;
    for (TaskId task = 0; task < 3; ++task) {
        CHECK(has_room(disk, state));
        static_cast<void>(begin_operation(disk, state, {task, Duration{1}}));
    }
    CHECK_FALSE(has_room(disk, state));
    static_cast<void>(begin_operation(disk, state, {3, Duration{1}})); // the kernel keeps it
    static_cast<void>(end_service(state));
    CHECK_FALSE(has_room(disk, state));
    static_cast<void>(end_service(state));
    CHECK(has_room(disk, state));
    CHECK(has_room(device(1), state)); // without a bound always
}

TEST_CASE("the line is in order however often it goes round and grows") {
    const Device disk = device(1);
    DeviceState state;
    std::deque<TaskId> line;
    static_cast<void>(begin_operation(disk, state, {0, Duration{1}}));
    TaskId next = 1;
    for (int round = 0; round < 2000; ++round) {
        const bool grows = (round / 100) % 2 == 0;
        for (int i = 0; i < (grows ? 2 : 1); ++i) {
            CHECK_FALSE(begin_operation(disk, state, {next, Duration{1}}));
            line.push_back(next++);
        }
        for (int i = 0; i < (grows ? 1 : 2) && !line.empty(); ++i) {
            REQUIRE(end_service(state)->task == line.front());
            line.pop_front();
        }
        REQUIRE(state.waiting == line.size());
    }
    CHECK(state.line.size() <= 256);
}
