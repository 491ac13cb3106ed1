// Scenario files with one thing wrong each, and the one line that should be said about it.

#include "formats/scenario/read_scenario.hpp"
#include "tests/formats/input_error.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <vector>

using namespace switchyard;
using namespace switchyard::formats;

static std::string error_in(const std::string& text) {
    return error_of([&] { static_cast<void>(parse_scenario(text, "two.yaml")); });
}

// Each text stands in the first line, before a task that is all right.
TEST_CASE("a broken machine, scheduler or object says what, where and what to do") {
    const Broken table[] = {
        {"machin: {cores: 1}", "two.yaml:1:1: unknown key 'machin' in a scenario (did you mean 'machine'?)"},
        {"machine: {coers: 1}", "two.yaml:1:11: unknown key 'coers' in 'machine' (did you mean 'cores'?)"},
        {"machine: {x: 1}",
         "two.yaml:1:11: unknown key 'x' in 'machine': known are 'cores', 'topology', 'speeds', 'profile', "
         "'hz', 'memory', 'swap', 'page_size', 'address_bits', 'replacement', 'huge_pages', 'tlb', "
         "'working_set_window', 'caches' and 'costs'"},
        {"machine: {huge_pages: {4MiB: 1}}",
         "two.yaml:1:24: unknown key '4MiB' in 'huge_pages' (did you mean '2MiB'?)"},
        {"machine: {memory: 4MiB, huge_pages: {2MiB: 2}}", "two.yaml: the huge pages set aside take 4 MiB of the "
                                                           "machine's 4 MiB: set fewer aside, or give it more memory"},
        {"machine: {page_size: 8KiB, huge_pages: {2MiB: 1}}",
         "two.yaml: huge pages of 2 MiB and 1 GiB are those of page tables with pages of 4 KiB and 48 or 57 bits of "
         "address: leave 'page_size' and 'address_bits' of the machine as they are"},
        {"machine: {memory: 4}", "two.yaml:1:19: '4' needs a unit: 4B, 4KiB or 4MiB"},
        {"machine: {address_bits: 40}", "two.yaml: addresses of 40 bits are not known: write 32, 48 or 57"},
        {"machine: {page_size: 3KiB}", "two.yaml: a page of 3 KiB is none: write a power of two from 256B to 1MiB"},
        {"machine: {caches: {private: 0B}}", "two.yaml:1:29: a cache holds at least 1B"},
        {"machine: {caches: {private: 2MiB, shared: 1MiB}}",
         "two.yaml: the shared cache, of 1 MiB, is smaller than a core's own, of 2 MiB"},
        {"machine: {cores: 1, cores: 2}", "two.yaml:1:21: duplicate key 'cores': first given at 1:11"},
        {"machine: [cores: 1]", "two.yaml:1:10: 'machine' takes a map, not a list"},
        {"machine: 4", "two.yaml:1:10: 'machine' takes a map, not '4'"},
        {"machine:", "two.yaml:1:1: 'machine' takes a map, not nothing"},
        {"machine: {cores: [1]}", "two.yaml:1:18: 'cores' takes an integer, not a list"},
        {"machine: {cores: 0}", "two.yaml:1:18: 'cores' takes an integer from 1 to 4096, not '0'"},
        {"machine: {cores: -1}", "two.yaml:1:18: 'cores' takes an integer from 1 to 4096, not '-1'"},
        {"machine: {cores: 4097}", "two.yaml:1:18: 'cores' takes an integer from 1 to 4096, not '4097'"},
        {"machine: {cores: 1.5}", "two.yaml:1:18: 'cores' takes an integer from 1 to 4096, not '1.5'"},
        {"machine: {cores: 99999999999999999999}",
         "two.yaml:1:18: 'cores' takes an integer from 1 to 4096, not '99999999999999999999'"},
        {"machine: {cores: two}", "two.yaml:1:18: 'cores' takes an integer from 1 to 4096, not 'two'"},
        {"machine: {cores: 6, topology: {nodes: 2, threads_per_core: 2}}",
         "two.yaml:1:18: 'cores' is 6, but 'topology' is of 4: leave 'cores' away, or make them agree"},
        {"machine: {topology: {nodes: 0}}", "two.yaml:1:29: 'nodes' takes an integer from 1 to 1024, not '0'"},
        {"machine: {topology: {nodes: 65, cores_per_cache: 64}}",
         "two.yaml:1:11: 65 nodes x 1 caches x 64 cores x 1 threads are more than 4096 cores"},
        {"machine: {topology: {node: 2}}", "two.yaml:1:22: unknown key 'node' in 'topology' (did you mean 'nodes'?)"},
        {"machine: {topology: 2}", "two.yaml:1:21: 'topology' takes a map, not '2'"},
        {"machine: {cores: 3, speeds: [1, 0.5]}",
         "two.yaml:1:18: 'cores' is 3, but 'speeds' is of 2: leave 'cores' away, or make them agree"},
        {"machine: {topology: {nodes: 3}, speeds: [1, 0.5]}",
         "two.yaml:1:41: there are 2 speeds for 3 cores: give each core one"},
        {"machine: {speeds: [1, 0]}", "two.yaml:1:23: a core cannot have 0 times nominal speed: write 0.001 to 100"},
        {"machine: {speeds: [101]}", "two.yaml:1:20: a core cannot have 101 times nominal speed: write 0.001 to 100"},
        {"machine: {speeds: [1, 0.3333]}",
         "two.yaml:1:23: '0.3333' is not a whole number of thousandths: leave digits away"},
        {"machine: {speeds: [1, 2GHz]}", "two.yaml:1:23: '2GHz': a factor has no unit but %: write 1, 0.5 or 50%"},
        {"machine: {speeds: 1}", "two.yaml:1:19: 'speeds' takes a list of figures, not '1'"},
        {"machine: {speeds: []}", "two.yaml:1:19: there are 0 speeds for 1 cores: give each core one"},
        {"machine: {hz: -250}", "two.yaml:1:15: 'hz' takes an integer from 0 to 1000000, not '-250'"},
        {"seed: -1", "two.yaml:1:7: 'seed' takes an integer from 0 to 18446744073709551615, not '-1'"},
        {"scheduler: {policy: [rr]}", "two.yaml:1:21: 'policy' takes a text, not a list"},
        {"scheduler: {slice: }", "two.yaml:1:13: 'slice' takes a text, not nothing"},
        {"semaphores: {s: -1}", "two.yaml:1:17: 's' takes an integer from 0 to 2147483647, not '-1'"},
        {"pipes: {p: 10ms}", "two.yaml:1:12: 'p' takes a size with its unit (4KiB, 64MiB): '10ms' is a time"},
        {"pipes: {p: 0B}", "two.yaml:1:12: a pipe holds at least 1B"},
        {"pipes: {p: {size: 4KiB}}", "two.yaml:1:13: unknown key 'size' in a pipe: known is 'capacity'"},
        {"pipes: {p: {}}", "two.yaml:1:9: a pipe needs 'capacity': a size with its unit (4KiB, 64MiB)"},
        {"expect: {makespam: 1s}", "two.yaml:1:10: "},
        {"expect: {makespan: 4KiB}", "two.yaml:1:20: "},
        {"expect: {makespan: {value: 1s, within: 1s}}", "two.yaml:1:40: 'within' takes a share (10%): '1s' is a time"},
        {"expect: {makespan: {within: 1%}}", "two.yaml:1:10: an expectation needs 'value': a figure with its unit"},
        {"expect: {task.B.turnaround: 1s}", "two.yaml:1:10: "},
        {"validate: {target: {overhead: 10%}}",
         "two.yaml:1:12: unknown key 'target' in 'validate' (did you mean 'targets'?)"},
        {"validate: {targets: {overheads: 10%}}", "two.yaml:1:22: "},
    };
    for (const Broken& broken : table) {
        const std::string error = error_in(fmt::format("{}\ntasks: {{A: {{do: [yield]}}}}\n", broken.text));
        INFO(broken.text << "\n" << error);
        // Where only the place is given, the rest is said by whoever knows the metrics.
        if (std::string_view(broken.message).ends_with(": "))
            CHECK(error.starts_with(broken.message));
        else
            CHECK(error == broken.message);
    }
}

