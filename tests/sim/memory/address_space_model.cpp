// Random operations on a few address spaces of a machine, beside a model that knows nothing of frames, tables, faults
// or devices: only what every page should hold.
#include "sim/memory/address_space/address_space.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <random>
#include <set>

using namespace switchyard::sim::memory;

namespace {

constexpr PageNumber huge = 512;
constexpr PageNumber area = 0x10'0000; // the pages everything happens in
constexpr PageNumber area_pages = 8 * huge;

struct ModelPage {
    ObjectId object = no_object;
    PageNumber index = 0;
    bool shared = false;
    bool has_own = false;
    std::uint64_t own = 0;
    Access access = Access::read | Access::write;
};

using ModelSpace = std::map<PageNumber, ModelPage>;

class Machines {
public:
    Machines(std::uint64_t seed, const MemorySettings& settings) : memory(settings), random_(seed) {
        spaces.emplace(memory.create().id(), ModelSpace{});
        for (int file = 0; file < 2; ++file) {
            const ObjectId id = memory.create_file(file_pages, file == 0);
            files_.push_back(id);
            objects_[id] = std::vector<std::uint64_t>(file_pages);
        }
    }

    void step() {
        switch (below(14)) {
        case 0: return map();
        case 1: return unmap();
        case 2: return protect();
        case 3: return remap();
        case 4: return dont_need();
        case 5: return below(3) == 0 ? fork() : write_back();
        case 6: return below(3) == 0 ? exit() : fork_and_exit();
        case 7:
        case 8:
        case 9: return read_some();
        default: return write_some();
        }
    }

    // Every page holds what it should.
    void check_contents() {
        for (auto& [id, pages] : spaces)
            for (auto& [page, model] : pages) check_page(id, page, model);
    }

    // Each entry maps a frame, each frame counts its entries; what is mapped in proportion adds up to what is mapped.
    void check_frames() {
        std::map<FrameNumber, std::uint32_t> maps;
        std::uint64_t proportional = 0;
        std::uint64_t regions = 0;
        for (auto& [id, pages] : spaces) {
            AddressSpace& space = memory.space(id);
            std::uint64_t resident = 0;
            for (const Region& region : space.regions()) {
                const Figures figures = space.figures(region.first, region.pages());
                REQUIRE(figures.shared + figures.private_ == figures.resident);
                REQUIRE(figures.proportional <= figures.resident);
                resident += figures.resident;
                proportional += figures.proportional;
                ++regions;
                for (PageNumber page = region.first; page < region.end; ++page) {
                    const FrameNumber frame = space.frame_of(page);
                    if (frame != no_frame) ++maps[frame];
                }
            }
            REQUIRE(resident == space.resident_pages() * page_bytes);
        }
        for (const auto& [frame, count] : maps) REQUIRE(memory.frames().maps(frame) == count);
        const std::uint64_t mapped = maps.size() * page_bytes;
        REQUIRE(proportional <= mapped);
        REQUIRE(mapped - proportional < (regions + 1) * 2048); // a region's is shown in whole KiB
        std::uint64_t cached = 0;                              // pages in memory that nobody maps
        for (const auto& [id, contents] : objects_)
            for (const Entry page : memory.object(id).pages)
                if ((page & entry::present) != 0 && !maps.contains(entry::number(page))) ++cached;
        REQUIRE(memory.frames().in_use() == maps.size() + cached);
        if (memory.settings().frames > 0) REQUIRE(memory.frames().in_use() <= memory.settings().frames);
    }

    // Of every space: no table without a region that may use it.
    void check_tables() {
        for (auto& [id, pages] : spaces) {
            std::set<PageNumber> leaves;
            std::set<PageNumber> middle;
            for (const auto& [page, model] : pages) {
                leaves.insert(page / huge);
                middle.insert(page / huge / huge);
            }
            const std::uint64_t most = leaves.size() + middle.size() + (pages.empty() ? 0 : 1);
            REQUIRE(memory.space(id).page_table_bytes() <= most * page_bytes);
        }
    }

    void end() {
        while (!spaces.empty()) {
            memory.destroy(spaces.begin()->first);
            spaces.erase(spaces.begin());
        }
        for (const ObjectId file : files_) memory.remove(file);
        REQUIRE(memory.frames().in_use() == 0);
        REQUIRE(memory.swap_slots_in_use() == 0);
        REQUIRE(memory.tables_in_use(9) == 0);
    }

