#include "formats/scenario/read_scenario.hpp"

#include "formats/scenario/keys.hpp"
#include "models/units/text.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <string_view>

using namespace switchyard;
using namespace switchyard::formats;
using namespace std::chrono_literals;
using namespace switchyard::size_literals;

// A scenario whose only task does this.
static Scenario doing(const std::string& operations) {
    return parse_scenario(fmt::format("semaphores: {{s: 1}}\npipes: {{p: 64KiB}}\ndevices: {{disk: 1ms}}\nrequests: "
                                      "{{work: 3ms}}\ntasks:\n  A: {{kind: process, do: {}}}\n",
                                      operations),
                          "f.yaml");
}

// The program a builder writes with the same semaphore and pipe.
static Program built(const ProgramBuilder::Body& body) {
    ObjectNames names;
    names.semaphores = {"s"};
    names.channels = {default_channel("p", ChannelKind::pipe)};
    names.devices = {{"disk", Distribution::constant(1'000'000'000), 1, 0}};
    names.request_amounts = {{"work", Distribution::constant(3'000'000'000)}};
    ProgramBuilder program(std::move(names));
    body(program);
    return program.build();
}

TEST_CASE("a scenario file says everything a scenario can") {
    const Scenario scenario = parse_scenario(R"(
name: everything
about: All keys at once
seed: 18446744073709551615
machine: {cores: 4, profile: reference, hz: 250}
scheduler: {policy: rr, slice: 1s, order: 3}
semaphores: {ping: 0, pong: 2}
pipes: {p: 64KiB, q: {capacity: 1MiB}}
tasks:
  A:
    kind: process
    count: 3
    resident: 64MiB
    start: 5ms
    cores: [0, 3]
    do: [compute: 10s]
  B: {kind: coroutine, process: web, carrier: accept, start: {exponential: {mean: 1ms}}, do: [yield]}
  C: {do: []}
expect: {makespan: 21.9s, context_switches: {value: 19, within: 10%}}
validate: {targets: {overhead: 5%, task.A.turnaround: 0.1}}
)",
                                             "f.yaml");
    CHECK(scenario.file == "f.yaml");
    CHECK(scenario.name == "everything");
    CHECK(scenario.about == "All keys at once");
    CHECK(scenario.seed == 18446744073709551615u);
    CHECK(scenario.machine.cores == 4);
    CHECK(scenario.machine.profile == "reference");
    CHECK(scenario.machine.hz == 250);
    CHECK(scenario.scheduler.policy == "rr");
    REQUIRE(scenario.scheduler.parameters.size() == 2);
    CHECK(scenario.scheduler.parameters[1].name == "order");
    CHECK(scenario.scheduler.parameters[1].text == "3");
    CHECK(scenario.scheduler.parameters[0].where.text() == "f.yaml:6:32");
    REQUIRE(scenario.semaphores.size() == 2);
    CHECK(scenario.semaphores[1].initial == 2);
    REQUIRE(scenario.channels.size() == 2);
    CHECK(scenario.channels[0].capacity == 64_KiB);
    CHECK(scenario.channels[1].capacity == 1_MiB);

    REQUIRE(scenario.tasks.size() == 3);
    const TaskTemplate& a = scenario.tasks[0];
    CHECK(a.name == "A");
    CHECK(a.where.text() == "f.yaml:10:3");
    CHECK(a.kind == TaskKind::process);
    CHECK(a.count == 3);
    CHECK(a.resident == 64_MiB);
    CHECK(a.start == Distribution::constant(Duration(5ms).count()));
    CHECK(a.cores == std::vector<std::uint32_t>{0, 3});
    CHECK(a.program.locations[0].line == 16);
    CHECK(a.program.locations[0].column == 10);
    const TaskTemplate& b = scenario.tasks[1];
    CHECK(b.kind == TaskKind::coroutine);
    CHECK(b.process == "web");
    CHECK(b.carrier == "accept");
    CHECK(b.start == Distribution::exponential(1e9));
    CHECK(scenario.tasks[2].kind == TaskKind::thread);

    REQUIRE(scenario.expectations.size() == 2);
    CHECK(scenario.expectations[0].metric == "makespan");
    CHECK(scenario.expectations[0].value == "21.9s");
    CHECK(scenario.expectations[0].tolerance == 0);
    CHECK(scenario.expectations[1].value == "19");
    CHECK(scenario.expectations[1].tolerance == 0.1);
    REQUIRE(scenario.targets.size() == 2);
    CHECK(scenario.targets[0].error == 0.05);
    CHECK(scenario.targets[1].metric == "task.A.turnaround");
}

TEST_CASE("what a scenario leaves out has its default") {
    const Scenario scenario = parse_scenario("tasks: {A: {do: [yield]}}", "folder/ring.yaml");
    CHECK(scenario.name == "ring");
    CHECK(scenario.seed == 1);
    CHECK(scenario.machine.cores == 1);
    CHECK(scenario.machine.profile.empty());
    CHECK_FALSE(scenario.machine.hz.has_value());
    CHECK(scenario.tasks[0].count == 1);
    CHECK(scenario.tasks[0].cores.empty());
}

TEST_CASE("every operation reads as the builder would write it") {
    using Builder = ProgramBuilder;
    const auto leaf = [](Builder& program) { program.compute(1ms); };
    const struct {
        const char* text;
        Builder::Body body;
    } table[] = {
        {"[compute: 10s]", [](Builder& p) { p.compute(10s); }},
        {"[compute: {uniform: {low: 1us, high: 2us}}]", [](Builder& p) { p.compute(Distribution::uniform(1e6, 2e6)); }},
        {"[compute: {exponential: {mean: 10ms}}]", [](Builder& p) { p.compute(Distribution::exponential(1e10)); }},
        {"[compute: {normal: {mean: 1ms, deviation: 1us}}]",
         [](Builder& p) { p.compute(Distribution::normal(1e9, 1e6)); }},
        {"[compute: {lognormal: {median: 1ms, sigma: 0.5}}]",
         [](Builder& p) { p.compute(Distribution::lognormal(1e9, 0.5)); }},
        {"[compute: {pareto: {minimum: 1ms, shape: 1.5}}]",
         [](Builder& p) { p.compute(Distribution::pareto(1e9, 1.5)); }},
        {"[compute: {empirical: [1ms, 2ms]}]",
         [](Builder& p) {
             p.compute(Distribution::empirical({1'000'000'000, 2'000'000'000}));
         }},
        {"[compute: {sequence: [1ms, 2ms]}]",
         [](Builder& p) {
             p.compute(Distribution::sequence({1'000'000'000, 2'000'000'000}));
         }},
        {"[sleep: 1ms]", [](Builder& p) { p.sleep(1ms); }},
        {"[sleep: {exponential: {mean: 1ms}}]", [](Builder& p) { p.sleep(Distribution::exponential(1e9)); }},
        {"[sleep: {for: 1ms, style: blocking}]", [](Builder& p) { p.sleep(1ms); }},
        {"[sleep: {for: {exponential: {mean: 1ms}}}]", [](Builder& p) { p.sleep(Distribution::exponential(1e9)); }},
        {"[yield, system_call, {yield: }]", [](Builder& p) { p.yield().system_call().yield(); }},
        {"[fork: {as: c, child: [compute: 1ms]}, wait: c]", [&](Builder& p) { p.fork("c", leaf).wait("c"); }},
        {"[fork: {as: c, child: [compute: 1ms], then: continue}, yield]",
         [&](Builder& p) { p.fork("c", leaf, Afterwards::continues).yield(); }},
        {"[fork: {as: c, child: [compute: 1ms], then: exit}, wait]", [&](Builder& p) { p.fork("c", leaf).wait_any(); }},
        {"[vfork: {as: c, child: [exec: [compute: 1ms]]}, wait: any]",
         [&](Builder& p) { p.vfork("c", [&](Builder& child) { child.exec(leaf); }).wait_any(); }},
        {"[clone: {as: c, shares: [memory], child: [compute: 1ms]}]", [&](Builder& p) { p.clone("c", true, leaf); }},
        {"[clone: {as: c, child: [compute: 1ms]}]", [&](Builder& p) { p.clone("c", false, leaf); }},
        {"[spawn: {as: w, kind: thread, do: [compute: 1ms]}, join: w]",
         [&](Builder& p) { p.spawn("w", TaskKind::thread, leaf).join("w"); }},
        {"[exit]", [](Builder& p) { p.exit(); }},
        {"[crash]", [](Builder& p) { p.crash(); }},
        {"[repeat: {times: 100, do: [yield, repeat: {times: 2, do: [compute: 1ms]}]}]",
         [&](Builder& p) { p.repeat(100, [&](Builder& body) { body.yield().repeat(2, leaf); }); }},
        {"[repeat: {times: {uniform: {low: 1, high: 5}}, do: [yield]}]",
         [](Builder& p) { p.repeat(Distribution::uniform(1, 5), [](Builder& body) { body.yield(); }); }},
        {"[job: {after: 10ms, do: [compute: 1ms]}]", [&](Builder& p) { p.job(10ms, leaf); }},
        {"[acquire: s, release: s]", [](Builder& p) { p.acquire("s").release("s"); }},
        {"[send: {to: p, size: 4KiB}, receive: {from: p, size: 1B}]",
         [](Builder& p) { p.send("p", 4_KiB).receive("p", 1_B); }},
        {"[map: {as: b, size: 64KiB}, unmap: b]", [](Builder& p) { p.map("b", 64_KiB).unmap("b"); }},
        {"[map: {as: b, size: 4MiB, huge: true, access: read, start_page: 5, populate: true}]",
         [](Builder& p) {
             Mapping mapping;
             mapping.size = 4_MiB;
             mapping.huge = mapping.populate = true;
             mapping.permissions = {true, false, false};
             mapping.start_page = 5;
             p.map("b", mapping);
         }},
        {"[map: {as: b, size: 2GiB, kind: shared, page_size: 1GiB, reserve: false}]",
         [](Builder& p) {
             Mapping mapping;
             mapping.kind = RegionKind::shared;
             mapping.size = 2_GiB;
             mapping.page_size = 1_GiB;
             mapping.reserve = false;
             p.map("b", mapping);
         }},
        {"[map: {as: b, size: 4KiB, kind: file, cold: true, writes_to_file: true, access: execute}]",
         [](Builder& p) {
             Mapping mapping;
             mapping.kind = RegionKind::file;
             mapping.size = 4_KiB;
             mapping.cold = mapping.writes_to_file = true;
             mapping.permissions = {true, false, true};
             p.map("b", mapping);
         }},
        {"[map: {as: b, size: 64KiB, kind: shared}, unmap: {region: b, offset: 4KiB, length: 8KiB}]",
         [](Builder& p) { p.map("b", 64_KiB, RegionKind::shared).unmap("b", 4_KiB, 8_KiB); }},
        {"[map: {as: b, size: 64KiB}, remap: {region: b, size: 128KiB}]",
         [](Builder& p) { p.map("b", 64_KiB).remap("b", 128_KiB); }},
        {"[map: {as: b, size: 64KiB}, protect: {region: b, access: none, offset: 4KiB, length: 4KiB}]",
         [](Builder& p) {
             p.map("b", 64_KiB).protect("b", {false, false, false}, 4_KiB, 4_KiB);
         }},
        {"[brk: 1MiB, brk: {shrink: 4KiB}]", [](Builder& p) { p.brk(1 << 20).brk(-4096); }},
        {"[map: {as: b, size: 64KiB}, advise: {region: b, advice: dontneed, offset: 4KiB}]",
         [](Builder& p) { p.map("b", 64_KiB).advise("b", Advice::dontneed, 4_KiB); }},
        {"[map: {as: b, size: 64KiB}, touch: {region: b, access: write}, touch: {region: b, count: 7, offset: 4KiB}]",
         [](Builder& p) {
             Touch touch;
             touch.count = 7;
             touch.part.offset = 4_KiB;
             p.map("b", 64_KiB).touch("b", Access::write).touch("b", touch);
         }},
        {"[map: {as: b, size: 64KiB}, touch: {region: b, pattern: zipf, skew: 0.8, count: 9}]",
         [](Builder& p) {
             Touch touch;
             touch.pattern = AccessPattern::zipf;
             touch.skew = 800;
             touch.count = 9;
             p.map("b", 64_KiB).touch("b", touch);
         }},
        {"[map: {as: b, size: 64KiB}, touch: {region: b, pattern: phases, working_set: 16KiB, "
         "references_per_phase: 5, count: 20, length: 32KiB}, touch: {region: b, pattern: strided, stride: 8KiB}]",
         [](Builder& p) {
             Touch phases, strided;
             phases.pattern = AccessPattern::phases;
             phases.working_set = 16_KiB;
             phases.references_per_phase = 5;
             phases.count = 20;
             phases.part.length = 32_KiB;
             strided.pattern = AccessPattern::strided;
             strided.stride = 8_KiB;
             p.map("b", 64_KiB).touch("b", phases).touch("b", strided);
         }},
        {"[map: {as: b, size: 64KiB}, observe: {as: seen, region: b}, observe: {as: task}]",
         [](Builder& p) { p.map("b", 64_KiB).observe("seen", "b").observe("task"); }},
        {"[map: {as: b, size: 64KiB}, compute: {work: 1ms, over: b}, compute: {work: 2ms, over: 256KiB}, "
         "compute: {work: {exponential: {mean: 3ms}}, over: 1MiB}, compute: {work: 4ms}]",
         [](Builder& p) {
             p.map("b", 64_KiB).compute_over("b", 1ms).compute_over(256_KiB, 2ms);
             p.compute_over(1_MiB, Distribution::exponential(3e9));
             p.compute(4ms);
         }},
        {"[for_each: {receive: p, size: 1KiB, do: [compute: request.work]}, io: disk, "
         "io: {device: disk, style: completion, for: 2ms}, close: p, close: {channel: p, end: both}]",
         [](Builder& p) {
             p.for_each("p", 1_KiB, [](auto& body) { body.compute(OfRequest{"work"}); });
             p.io("disk").io("disk", WaitStyle::completion, Distribution::constant(2'000'000'000));
             p.close("p").close("p", ChannelEnd::both);
         }},
        {"[begin_request, send: {to: p, size: 8B, on_break: continue}, end_request]",
         [](Builder& p) { p.begin_request().send("p", 8_B, {.ignores_break = true}).end_request(); }},
        {"[]", [](Builder&) {}},
    };
    for (const auto& row : table) {
        INFO(row.text);
        CHECK(doing(row.text).tasks[0].program == built(row.body));
    }
    const std::set<std::string_view> elsewhere{"lock",   "lock_shared", "try_lock", "unlock", "await",
                                               "notify", "notify_all",  "arrive",   "read",   "write",
                                               "add",    "if",          "while"};
    for (const KeyDescription& operation : operation_map.keys) { // this list and that of synchronisation leave none out
        if (elsewhere.contains(operation.name)) continue;
        INFO(operation.name);
        CHECK(std::any_of(std::begin(table), std::end(table), [&](const auto& row) {
            return std::string_view(row.text).find(operation.name) != std::string_view::npos;
        }));
    }
}

TEST_CASE("what a machine's caches hold, or what its profile says") {
    const auto caches = [](const std::string& machine) {
        return parse_scenario("machine: " + machine + "\ntasks: {A: {do: [compute: 1s]}}", "f.yaml").machine.caches;
    };
    CHECK(caches("{caches: {private: 1MiB, shared: 32MiB}}") == CacheSizes{1_MiB, 32_MiB});
    CHECK(caches("{caches: {private: 1MiB}}") == CacheSizes{1_MiB, {}});
    CHECK(caches("{cores: 1}") == CacheSizes{});
}

TEST_CASE("a machine's memory and a process's segments") {
    const Scenario scenario = parse_scenario("machine: {memory: 1GiB, swap: 2GiB, page_size: 8KiB, address_bits: 57, "
                                             "replacement: {policy: 2q, in: 25%, scope: local}, "
                                             "tlb: {l1: 16x4}}\n"
                                             "tasks: {A: {kind: process, memory: {text: 1MiB, data: 8KiB, bss: 16KiB, "
                                             "heap: 4KiB, stack: 8MiB, limit: 64MiB}, do: []}}",
                                             "f.yaml");
    const MachineMemory& memory = scenario.machine.memory;
    CHECK(memory.size == 1_GiB);
    CHECK(memory.swap == 2_GiB);
    CHECK(memory.page_size == 8_KiB);
    CHECK(memory.address_bits == 57);
    CHECK(memory.replacement == "2q");
    CHECK(memory.replacement_is_local);
    CHECK(memory.working_set_window == 1000);
    CHECK(scenario.tasks[0].memory_limit == 64_MiB);
    REQUIRE(memory.replacement_parameters.size() == 1);
    CHECK(memory.replacement_parameters[0].name == "in");
    CHECK(memory.replacement_parameters[0].text == "25%");
    REQUIRE(memory.tlb.size() == 1);
    CHECK(memory.tlb[0].text == "16x4");
    CHECK(scenario.tasks[0].memory == SegmentSizes{1_MiB, 8_KiB, 16_KiB, 4_KiB, 8_MiB});
    const MachineMemory set_aside =
        parse_scenario("machine: {huge_pages: {2MiB: 64, 1GiB: 2}}\ntasks: {A: {do: []}}", "f.yaml").machine.memory;
    CHECK(set_aside.large_pages == 64);
    CHECK(set_aside.huge_pages == 2);
    CHECK(set_aside.set_aside() == 2_GiB + 128_MiB);
    CHECK(parse_scenario("machine: {replacement: clock}\ntasks: {A: {do: []}}", "f.yaml").machine.memory.replacement ==
          "clock");
}

TEST_CASE("a trace of pages is a file beside the scenario") {
    const ScratchFolder folder;
    folder.write("pages.txt", "# page numbers\n3\n1\n\n3\n");
    const std::string file = folder.write("a.yaml", "tasks: {A: {kind: process, do: [map: {as: b, size: 16KiB}, "
                                                    "touch: {region: b, trace: pages.txt}]}}");
    const MemoryOperands memory = read_scenario(file).tasks[0].program.memory;
    REQUIRE(memory.traces.size() == 1);
    CHECK(memory.traces[0].name == "pages.txt");
    CHECK(memory.traces[0].pages == std::vector<std::uint32_t>{3, 1, 3});
    CHECK(memory.touches[0].pattern == AccessPattern::trace);
}

TEST_CASE("an asynchronous sleep is a coroutine's") {
    const Scenario scenario =
        parse_scenario("tasks: {A: {kind: coroutine, do: [sleep: {for: 1ms, style: asynchronous}]}}", "f.yaml");
    CHECK(scenario.tasks[0].program.code[0].asynchronous);
}

TEST_CASE("semaphores and locks are waited for with the thread, or asynchronously") {
    const auto read = [](const std::string& operation) {
        return parse_scenario(
                   "semaphores: {s: 1}\nlocks: {m: mutex, l: read-write}\ntasks: {A: {kind: coroutine, do: [" +
                       operation + "]}}",
                   "f.yaml")
            .tasks[0]
            .program.code[0];
    };
    for (const char* operation : {"acquire: s", "lock: m", "lock_shared: l"}) CHECK(!read(operation).asynchronous);
    CHECK(read("acquire: {semaphore: s, asynchronous: true}").asynchronous);
    CHECK(read("lock: {lock: m, asynchronous: true}").asynchronous);
    CHECK(!read("lock: {lock: m, asynchronous: false}").asynchronous);
    CHECK(read("lock_shared: {lock: l, asynchronous: true}").object == 1);
}

TEST_CASE("a carrier may be several threads") {
    const auto read = [](const std::string& second) {
        return parse_scenario("tasks:\n  A: {kind: coroutine, carriers: 4, do: [yield]}\n  B: " + second, "f.yaml");
    };
    CHECK(read("{kind: coroutine, carriers: 4, do: [yield]}").tasks[1].carriers == 4);
    CHECK_THROWS_AS(read("{kind: coroutine, carriers: 2, do: [yield]}"), InputError);
    CHECK_THROWS_AS(read("{kind: thread, carriers: 2, do: [yield]}"), InputError);
    CHECK_THROWS_AS(read("{kind: coroutine, carriers: 0, do: [yield]}"), InputError);
}

TEST_CASE("every shipped scenario reads") {
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SWITCHYARD_SOURCE_DIR "/scenarios")) {
        if (entry.path().extension() != ".yaml" || entry.path().parent_path().filename() == "sweeps") continue;
        INFO(entry.path());
        const Scenario scenario = read_scenario(entry.path().string());
        CHECK(scenario.name == entry.path().stem());
        CHECK_FALSE(scenario.about.empty());
        CHECK_FALSE((scenario.expectations.empty() && scenario.targets.empty())); // every one is held to something
        ++files;
    }
    CHECK(files >= 5);
}

TEST_CASE("many written tasks read in linear time and space") {
    std::string text = "tasks:\n";
    constexpr int count = 20'000;
    for (int i = 0; i < count; ++i) text += fmt::format("  T{}: {{kind: thread, do: [compute: 10s, yield]}}\n", i);
    const Scenario scenario = parse_scenario(text, "f.yaml");
    REQUIRE(scenario.tasks.size() == count);
    CHECK(scenario.tasks.back().name == "T19999");
    CHECK(scenario.tasks.back().program == built([](ProgramBuilder& program) { program.compute(10s).yield(); }));
}

static Machine machine_of(const std::string& text) {
    return parse_scenario(fmt::format("machine: {}\ntasks: {{A: {{do: [yield]}}}}\n", text), "f.yaml").machine;
}

TEST_CASE("a topology says how the cores hang together, and how many there are") {
    const Machine machine =
        machine_of("{topology: {nodes: 2, caches_per_node: 1, cores_per_cache: 2, threads_per_core: 2}}");
    CHECK(machine.cores == 8);
    CHECK(machine.topology ==
          describe({.nodes = 2, .caches_per_node = 1, .cores_per_cache = 2, .threads_per_core = 2}));
    CHECK(machine_of("{cores: 4, topology: {cores_per_cache: 4}}").cores == 4);
    CHECK(machine_of("{topology: {}}").cores == 1);
    CHECK(machine_of("{cores: 4}").topology == TopologyDescription{});
}

TEST_CASE("speeds are exact, as decimals or percentages of nominal") {
    const Machine machine = machine_of("{cores: 4, speeds: [1, 1.25, 0.5, 12.5%]}");
    CHECK(machine.cores == 4);
    CHECK(machine.topology.speeds == std::vector<std::uint32_t>{1000, 1250, 500, 125});
    CHECK(machine_of("{speeds: [1, 50%]}").cores == 2);
    const Machine both = machine_of("{topology: {nodes: 2}, speeds: [1, 0.001]}");
    CHECK(both.topology.nodes.size() == 2);
    CHECK(both.topology.speeds == std::vector<std::uint32_t>{1000, 1});
}

TEST_CASE("tasks can be bound to cores that a topology brings") {
    const Scenario scenario =
        parse_scenario("machine: {topology: {nodes: 2}}\ntasks: {A: {cores: [1], do: [yield]}}\n", "f.yaml");
    CHECK(scenario.tasks.at(0).cores == std::vector<std::uint32_t>{1});
}

TEST_CASE("the error a target allows is a share or, of a time, an amount") {
    const Scenario scenario = parse_scenario("tasks: {A: {kind: thread, do: [compute: 1s]}}\n"
                                             "validate:\n"
                                             "  targets:\n"
                                             "    task.A.run_length.p50: 50us\n"
                                             "    task.A.wake_up_latency.p99: 15%\n"
                                             "    task.A.window_share: 2%\n"
                                             "    task.A.run_length.distance: 0.1\n",
                                             "t.yaml");
    REQUIRE(scenario.targets.size() == 4);
    CHECK(scenario.targets[0].within == "50us");
    CHECK(scenario.targets[1].within.empty());
    CHECK(scenario.targets[1].error == 0.15);
    CHECK(scenario.targets[2].error == 0.02);
    CHECK(scenario.targets[3].error == 0.1);
    CHECK_THROWS_AS(parse_scenario("tasks: {A: {kind: thread, do: [compute: 1s]}}\n"
                                   "validate: {targets: {task.A.window_share: 50us}}\n",
                                   "t.yaml"),
                    InputError);
}

TEST_CASE("a task says how much later its sleeps may end, or leaves it to the machine") {
    const auto slack = [](const std::string& scheduling) {
        return parse_scenario("tasks:\n  A: {kind: thread, scheduling: " + scheduling + ", do: [sleep: 1ms]}\n",
                              "slack.yaml")
            .tasks.at(0)
            .scheduling.timer_slack;
    };
    CHECK(slack("{nice: 1}") == std::nullopt);
    CHECK(slack("{timer_slack: 0s}") == Duration::zero());
    CHECK(slack("{timer_slack: 200us}") == std::chrono::microseconds{200});
}

TEST_CASE("what a machine's costs are, where they are not its profile's") {
    const auto read = [](const std::string& costs) {
        return parse_scenario("machine: {costs: " + costs + "}\ntasks: {A: {do: [compute: 1s]}}", "f.yaml")
            .machine.costs;
    };
    CHECK(read("{wake_up.remote: 20us, system_call: 0s}") ==
          std::vector<MachineCost>{{Cost::wake_up_remote, 20us}, {Cost::system_call, 0s}});
    CHECK_THROWS_AS(read("{wake_up.remot: 20us}"), InputError);
    CHECK_THROWS_AS(read("{process.resident: 20us}"), InputError);
}