// Each text is the task A of a machine with two cores, a semaphore 's' and a pipe 'p', from column 13 of line 4.
TEST_CASE("a broken task says what, where and what to do") {
    const Broken table[] = {
        {"{kind: tread, do: []}", "two.yaml:4:20: unknown kind 'tread' (did you mean 'thread'?)"},
        {"{kind: gpu, do: []}",
         "two.yaml:4:20: unknown kind 'gpu': known are 'process', 'thread', 'coroutine' and 'fiber'"},
        {"{kind: thread}", "two.yaml:4:10: a task needs 'do': a list of operations"},
        {"[yield]", "two.yaml:4:13: 'A' takes a map, not a list"},
        {"{do: yield}", "two.yaml:4:18: 'do' takes a list of operations, not 'yield'"},
        {"{do: {compute: 1s}}", "two.yaml:4:18: 'do' takes a list of operations, not a map"},
        {"{do: [], cuont: 2}", "two.yaml:4:22: unknown key 'cuont' in a task (did you mean 'count'?)"},
        {"{do: [], count: 0}", "two.yaml:4:29: 'count' takes an integer from 1 to 1000000, not '0'"},
        {"{do: [], cores: 1}", "two.yaml:4:29: 'cores' takes a list of integers, not '1'"},
        {"{do: [], cores: [2]}", "two.yaml:4:30: this value takes an integer from 0 to 1, not '2'"},
        {"{do: [], cores: []}", "two.yaml:4:29: a task needs a core to run on: leave 'cores' out for all"},
        {"{do: [], cores: [[0]]}",
         "two.yaml:4:30: 'cores' takes a list of integers: a list cannot be one of its items"},
        {"{do: [], start: 1KiB}", "two.yaml:4:29: 'start' takes a time with its unit (10s, 250us): '1KiB' is a size"},
        {"{do: [], resident: 1s}",
         "two.yaml:4:32: 'resident' takes a size with its unit (4KiB, 64MiB): '1s' is a time"},
    };
    for (const Broken& broken : table) {
        const std::string text = fmt::format(
            "machine: {{cores: 2}}\nsemaphores: {{s: 1}}\npipes: {{p: 1KiB}}\ntasks: {{ A: {} }}\n", broken.text);
        INFO(broken.text);
        CHECK(error_in(text) == broken.message);
    }
}