    Memory memory;
    std::map<SpaceId, ModelSpace> spaces;
    FaultCounts faults; // all there were

private:
    static constexpr PageNumber file_pages = 300;

    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    SpaceId any_space() {
        auto at = spaces.begin();
        std::advance(at, below(spaces.size()));
        return at->first;
    }
    std::pair<PageNumber, PageNumber> any_range(PageNumber most) {
        const PageNumber pages = 1 + below(most);
        return {area + below(area_pages - pages), pages};
    }
    // A run of mapped pages of one region, from a page of it on.
    std::optional<std::pair<PageNumber, PageNumber>> any_mapped(SpaceId id, PageNumber most) {
        const auto regions = memory.space(id).regions();
        if (regions.empty()) return std::nullopt;
        const Region& region = regions[below(regions.size())];
        const PageNumber first = region.first + below(region.pages());
        return std::pair{first, std::min(region.end - first, 1 + below(most))};
    }

    void map() {
        const SpaceId id = any_space();
        MapRequest request;
        constexpr std::array<int, 7> kinds = {0, 1, 1, 1, 2, 3, 4};
        const int kind = kinds[below(kinds.size())];
        auto [first, pages] = any_range(kind == 1 ? area_pages / 4 : 200);
        if (kind == 1) request.huge_pages = HugePages::advised;
        if (kind == 1 && below(2) == 0) { // huge pages from end to end
            pages = huge * (1 + below(2));
            first = area + huge * below(7);
        }
        if (kind == 2 || kind == 3) request.object = files_[below(2)];
        if (kind == 4) {
            request.object = memory.create_shared_memory(pages);
            objects_[request.object] = std::vector<std::uint64_t>(pages);
        }
        request.shared = kind >= 3;
        request.offset = kind == 2 || kind == 3 ? below(file_pages - pages) : 0;
        request.pages = pages;
        request.at = first;
        Change change;
        memory.space(id).map(request, change);
        for (PageNumber page = first; page < first + pages; ++page)
            spaces[id][page] = {
                .object = request.object, .index = page - first + request.offset, .shared = request.shared};
    }

    void unmap() {
        const SpaceId id = any_space();
        const auto [first, pages] = any_range(300);
        memory.space(id).unmap(first, pages);
        for (PageNumber page = first; page < first + pages; ++page) spaces[id].erase(page);
    }

    void protect() {
        const SpaceId id = any_space();
        const auto range = any_mapped(id, 100);
        if (!range) return;
        const Access access = below(3) > 0 ? Access::read | Access::write : below(2) == 0 ? Access::read : Access::none;
        memory.space(id).protect(range->first, range->second, access);
        for (PageNumber at = 0; at < range->second; ++at) spaces[id].at(range->first + at).access = access;
    }

    void remap() {
        const SpaceId id = any_space();
        const auto range = any_mapped(id, 600);
        if (!range) return;
        const auto [first, pages] = *range;
        const PageNumber to =
            below(2) == 0 ? area + below(area_pages - pages) : (first + huge - area) % (area_pages - pages) + area;
        if (to < first + pages && first < to + pages) return;
        Change change;
        memory.space(id).remap(first, pages, pages, to, change);
        ModelSpace& model = spaces[id];
        for (PageNumber at = 0; at < pages; ++at) {
            model[to + at] = model.at(first + at);
            model.erase(first + at);
        }
    }

    void dont_need() {
        const SpaceId id = any_space();
        const auto range = any_mapped(id, 700);
        if (!range) return;
        memory.space(id).advise(range->first, range->second, Advice::dont_need);
        for (PageNumber at = 0; at < range->second; ++at) spaces[id].at(range->first + at).has_own = false;
    }

    void fork() {
        if (spaces.size() >= 4) return;
        const SpaceId parent = any_space();
        Change change;
        const SpaceId child = memory.space(parent).fork(change).id();
        spaces[child] = spaces[parent];
    }
    void exit() {
        if (spaces.size() < 2) return;
        const SpaceId id = any_space();
        memory.destroy(id);
        spaces.erase(id);
    }
    void fork_and_exit() {
        Change change;
        memory.destroy(memory.space(any_space()).fork(change).id());
        for (int write = 0; write < 4; ++write) write_some(); // what is nobody else's any more
    }
    void write_back() { memory.write_back(files_[below(2)]); }

