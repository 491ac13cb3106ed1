#include "native/probes/run.hpp"

#include "native/measurement/child.hpp"
#include "native/probes/in_runner.hpp"

#include <cstring>
#include <malloc.h>
#include <utility>

namespace switchyard::native {

// What the child sends: the notes, a line each, an empty line, the samples as they are in memory.
static std::vector<std::byte> packed(const Notes& notes, const std::vector<Sample>& samples) {
    std::string text;
    for (const std::string& note : notes) text += note + '\n';
    text += '\n';
    std::vector<std::byte> bytes(text.size() + samples.size() * sizeof(Sample));
    std::memcpy(bytes.data(), text.data(), text.size());
    if (!samples.empty()) std::memcpy(bytes.data() + text.size(), samples.data(), samples.size() * sizeof(Sample));
    return bytes;
}

static ProbeResult unpacked(const std::vector<std::byte>& bytes) {
    ProbeResult result;
    std::size_t at = 0;
    for (std::string line; at < bytes.size(); ++at) {
        const char letter = static_cast<char>(bytes[at]);
        if (letter != '\n') {
            line += letter;
            continue;
        }
        if (line.empty()) break;
        result.notes.push_back(std::exchange(line, {}));
    }
    ++at; // the empty line's end
    if (at >= bytes.size()) return result;
    result.samples.resize((bytes.size() - at) / sizeof(Sample));
    if (!result.samples.empty())
        std::memcpy(result.samples.data(), bytes.data() + at, result.samples.size() * sizeof(Sample));
    return result;
}

ProbeResult run_probe(const Probe& probe, const ProbeRun& run, int cpu, std::stop_token stop) {
    if (probe.needs_two_processors && !run.other_cpu) return {{}, {}, "needs two processors"};
    const auto limit = std::chrono::milliseconds{30'000 + static_cast<long>(run.budget_nanoseconds * 10 / 1e6)};
    const auto work = [&] {
        const std::vector<int> cpus{cpu};
        const Notes notes = isolate(cpus);
        prefault_stack(32 * 1024);
        malloc_trim(0); // what the starter's heap holds free would be copied by every fork
        return packed(notes, probe.in_runner ? measure_in_runner(probe, run) : probe.measure(run));
    };
    const ChildResult child = run_in_child(work, {limit, std::move(stop)});
    if (child.ending == ChildEnding::returned) {
        ProbeResult result = unpacked(child.bytes);
        if (result.samples.empty()) result.failure = "took no usable sample";
        return result;
    }
    return {{}, {}, child.message, child.ending == ChildEnding::stopped};
}

} // namespace switchyard::native