// Each text is the `do:` list of a process, from column 1 of line 6.
TEST_CASE("a broken operation says what, where and what to do") {
    const Broken table[] = {
        {"[compte: 10s]", "two.yaml:6:2: unknown operation 'compte' (did you mean 'compute'?)"},
        {"[yeild]", "two.yaml:6:2: unknown operation 'yeild' (did you mean 'yield'?)"},
        {"[compute]",
         "two.yaml:6:2: 'compute' takes a time with its unit (10s, 250us), a distribution or a map, not nothing"},
        {"[compute: {work: 1s, over: bufer}, map: {as: buffer, size: 4KiB}]",
         "two.yaml:6:2: task 'A': compute: no region is called 'bufer' in this process (did you mean 'buffer'?)"},
        {"[compute: {work: 1s, over: 64}]", "two.yaml:6:28: '64' needs a unit: 64B, 64KiB or 64MiB"},
        {"[compute: {work: 1s, over: 0B}]",
         "two.yaml:6:28: compute: a working set of 0 bytes is none: write 1B or more, or leave 'over' away"},
        {"[compute: {over: 64KiB}]",
         "two.yaml:6:2: 'compute' needs 'work': a time with its unit (10s, 250us) or a distribution"},
        {"[compute: ]",
         "two.yaml:6:2: 'compute' takes a time with its unit (10s, 250us), a distribution or a map, not nothing"},
        {"[compute: [10s]]",
         "two.yaml:6:11: 'compute' takes a time with its unit (10s, 250us), a distribution or a map, not a list"},
        {"[compute: 64KiB]", "two.yaml:6:11: 'compute' takes a time with its unit (10s, 250us): '64KiB' is a size"},
        {"[{compute: 1s, yield: }]", "two.yaml:6:16: an operation is one key: 'yield' begins another after 'compute'"},
        {"[{compute: 1s, x: }]",
         "two.yaml:6:16: unknown operation 'x': known are 'compute', 'sleep', 'yield', 'system_call', 'fork', 'vfork', "
         "'clone', 'exec', 'spawn', 'join', 'wait', 'exit', 'crash', 'repeat', 'job', 'acquire', 'release', 'lock', "
         "'lock_shared', 'try_lock', 'unlock', 'await', 'notify', 'notify_all', 'arrive', 'read', 'write', 'add', "
         "'if', 'while', 'send', "
         "'receive', 'for_each', 'close', 'io', 'begin_request', 'end_request', "
         "'map', 'unmap', 'remap', 'protect', 'brk', 'advise', 'touch' and 'observe'"},
        {"[{}]", "two.yaml:6:2: an operation is missing here"},
        {"[~]", "two.yaml:6:2: an operation is missing here"},
        {"[[yield]]", "two.yaml:6:2: an operation is a map, not a list"},
        {"[yield: 3]", "two.yaml:6:9: 'yield' takes nothing, not '3'"},
        {"[compute: {expnential: {mean: 1ms}}]",
         "two.yaml:6:12: unknown distribution 'expnential' (did you mean 'exponential'?)"},
        {"[compute: {exponential: {mean: 1ms, deviation: 2ms}}]",
         "two.yaml:6:37: unknown key 'deviation' in 'exponential': known is 'mean'"},
        {"[compute: {normal: {mean: 1ms}}]", "two.yaml:6:12: 'normal' needs 'deviation': a figure with its unit"},
        {"[compute: {exponential: {mean: 1ms}, uniform: {low: 1ms, high: 2ms}}]",
         "two.yaml:6:38: a distribution is one key: 'uniform' begins another after 'exponential'"},
        {"[compute: {lognormal: {median: 1ms, sigma: 1ms}}]",
         "two.yaml:6:44: 'sigma' takes a number of 0 or more, not '1ms'"},
        {"[compute: {empirical: [1ms, 2KiB]}]",
         "two.yaml:6:29: this value takes a time with its unit (10s, 250us): '2KiB' is a size"},
        {"[sleep: {for: 1ms, stile: blocking}]",
         "two.yaml:6:20: unknown key 'stile' in 'sleep' (did you mean 'style'?)"},
        {"[sleep: {for: 1ms, style: async}]",
         "two.yaml:6:27: unknown style 'async': known are 'blocking' and 'asynchronous'"},
        {"[sleep: {style: blocking}]",
         "two.yaml:6:2: 'sleep' needs 'for': a time with its unit (10s, 250us) or a distribution"},
        {"[fork: {as: c, child: [], then: stay}]",
         "two.yaml:6:33: unknown word after 'then' 'stay': known are 'exit' and 'continue'"},
        {"[fork: {as: any, child: [yield]}]",
         "two.yaml:6:13: a child cannot be called 'any': 'wait: any' waits for whichever"},
        {"[fork: {child: []}]", "two.yaml:6:2: 'fork' needs 'as': a name"},
        {"[clone: {as: c, shares: [memry], child: []}]",
         "two.yaml:6:26: unknown share 'memry' (did you mean 'memory'?)"},
        {"[repeat: {times: -1, do: [yield]}]", "two.yaml:6:18: 'times' takes an integer of 0 or more, not '-1'"},
        {"[repeat: {times: 1s, do: [yield]}]", "two.yaml:6:18: 'times' takes an integer of 0 or more, not '1s'"},
        {"[repeat: {times: 2, do: [yeild]}]", "two.yaml:6:26: unknown operation 'yeild' (did you mean 'yield'?)"},
        {"[send: {to: p, size: 1ms}]",
         "two.yaml:6:22: 'size' takes a size with its unit (4KiB, 64MiB): '1ms' is a time"},
    };
    for (const Broken& broken : table) {
        const std::string text = fmt::format(
            "semaphores: {{ping: 1}}\npipes: {{p: 1KiB}}\ntasks:\n  A:\n    kind: process\n    do: {}\n", broken.text);
        std::string expected = broken.message; // the list is written behind "    do: "
        const std::size_t column = expected.find(':', 9) + 1;
        const std::size_t end = expected.find(':', column);
        expected.replace(column, end - column, std::to_string(std::stoi(expected.substr(column, end - column)) + 8));
        INFO(broken.text);
        CHECK(error_in(text) == expected);
    }
}

