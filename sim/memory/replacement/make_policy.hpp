// A policy's template made into what the registry hands out: one file that includes this and a few policies compiles
// them.
#pragma once

#include "sim/memory/replacement/policy.hpp"
#include "sim/memory/replacement/registry.hpp"

#include <array>
#include <cassert>
#include <utility>

namespace switchyard::sim::replacement {

template <template <class> class Algorithm>
class ReclaimPolicy final : public Policy {
public:
    explicit ReclaimPolicy(const Options& options) : algorithm_(options) {}

    void insert(std::uint64_t page) override {
        assert(!contains(page));
        if constexpr (requires { algorithm_.tick(); }) algorithm_.tick();
        algorithm_.insert(page, algorithm_.index.find(page));
    }
    void referenced(std::uint64_t page, bool written) override {
        if constexpr (requires { algorithm_.tick(); }) algorithm_.tick();
        const Slot slot = algorithm_.index.find(page);
        if (slot == no_slot) return; // it has just left the working set
        algorithm_.hit(slot);
        if constexpr (requires { algorithm_.wrote(slot); })
            if (written) algorithm_.wrote(slot);
    }
    std::uint64_t evict() override { return algorithm_.evict(); }
    void remove(std::uint64_t page) override {
        assert(contains(page));
        algorithm_.remove(algorithm_.index.find(page));
    }
    [[nodiscard]] bool contains(std::uint64_t page) const override {
        const Slot slot = algorithm_.index.find(page);
        return slot != no_slot && algorithm_.is_resident(slot);
    }
    [[nodiscard]] std::uint32_t size() const override { return algorithm_.size(); }

private:
    Algorithm<HashedIndex> algorithm_;
};

template <template <class> class Algorithm, class Index>
class ReplayOf final : public Replay<typename Index::Page> {
public:
    using Page = typename Index::Page;
    explicit ReplayOf(const Options& options) : algorithm_(options) {}

    void play(std::span<const Page> references, std::span<std::uint8_t> hits) override {
        std::uint64_t misses = 0;
        if (hits.empty()) {
            run(references, [&](std::size_t, bool hit) { misses += !hit; });
        } else {
            run(references, [&](std::size_t at, bool hit) {
                misses += !hit;
                hits[at] = hit;
            });
        }
        this->misses_ += misses;
        this->references_ += references.size();
    }

private:
    // Memory is asked for what references will need some time before they do: first the index, then the record. What
    // the index said then nearly always still holds when the reference comes.
    static constexpr std::size_t far = 16;
    static constexpr std::size_t near = 8;
    static constexpr bool looks_ahead = requires(const Algorithm<Index>& algorithm) { algorithm.prefetch(Slot{}); };

    template <class Result>
    void run(std::span<const Page> references, Result result) {
        Algorithm<Index>& algorithm = algorithm_;
        const std::size_t all = references.size();
        const std::size_t ahead = all > far ? all - far : 0;
        std::size_t at = 0;
        if constexpr (looks_ahead) {
            std::array<Slot, near> soon{};
            for (; at < ahead && at < near; ++at) soon[at] = algorithm.index.find(references[at]);
            for (at = 0; at < ahead; ++at) {
                algorithm.index.prefetch(references[at + far]);
                const Slot next = algorithm.index.find(references[at + near]);
                if (next != no_slot) algorithm.prefetch(next);
                const Slot slot = std::exchange(soon[at % near], next);
                const bool still = slot != no_slot && algorithm.index.has(slot, references[at]);
                result(at, reference(references[at], still ? slot : algorithm.index.find(references[at])));
            }
        } else {
            for (; at < ahead; ++at) {
                algorithm.index.prefetch(references[at + far]);
                result(at, reference(references[at], algorithm.index.find(references[at])));
            }
        }
        for (; at < all; ++at) result(at, reference(references[at], algorithm.index.find(references[at])));
    }
    bool reference(Page page, Slot slot) {
        if constexpr (requires { algorithm_.tick(); }) {
            algorithm_.tick();
            if (slot != no_slot && !algorithm_.index.has(slot, page)) slot = no_slot; // it has just left
        }
        if (slot != no_slot && algorithm_.is_resident(slot)) {
            algorithm_.hit(slot);
            return true;
        }
        if constexpr (requires { algorithm_.miss(page, slot); }) {
            algorithm_.miss(page, slot);
        } else {
            if (algorithm_.size() >= algorithm_.frames) algorithm_.evict();
            algorithm_.insert(page, slot);
        }
        return false;
    }

    Algorithm<Index> algorithm_;
};

// The makers of a line of the registry.
template <template <class> class Algorithm>
PolicyDescription with_makers(PolicyDescription description) {
    description.make_policy = [](const Options& options) -> std::unique_ptr<Policy> {
        return std::make_unique<ReclaimPolicy<Algorithm>>(options);
    };
    description.make_hashed = [](const Options& options) -> std::unique_ptr<HashedReplay> {
        return std::make_unique<ReplayOf<Algorithm, HashedIndex>>(options);
    };
    description.make_direct = [](const Options& options) -> std::unique_ptr<DirectReplay> {
        return std::make_unique<ReplayOf<Algorithm, DirectIndex>>(options);
    };
    return description;
}

// Lines of the registry, each in the file that compiles its policy.
[[nodiscard]] PolicyDescription fifo_description();
[[nodiscard]] PolicyDescription least_recently_used_description();
[[nodiscard]] PolicyDescription most_recently_used_description();
[[nodiscard]] PolicyDescription random_description();
[[nodiscard]] PolicyDescription clock_description();
[[nodiscard]] PolicyDescription sieve_description();
[[nodiscard]] PolicyDescription least_frequently_used_description();
[[nodiscard]] PolicyDescription two_queues_description();
[[nodiscard]] PolicyDescription adaptive_description();
[[nodiscard]] PolicyDescription s3_fifo_description();
[[nodiscard]] PolicyDescription low_inter_reference_recency_description();
[[nodiscard]] PolicyDescription not_recently_used_description();
[[nodiscard]] PolicyDescription ageing_description();
[[nodiscard]] PolicyDescription working_set_description();
[[nodiscard]] PolicyDescription working_set_clock_description();
[[nodiscard]] PolicyDescription linux_lists_description();
[[nodiscard]] PolicyDescription generations_description();

} // namespace switchyard::sim::replacement
