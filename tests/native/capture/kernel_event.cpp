#include "native/capture/kernel_event.hpp"

#include "tests/native/capture/recorded.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard::native;
using Kind = KernelEvent::Kind;

TEST_CASE("the text of tracefs is read: switches with the state left behind, wake-ups, microseconds") {
    const KernelEvents all = parse_kernel_events(recorded("two_hogs.tracefs.txt"));
    CHECK(all.unreadable == 0);
    CHECK(all.lost == 0);
    REQUIRE(all.events.size() == 12);
    const KernelEvent new_task = all.events[1];
    CHECK(new_task.kind == Kind::wakes_new);
    CHECK(new_task.nanoseconds == 3'293'586'128'000);
    CHECK(new_task.cpu == 1);
    CHECK(new_task.actor == 9958);
    CHECK(new_task.task == 9959);
    const KernelEvent preempted = all.events[2];
    CHECK(preempted.kind == Kind::switches);
    CHECK(preempted.task == 9958);
    CHECK(preempted.next == 9959);
    CHECK(preempted.is_runnable);
    CHECK_FALSE(preempted.has_ended);
    CHECK_FALSE(all.events[5].is_runnable); // prev_state=S
    CHECK(all.events.back().has_ended);     // prev_state=Z
}

TEST_CASE("the text of perf script is read: nanoseconds, and events nobody asked for are passed over") {
    const KernelEvents all = parse_kernel_events(recorded("start.perf-script.txt"));
    CHECK(all.unreadable == 0);
    REQUIRE(all.events.size() == 7); // and three of sched_waking
    CHECK(all.events[0].kind == Kind::wakes);
    CHECK(all.events[0].nanoseconds == 4'689'175'638'240);
    CHECK(all.events[0].actor == 19456);
    CHECK(all.events[0].task == 18);
    CHECK(all.events[1].task == 19456);
    CHECK(all.events[1].next == 18);
    CHECK_FALSE(all.events[1].is_runnable); // prev_state=D
    CHECK(all.events[2].kind == Kind::migrates);
    CHECK(all.events[2].target == 1);
    CHECK(all.events.back().kind == Kind::wakes_new);
    CHECK(all.events.back().task == 19459);
}

TEST_CASE("a task may be called like a field, or like a processor") {
    const KernelEvents all = parse_kernel_events(
        "  a [000] b-77    [003] d..2.     5.000001: sched_switch: prev_comm=x pid=1 prev_pid=2 prev_pid=77 "
        "prev_prio=120 "
        "prev_state=R+ ==> next_comm= ==> next_comm=y next_pid=9 next_pid=78 next_prio=120\n"
        "  -5 2-1/3-78 [003] d..2. 5.000002: sched_wakeup: comm=a pid=4 target_cpu=7 pid=80 prio=1 target_cpu=002\n");
    REQUIRE(all.events.size() == 2);
    CHECK(all.events[0] == KernelEvent{.kind = Kind::switches,
                                       .nanoseconds = 5'000'001'000,
                                       .cpu = 3,
                                       .actor = 77,
                                       .task = 77,
                                       .next = 78,
                                       .is_runnable = true});
    CHECK(all.events[1].actor == 78);
    CHECK(all.events[1].task == 80);
    CHECK(all.events[1].target == 2);
}

TEST_CASE("events that are missing or cut off are counted, not guessed") {
    const KernelEvents all =
        parse_kernel_events("CPU:1 [LOST 123 EVENTS]\n"
                            "hog-1 [001] d..2. 3293.593441: sched_switch: prev_comm=hog prev_pid=1\n"
                            "hog-1 [001] sched_switch: prev_comm=hog prev_pid=1\n"
                            "hog-1 [001] d..2. 3293.593441: sched_wakeup: comm=hog pid= prio=1\n"
                            "hog-1 [001] d..2. 3293.593441: sched_process_exit: comm=hog pid=1\n"
                            "\n# a comment: sched_switch: \n");
    CHECK(all.events.empty());
    CHECK(all.lost == 123);
    CHECK(all.unreadable == 3);
    CHECK(parse_kernel_events("").events.empty());
}

TEST_CASE("what perf script says is lost is counted, too") {
    const KernelEvents all = parse_kernel_events("  hog 12/12 [001] 4689.175636206: PERF_RECORD_LOST lost 17\n"
                                                 "  hog 12/12 [001] 4689.175636207: PERF_RECORD_LOST_SAMPLES lost 3\n"
                                                 "  hog 12/12 [001] 4689.175636208: PERF_RECORD_LOST_SAMPLES\n");
    CHECK(all.events.empty());
    CHECK(all.lost == 21);
}
