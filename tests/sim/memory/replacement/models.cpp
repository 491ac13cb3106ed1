// Policies for which no outside program speaks, against models written straight from their definitions: whole memories
// searched at every step.
#include "tests/sim/memory/replacement/strings.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <tuple>

using namespace switchyard::sim::replacement;

namespace {

// What each model does with one reference; whether it is a hit.
using Model = std::function<bool(std::uint64_t page)>;

void check(const std::string& policy, const std::function<Model(std::uint32_t frames)>& make) {
    for (std::uint32_t seed = 0; seed < 60; ++seed) {
        const String string = random_string(seed, 900, 20 + seed);
        for (const std::uint32_t frames : {1U, 2U, 3U, 7U, 12U, 19U}) {
            INFO(policy << ", " << frames << " frames, string " << seed);
            const Model model = make(frames);
            std::vector<std::uint8_t> expected;
            for (const std::uint64_t page : string) expected.push_back(model(page));
            REQUIRE(hits_of(policy, frames, string) == expected);
        }
    }
}

struct Aged {
    std::uint64_t page = 0;
    bool referenced = true;
    unsigned counter = 0;
    // When it got where it is among the others, and for those of one tick, where it was among them before.
    std::uint64_t since = 0;
};

// Both policies of reference bits: a tick does `fade`, the least by (referenced, counter, since) goes.
Model reference_bits(std::uint32_t frames, std::uint64_t interval, unsigned (*fade)(const Aged&)) {
    auto memory = std::make_shared<std::vector<Aged>>();
    auto now = std::make_shared<std::uint64_t>(0);
    auto stamp = std::make_shared<std::uint64_t>(0);
    return [=](std::uint64_t page) {
        const auto rank = [](const Aged& one) { return std::tuple(one.referenced, one.counter, one.since); };
        if (++*now % interval == 0) {
            std::ranges::sort(*memory, {}, rank);
            for (Aged& one : *memory) {
                const unsigned counter = fade(one);
                // Who stays as good as nothing keeps its place before those that come down to it.
                const bool moves = one.referenced || counter != one.counter;
                one.counter = counter;
                one.referenced = false;
                if (moves) one.since = ++*stamp;
            }
        }
        const auto found = std::ranges::find(*memory, page, &Aged::page);
        if (found != memory->end()) {
            if (!found->referenced) {
                found->referenced = true;
                found->since = ++*stamp;
            }
            return true;
        }
        if (memory->size() == frames) memory->erase(std::ranges::min_element(*memory, {}, rank));
        memory->push_back({.page = page, .referenced = true, .counter = 0, .since = ++*stamp});
        return false;
    };
}

} // namespace

TEST_CASE("NRU takes from the lowest class") {
    check("nru:interval=13",
          [](std::uint32_t frames) { return reference_bits(frames, 13, [](const Aged&) { return 0U; }); });
}

TEST_CASE("Ageing takes the page with the least counter") {
    check("ageing:interval=9", [](std::uint32_t frames) {
        return reference_bits(frames, 9,
                              [](const Aged& one) { return (one.counter | (one.referenced ? 256U : 0U)) / 2; });
    });
}

TEST_CASE("The working set is what was referenced within the window") {
    check("working-set:window=11", [](std::uint32_t frames) {
        return [=, past = std::deque<std::uint64_t>()](std::uint64_t page) mutable {
            // The pages of the last 11 references, at most so many, the latest.
            std::vector<std::uint64_t> set;
            for (auto one = past.rbegin(); one != past.rend() && set.size() < frames; ++one)
                if (std::ranges::find(set, *one) == set.end()) set.push_back(*one);
            past.push_back(page);
            if (past.size() > 11) past.pop_front();
            return std::ranges::find(set, page) != set.end();
        };
    });
}

TEST_CASE("WSClock takes the first page behind the hand that has left the working set") {
    struct Frame {
        std::uint64_t page, noted;
        bool referenced;
    };
    check("wsclock:window=11", [](std::uint32_t frames) {
        return [=, memory = std::deque<Frame>(), now = std::uint64_t{0}](std::uint64_t page) mutable {
            // The front is where the hand is.
            ++now;
            for (Frame& one : memory)
                if (one.page == page) return one.referenced = true;
            if (memory.size() == frames) {
                const auto turn = [&] { std::rotate(memory.begin(), memory.begin() + 1, memory.end()); };
                bool found = false;
                for (std::uint32_t passed = 0; passed < frames && !found; ++passed) {
                    Frame& one = memory.front();
                    found = !one.referenced && one.noted + 11 < now;
                    if (one.referenced) one = {one.page, now, false};
                    if (!found) turn();
                }
                if (!found) {
                    const auto oldest = std::ranges::min_element(memory, {}, &Frame::noted);
                    std::rotate(memory.begin(), oldest, memory.end());
                }
                memory.pop_front();
            }
            memory.push_back({page, now, false});
            return false;
        };
    });
}