    void read_some() {
        const SpaceId id = any_space();
        const auto range = any_mapped(id, 60);
        if (!range) return;
        for (PageNumber at = 0; at < range->second; ++at)
            check_page(id, range->first + at, spaces[id].at(range->first + at));
    }
    void check_page(SpaceId id, PageNumber page, const ModelPage& model) {
        FaultCounts counts;
        const std::uint64_t got = memory.space(id).read(page, counts);
        faults += counts;
        if (model.access == Access::none) {
            REQUIRE(counts.violation);
            REQUIRE(counts.violation->reason == ViolationReason::not_readable);
            return;
        }
        REQUIRE(!counts.stopped());
        REQUIRE(counts.minor() + counts.major() <= 1);
        const std::uint64_t expected = model.has_own               ? model.own
                                       : model.object == no_object ? 0
                                                                   : objects_.at(model.object)[model.index];
        REQUIRE(got == expected);
    }

    void write_some() {
        const SpaceId id = any_space();
        const auto range = any_mapped(id, 60);
        if (!range) return;
        for (PageNumber page = range->first; page < range->first + range->second; ++page) {
            ModelPage& model = spaces[id].at(page);
            const FaultCounts counts = memory.space(id).write(page, ++version_);
            faults += counts;
            if (!allows(model.access, Access::write)) {
                REQUIRE(counts.violation);
                REQUIRE(counts.violation->reason == ViolationReason::not_writable);
                continue;
            }
            REQUIRE(!counts.stopped());
            REQUIRE(counts.minor() + counts.major() <= 1);
            if (model.shared)
                objects_.at(model.object)[model.index] = version_;
            else {
                model.has_own = true;
                model.own = version_;
            }
        }
    }

    std::mt19937_64 random_;
    std::vector<ObjectId> files_;
    std::map<ObjectId, std::vector<std::uint64_t>> objects_;
    std::uint64_t version_ = 0;
};

FaultCounts run(std::uint64_t seed, const MemorySettings& settings, int steps, bool local = false) {
    CAPTURE(seed, local);
    Machines machines(seed, settings);
    if (local) machines.memory.limit(machines.spaces.begin()->first, 64);
    constexpr int between_checks = 100;
    for (int step = 1; step <= steps; ++step) {
        CAPTURE(step);
        machines.step();
        if (step % between_checks == 0) {
            machines.check_frames();
            machines.check_tables();
        }
    }
    machines.check_contents();
    machines.check_frames();
    machines.end();
    return machines.faults;
}

} // namespace

TEST_CASE("Pages hold what was written to them, whoever shares them") {
    FaultCounts faults;
    for (std::uint64_t seed = 0; seed < 10; ++seed) faults += run(seed, {}, 600);
    for (const FaultKind kind :
         {FaultKind::zero_page, FaultKind::anonymous, FaultKind::copy, FaultKind::after_zero_page, FaultKind::reuse, FaultKind::shared,
          FaultKind::page_cache, FaultKind::huge, FaultKind::huge_zero, FaultKind::huge_reuse, FaultKind::file_read}) {
        CAPTURE(static_cast<int>(kind));
        CHECK(faults[kind] > 0); // nothing was left out
    }
}

TEST_CASE("Pages hold what was written to them through swap, write-back and local limits") {
    FaultCounts faults;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        faults += run(seed, {.frames = 1200, .low_watermark = 10, .swap_slots = 1 << 20}, 400);
        faults += run(seed, {.frames = 200, .swap_slots = 1 << 20}, 300);
        const MakeReplacer fifo = [](auto) { return std::make_unique<FifoReplacer>(false); };
        faults += run(seed, {.frames = 700, .swap_slots = 1 << 20, .replacement = fifo}, 300, true);
    }
    CHECK(faults[FaultKind::swap_in] > 0);
    CHECK(faults[FaultKind::swap_cache] > 0);
    CHECK(faults[FaultKind::huge] > 0);
    CHECK(faults.pages_written_back > 0);
    CHECK(faults.pages_swapped_out > 0);
    CHECK(faults.evicted > faults.pages_swapped_out);
}