TEST_CASE("broken memory operations say what, where and what to do") {
    const Broken table[] = {
        {"[map: {as: b}]", "two.yaml:1:33: 'map' needs 'size': a size with its unit (4KiB, 64MiB)"},
        {"[map: {as: b, size: 0B}]", "two.yaml:1:43: map: a size of 0 bytes is none: write 1B or more"},
        {"[map: {as: heap, size: 4KiB}]", "two.yaml:1:43: map: 'heap' is a segment, which every process has: give the "
                                          "region another name"},
        {"[map: {as: b, size: 4KiB, kind: fil}]", "two.yaml:1:64: unknown kind 'fil' (did you mean 'file'?)"},
        {"[map: {as: b, size: 4KiB, cold: true}]",
         "two.yaml:1:43: map: only a file can be cold: leave 'cold' away, or write 'kind: file'"},
        {"[map: {as: b, size: 3MiB, page_size: 2MiB}]",
         "two.yaml:1:43: map: 3 MiB are no multiple of its huge pages of 2 MiB: map 4 MiB"},
        {"[map: {as: b, size: 4MiB, page_size: 4MiB}]",
         "two.yaml:1:43: map: there are no huge pages of 4 MiB: write 'page_size: 2MiB' or 'page_size: 1GiB'"},
        {"[map: {as: b, size: 4KiB, reserve: false}]", "two.yaml:1:43: map: only huge pages are reserved: leave "
                                                       "'reserve' away, or say of which 'page_size' they are"},
        {"[map: {as: b, size: 4MiB, page_size: 2MiB}, unmap: {region: b, offset: 4KiB}]",
         "two.yaml:1:76: task 'A': unmap: 'b' has huge pages of 2 MiB and is divided at multiples of them only: write "
         "an "
         "'offset' and a 'length' that are"},
        {"[map: {as: b, size: 4KiB, huge: yes}]", "two.yaml:1:64: 'huge' takes true or false, not 'yes'"},
        {"[map: {as: b, size: 4KiB}, map: {as: b, size: 4KiB}]",
         "two.yaml:1:59: task 'A': map: 'b' is mapped already: unmap it before, or give the new one another name"},
        {"[map: {as: buffer, size: 4KiB}, touch: {region: bufer}]",
         "two.yaml:1:64: task 'A': touch: no region is called 'bufer' in this process (did you mean 'buffer'?)"},
        {"[touch: {region: stack}]", "two.yaml:1:33: task 'A': touch: this process has no stack: give it a size under "
                                     "'memory' of its task"},
        {"[map: {as: b, size: 8KiB}, touch: {region: b, offset: 4KiB, length: 8KiB}]",
         "two.yaml:1:59: task 'A': touch: 'b' has 8 KiB, and 8 KiB at 4 KiB lies beyond"},
        {"[map: {as: b, size: 8KiB}, touch: {region: b, pattern: zipf}]",
         "two.yaml:1:75: touch: a zipf pattern needs a 'count' of references, 1 to 2147483648"},
        {"[map: {as: b, size: 8KiB}, remap: {region: b, size: 4KiB}, touch: {region: b, pattern: uniform, count: 3}]",
         "two.yaml:1:91: task 'A': touch: how large 'b' is changes while this runs: write the 'length' of what a "
         "pattern that is drawn is about"},
        {"[map: {as: b, size: 8KiB}, touch: {region: b, trace: ../x}]",
         "two.yaml:1:85: cannot read '../x': only files below this file's folder can be"},
        {"[map: {as: b, size: 8KiB}, advise: {region: b, advice: dontned}]",
         "two.yaml:1:87: unknown advice 'dontned' (did you mean 'dontneed'?)"},
        {"[brk: 0B]", "two.yaml:1:38: brk: the heap grows or shrinks by 1B to 256 GiB"},
    };
    for (const Broken& broken : table) {
        INFO(broken.text);
        CHECK(error_in(fmt::format("tasks: {{A: {{kind: process, do: {}}}}}", broken.text)) == broken.message);
    }
    CHECK(error_in("tasks: {A: {kind: thread, memory: {heap: 1MiB}, do: []}}").find("for processes only") !=
          std::string::npos);
    CHECK(error_in("tasks: {A: {kind: coroutine, do: [observe: {as: x}]}}").find("cannot observe") !=
          std::string::npos);
}

