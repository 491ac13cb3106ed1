#include "formats/perf_script/read_perf_script.hpp"

#include "models/errors.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace switchyard::formats;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Kind = SchedulingEvent::Kind;

static SchedulingEvent only_event(const std::string& line) {
    const SchedulingRecording recording = parse_perf_script(line + '\n', "a.txt");
    REQUIRE(recording.events.size() == 1);
    return recording.events.front();
}

TEST_CASE("A switch reads alike from perf script, its short form, tracefs and trace-cmd") {
    const std::string fields =
        "sched_switch: prev_comm=a b pid=3 prev_pid=9960 prev_prio=125 prev_state=S ==> next_comm=swapper/1 next_pid=0 "
        "next_prio=120";
    const std::vector<std::string> heads{
        "   a b pid=3  9960/9960  [001]  4689.175636206:       sched:",
        "   a b pid=3  9960 [001]  4689.175636206:     sched:",
        "   a b pid=3  9960 [001]  4689.175636206:          1  sched:",
        "   a b pid=3-9960    [001] d..2.  4689.175636206: ",
        "   a b pid=3-9960    ( 9960) [001] d..2.  4689.175636206: ",
        "   a b pid=3-9960    [001]  4689.175636206: ",
    };
    std::vector<std::string> lines;
    for (const std::string& head : heads) lines.push_back(head + fields);
    lines.push_back("   a b pid=3  9960 [001]  4689.175636206: sched:sched_switch: a b pid=3:9960 [125] S ==> "
                    "swapper/1:0 [120]");
    for (const std::string& line : lines) {
        INFO(line);
        const SchedulingRecording recording = parse_perf_script(line + '\n', "a.txt");
        REQUIRE(recording.events.size() == 1);
        const SchedulingEvent& event = recording.events.front();
        CHECK(event.kind == Kind::switches);
        CHECK(event.nanoseconds == 4'689'175'636'206);
        CHECK(event.cpu == 1);
        CHECK(event.actor == 9960);
        CHECK(event.task == 9960);
        CHECK(event.next == 0);
        CHECK(event.state == 'S');
        CHECK(event.priority == 125);
        CHECK(event.next_priority == 120);
        CHECK(recording.names[event.name] == "a b pid=3");
        CHECK(recording.names[event.next_name] == "swapper/1");
    }
}

TEST_CASE("Wake-ups, moves, forks and ends are read with their fields in any order") {
    const std::string head = " sh 7/7 [000]  1.000001: sched:";
    const SchedulingEvent waking = only_event(head + "sched_waking: comm=x pid=8 prio=115 target_cpu=003");
    CHECK(waking.kind == Kind::waking);
    CHECK(waking.task == 8);
    CHECK(waking.process == 7);
    CHECK(waking.target == 3);
    CHECK(waking.priority == 115);
    CHECK(waking.nanoseconds == 1'000'001'000);
    const SchedulingEvent other = only_event(head + "sched_wakeup: target_cpu=002 prio=89 success=1 comm=x pid=8");
    CHECK(other.kind == Kind::wakes);
    CHECK(other.task == 8);
    CHECK(other.target == 2);
    CHECK(other.priority == 89);
    const SchedulingEvent brief = only_event(head + "sched_wakeup_new: x:8 [120] CPU:001");
    CHECK(brief.kind == Kind::wakes_new);
    CHECK(brief.task == 8);
    CHECK(brief.target == 1);
    const SchedulingEvent moved = only_event(head + "sched_migrate_task: comm=x pid=8 prio=120 orig_cpu=0 dest_cpu=1");
    CHECK(moved.kind == Kind::migrates);
    CHECK(moved.target == 1);
    const SchedulingEvent fork = only_event(head + "sched_process_fork: comm=sh pid=7 child_comm=sh child_pid=8");
    CHECK(fork.kind == Kind::forks);
    CHECK(fork.task == 7);
    CHECK(fork.next == 8);
    CHECK(only_event(" :-1 -1/-1 [000] 1.000001: sched:sched_process_exit: comm=sh pid=7").actor == unknown_thread);
    const SchedulingEvent end = only_event(head + "sched_process_exit: comm=sh pid=7 prio=120 group_dead=true");
    CHECK(end.kind == Kind::ends);
    CHECK(end.task == 7);
}

TEST_CASE("tracefs says whether a waking happened in an interrupt, perf does not") {
    const std::string fields = "sched_waking: comm=x pid=8 prio=120 target_cpu=003";
    using Context = SchedulingEvent::Context;
    CHECK(only_event("sh-7 [000] d.h2. 1.000001: " + fields).context == Context::interrupt);
    CHECK(only_event("sh-7 [000] d.s2. 1.000001: " + fields).context == Context::interrupt);
    CHECK(only_event("sh-7 [000] d..2. 1.000001: " + fields).context == Context::task);
    CHECK(only_event("sh 7/7 [000] 1.000001: sched:" + fields).context == Context::unknown);
}

TEST_CASE("Comments, notes, other events and losses") {
    const SchedulingRecording recording =
        parse_perf_script("# tracer: nop\n# switchyard: hz 250\n\n"
                          "CPU:1 [LOST 12 EVENTS]\n"
                          "sh 7/7 [000] 1.000002: irq:irq_handler_entry: irq=3\n"
                          "sched_x 7/7 [000] 1.000002: sched:sched_process_exit: comm=sh pid=7 prio=120\n"
                          "sh 9/9 [000] 1.000001: sched:sched_process_exit: comm=sh pid=9 prio=120\n",
                          "a.txt");
    CHECK(recording.notes.at("hz") == "250");
    CHECK(recording.lost == 12);
    CHECK(recording.lost_line == 4);
    REQUIRE(recording.events.size() == 2);
    CHECK(recording.events.front().task == 9); // in order of time
}

TEST_CASE("What cannot be read is one line with its place") {
    const std::string good = "sh 7/7 [000] 1.000001: sched:sched_process_exit: comm=sh pid=7 prio=120\n";
    const auto says = [](const std::string& text) { return MessageMatches(ContainsSubstring(text)); };
    CHECK_THROWS_MATCHES(parse_perf_script(good + "nonsense\n", "a.txt"), InputError, says("a.txt:2: this is no line"));
    CHECK_THROWS_MATCHES(
        parse_perf_script(good + "sh 7/7 [000] 1.000001: sched:sched_switch: prev_comm=sh prev_pid=7\n", "a.txt"),
        InputError, says("a.txt:2: a field of 'sched_switch' is missing"));
    CHECK_THROWS_MATCHES(parse_perf_script("[000] 1.1: sched:sched_process_exit: comm=sh pid=7\n", "a.txt"), InputError,
                         says("a.txt:1: before 'sched_process_exit' there should be a task"));
    CHECK_THROWS_MATCHES(parse_perf_script(good + "sh 7/7 [000] 1.000001: sched:sched_switch: prev_co", "a.txt"),
                         InputError, says("a.txt:2: the file ends within this line"));
    CHECK_THROWS_MATCHES(parse_perf_script("# nothing\n", "a.txt"), InputError, says("there is no scheduling event"));
}