TEST_CASE("LIRS as published: stack S and queue Q") {
    struct Entry {
        std::uint64_t page;
        bool low;
    };
    check("lirs:hir=20%", [](std::uint32_t frames) {
        const std::size_t high_share = std::max(1U, frames / 5);
        const std::size_t low_share = frames - high_share;
        return [=, stack = std::deque<Entry>(), queue = std::deque<std::uint64_t>()](std::uint64_t page) mutable {
            const auto stacked = std::ranges::find(stack, page, &Entry::page);
            const auto queued = std::ranges::find(queue, page);
            const bool was_stacked = stacked != stack.end();
            const bool was_low = was_stacked && stacked->low;
            const bool hit = was_low || queued != queue.end();
            const auto lows = static_cast<std::size_t>(std::ranges::count(stack, true, &Entry::low));
            if (!hit && lows + queue.size() == frames)
                queue.pop_front();
            else if (hit && !was_low)
                queue.erase(queued);
            if (was_stacked) stack.erase(stacked);
            const bool is_low = was_low || (low_share > 0 && (was_stacked || (!hit && lows < low_share)));
            stack.push_back({page, is_low});
            if (!is_low) queue.push_back(page);
            const auto prune = [&] {
                while (!stack.empty() && !stack.front().low) stack.pop_front();
            };
            if (is_low && !was_low && lows == low_share) {
                prune();
                queue.push_back(stack.front().page);
                stack.pop_front();
            }
            prune();
            return hit;
        };
    });
}

TEST_CASE("Linux's lists: two looks at the inactive tail, and refaults that were too early") {
    struct Entry {
        std::uint64_t page;
        bool accessed, referenced;
    };
    check("linux", [](std::uint32_t frames) {
        return
            [=, inactive = std::deque<Entry>(), active = std::deque<Entry>(),
             shadows = std::map<std::uint64_t, std::uint64_t>(), age = std::uint64_t{0}](std::uint64_t page) mutable {
                for (auto* const list : {&inactive, &active}) // newest first
                    for (Entry& one : *list)
                        if (one.page == page) return one.accessed = true;
                while (inactive.size() + active.size() == frames) {
                    const std::size_t moved =
                        inactive.size() < active.size() ? std::min<std::size_t>(active.size(), 32) : 0;
                    for (std::size_t i = 0; i < moved; ++i) {
                        inactive.push_front({active.back().page, false, active.back().referenced});
                        active.pop_back();
                    }
                    Entry tail = inactive.back();
                    inactive.pop_back();
                    if (!tail.accessed) {
                        shadows[tail.page] = ++age;
                    } else if (tail.referenced) {
                        active.push_front({tail.page, false, true});
                        ++age;
                    } else {
                        inactive.push_front({tail.page, false, true});
                    }
                }
                const auto shadow = shadows.find(page);
                const bool early = shadow != shadows.end() && age - shadow->second <= active.size();
                if (shadow != shadows.end()) shadows.erase(shadow);
                (early ? active : inactive).push_front({page, true, false});
                age += early;
                return false;
            };
    });
}

TEST_CASE("Multi-generational LRU: the oldest generation goes, what was accessed joins the youngest") {
    struct Page {
        std::uint64_t page, generation, joined;
        bool accessed;
    };
    check("mglru", [](std::uint32_t frames) {
        return [=, memory = std::vector<Page>(), youngest = std::uint64_t{3}, oldest = std::uint64_t{0},
                joined = std::uint64_t{0}](std::uint64_t page) mutable {
            for (Page& one : memory)
                if (one.page == page) return one.accessed = true;
            const auto promote = [&](Page& one) {
                one.accessed = false;
                if (one.generation != youngest) one = {one.page, youngest, ++joined, false};
            };
            if (memory.size() < frames) {
                memory.push_back({page, youngest, ++joined, true});
                return false;
            }
            for (;;) {
                if (youngest - oldest < 2) {
                    for (Page& one : memory)
                        if (one.accessed) promote(one);
                    ++youngest;
                }
                Page* first = nullptr;
                for (Page& one : memory)
                    if (one.generation == oldest && (first == nullptr || one.joined < first->joined)) first = &one;
                if (first == nullptr) {
                    ++oldest;
                } else if (first->accessed) {
                    promote(*first);
                } else {
                    *first = {page, youngest, ++joined, true}; // in its frame
                    return false;
                }
            }
        };
    });
}