// What the program's builder refuses gets the place it could not know.
TEST_CASE("names nobody has defined are found where they are used") {
    const Broken table[] = {
        {"[acquire: pign]", "two.yaml:3:42: "},
        {"[send: {to: q, size: 1B}]", "two.yaml:3:44: "},
        {"[receive: {size: 1B, from: q}]", "two.yaml:3:59: "},
        {"[join: w]", "two.yaml:3:39: "},
        {"[wait: c]", "two.yaml:3:39: "},
        {"[repeat: {times: 2, do: []}]", "two.yaml:3:33: "},
        {"[spawn: {as: c, kind: process, do: []}]", "two.yaml:3:45: "},
        {"[exec: [yield], yield]", "two.yaml:3:48: "},
        {"[compute: 1]", "two.yaml:3:42: "},
        {"[compute: -1s]", "two.yaml:3:42: "},
        {"[compute: 1parsec]", "two.yaml:3:42: "},
        {"[compute: {uniform: {low: 2s, high: 1s}}]", "two.yaml:3:43: "},
    };
    for (const Broken& broken : table) {
        const std::string error = error_in(fmt::format(
            "semaphores: {{ping: 1}}\npipes: {{p: 1KiB}}\ntasks: {{A: {{kind: process, do: {} }} }}\n", broken.text));
        INFO(broken.text << "\n" << error);
        CHECK(error.starts_with(broken.message));
    }
    CHECK(error_in("semaphores: {ping: 1}\ntasks: {A: {do: [acquire: pign]}}").find("'ping'") != std::string::npos);
}

