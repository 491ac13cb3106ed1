// Results that were kept are of one model: this fails where results change and the model's version does not.
#include "sim/model_version.hpp"

#include "formats/json/report_json.hpp"
#include "formats/scenario/read_scenario.hpp"
#include "lab/predict.hpp"
#include "lab/sweep/hash.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <fstream>
#include <string>

using namespace switchyard;

// Something of everything the simulator does, each a fraction of a second.
static constexpr const char* scenarios[] = {"two-tasks",
                                            "two-tasks-coroutines",
                                            "linux-classes",
                                            "lottery-shares",
                                            "feedback-queue",
                                            "earliest-deadline",
                                            "huge-pages",
                                            "thrashing",
                                            "copy-on-write-server",
                                            "cache-warmth",
                                            "fork-wait",
                                            "synchronisation/philosophers",
                                            "synchronisation/readers-and-writers",
                                            "synchronisation/priority-inheritance",
                                            "ipc/pipe-streaming",
                                            "ipc/tcp-ping-pong",
                                            "ipc/signal-ping-pong",
                                            "runtime/work-stealing",
                                            "runtime/gil-io",
                                            "server/event-loop",
                                            "server/pre-fork",
                                            "server/processes-and-coroutines",
                                            "io-bound/threads",
                                            "creation/thread",
                                            "yield-ring"};

TEST_CASE("Where results change, the model's version is another one") {
    lab::Hash hash;
    for (const char* const name : scenarios) {
        const std::string file = fmt::format("{}/scenarios/{}.yaml", SWITCHYARD_SOURCE_DIR, name);
        const Report report = lab::predict(formats::read_scenario(file), reference_profile());
        hash.add(std::string_view(formats::report_to_json(report)));
    }
    std::string digest;
    for (const std::uint8_t byte : hash.digest()) digest += fmt::format("{:02x}", byte);

    std::ifstream golden(SWITCHYARD_SOURCE_DIR "/tests/golden/model_version.txt");
    std::uint32_t version = 0;
    std::string expected;
    golden >> version >> expected;
    INFO("Results of the simulator have changed. If that was meant, raise sim::model_version (sim/model_version.hpp) "
         "once\n"
         "for all changes that are merged together, so that kept results of sweeps are not taken for the new model's, "
         "and\n"
         "write this line into tests/golden/model_version.txt, with the version as it is then (the same, where only "
         "the form\n"
         "of reports has changed): "
         << sim::model_version << ' ' << digest);
    CHECK(expected == digest);
    CHECK(version == sim::model_version);
}
