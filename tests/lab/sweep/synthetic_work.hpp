// A sweep whose points are arithmetic: what engines and stores do with them does not depend on what they are.
#pragma once

#include "lab/sweep/engine.hpp"
#include "lab/sweep/store.hpp"
#include "lab/sweep/work.hpp"

#include <xxhash.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <sstream>
#include <string>
#include <thread>

namespace switchyard::lab {

struct SyntheticOptions {
    std::uint64_t cells = 100;
    Replications replications = {};
    std::uint64_t fails_every = 0;                   // cells of that many
    bool fails = true;                               // now
    std::chrono::microseconds point{0};              // what one takes, asleep
    std::vector<std::string> metrics = {"overhead"}; // their names; the first letter is part of what they are
    std::string name = "synthetic";
    std::uint64_t distinct_cells = 1'000'000'000; // from there on cells are those from the beginning, said otherwise
};

class SyntheticWork : public SweepWork {
public:
    explicit SyntheticWork(SyntheticOptions options) : options_(std::move(options)) {
        outline_.name = options_.name;
        outline_.model_version = "1";
        outline_.parameters = {{"work", "seconds", "tasks.0.work"}, {"model", "none", "model"}};
        for (const std::string& name : options_.metrics) outline_.metrics.push_back({name, "seconds", name});
    }

    [[nodiscard]] const SweepOutline& outline() const override { return outline_; }
    [[nodiscard]] const Replications& replications() const override { return options_.replications; }
    [[nodiscard]] std::uint64_t cells() const override { return options_.cells; }
    [[nodiscard]] std::vector<ParameterValue> values_of(std::uint64_t cell) const override {
        return {0.001 * static_cast<double>(cell % options_.distinct_cells),
                fmt::format("{}, \"{}\"", cell < options_.distinct_cells ? "b" : "a", cell % 3)};
    }
    [[nodiscard]] std::unique_ptr<PointWorker> make_worker() const override { return std::make_unique<Worker>(*this); }

    // How often a point was computed, by any worker.
    [[nodiscard]] std::uint64_t computed() const { return computed_; }

private:
    class Worker : public PointWorker {
    public:
        explicit Worker(const SyntheticWork& work) : work_(work) {}
        [[nodiscard]] PointIdentity identify(const PointIndex& index) override {
            const std::string text = fmt::format("{} {} {}", work_.outline_.name,
                                                 index.cell % work_.options_.distinct_cells, index.replication);
            XXH128_canonical_t canonical;
            XXH128_canonicalFromHash(&canonical, XXH3_128bits(text.data(), text.size()));
            PointIdentity identity;
            std::memcpy(identity.data(), canonical.digest, identity.size());
            return identity;
        }
        [[nodiscard]] std::optional<PointResult> compute(const PointIndex& index,
                                                         const std::stop_token& stop) override {
            const SyntheticOptions& options = work_.options_;
            if (options.point.count() > 0) std::this_thread::sleep_for(options.point);
            if (stop.stop_requested()) return {};
            ++work_.computed_;
            PointResult result;
            result.index = index;
            result.identity = identify(index);
            result.seed = ~std::uint64_t{0} - index.replication;
            if (options.fails && options.fails_every > 0 &&
                index.cell % options.distinct_cells % options.fails_every == 0) {
                result.status = PointStatus::failed;
                result.reason = "cell \"" + std::to_string(index.cell % options.distinct_cells) + "\" deadlocks";
                result.values.assign(options.metrics.size(), std::nan(""));
                return result;
            }
            for (const std::string& name : options.metrics) {
                const double spread = result.identity[0] / 255.0 - 0.5;
                result.values.push_back(name[0] + std::sqrt(static_cast<double>(index.cell % options.distinct_cells)) +
                                        spread);
            }
            return result;
        }

    private:
        const SyntheticWork& work_;
    };

    SyntheticOptions options_;
    SweepOutline outline_;
    mutable std::atomic<std::uint64_t> computed_ = 0;
};

// All of it, by threads, into a database.
inline SweepProgress sweep_by_threads(const SyntheticWork& work, const std::string& path, std::size_t workers,
                                      bool retry = false, const std::stop_token& stop = {}) {
    ResultStore store(path, work.outline());
    const Schedule schedule(work.cells(), work.replications());
    return make_thread_engine(workers)->run(work, schedule, store, {retry, stop, {}});
}

inline std::string exported(const std::string& path) {
    std::ostringstream text;
    sorted_export(path, text);
    return text.str();
}

} // namespace switchyard::lab