TEST_CASE("a scenario without anything to run is refused") {
    CHECK(error_in("") == "two.yaml: there is nothing in it: a scenario needs 'tasks'");
    CHECK(error_in("- a") == "two.yaml:1:1: a scenario is a map, not a list");
    CHECK(error_in("hello") == "two.yaml:1:1: a scenario is a map, not a text");
    CHECK(error_in("seed: 1") == "two.yaml:1:1: a scenario needs 'tasks': a map, or a 'server'");
    CHECK(error_in("tasks: {}").starts_with("two.yaml:"));
}

TEST_CASE("more operations than a run could hold are refused") {
    // Tasks of 8192 operations and an end each, most of them by way of aliases.
    std::string yields;
    for (int i = 0; i < 8191; ++i) yields += "yield,";
    std::string text = fmt::format("tasks:\n  T0: {{do: &many [{}yield]}}\n", yields);
    for (int i = 1; i < 120; ++i) text += fmt::format("  T{}: {{do: *many}}\n", i);
    text += fmt::format("  U0: {{do: [{0}yield]}}\n  U1: {{do: [{0}yield]}}\n", yields);
    CHECK(error_in(text) == "no error");
    text += fmt::format("  U2: {{do: [{}yield]}}\n", yields);
    CHECK(error_in(text) == "two.yaml:124:3: more than 1000000 operations in all tasks together");
}
