// What a memory access takes longer where the TLB does not know the page: the same number of cache lines is visited in
// a random circle, each line's content being where the next one is, once a line in every page and once all in as few
// pages as hold them. Data comes out of the same caches both times.
//
// `amount` pages are several times what today's TLBs hold (1536 to 4096 entries); the levels of the page table above
// the lowest fit into the processor's page-walk caches. So a miss reads one level. Where from depends on how many pages
// there are: the lowest level of 8192 pages is 64 KiB. On a virtual machine the host's page table is walked, too.
#include "native/probes/primitives.hpp"
#include "native/probes/region.hpp"

#include <algorithm>
#include <random>

namespace switchyard::native {

namespace {

constexpr std::size_t line_size = 64;
constexpr std::size_t lines_of_page = page_size / line_size;

// Where the lines are. In every page another line, so that they do not crowd into few sets of the caches.
std::vector<char*> one_line_a_page(const Region& region, std::size_t lines) {
    std::vector<char*> places;
    for (std::size_t i = 0; i < lines; ++i)
        places.push_back(region.data() + i * page_size + i % lines_of_page * line_size);
    return places;
}

std::vector<char*> lines_side_by_side(const Region& region, std::size_t lines) {
    std::vector<char*> places;
    for (std::size_t i = 0; i < lines; ++i) places.push_back(region.data() + i * line_size);
    return places;
}

std::vector<Sample> measure_visits(const ProbeRun& run, std::vector<char*> places) {
    std::mt19937_64 engine(time_stamp()); // circles are to be random, not repeatable
    std::shuffle(places.begin(), places.end(), engine);
    for (std::size_t i = 0; i < places.size(); ++i)
        *reinterpret_cast<char**>(places[i]) = places[(i + 1) % places.size()];
    const char* at = places.front();
    return sample_batches(run, run.amount, [&] {
        for (std::int64_t i = 0; i < run.amount; ++i) at = *reinterpret_cast<char* const*>(at);
        asm volatile("" : "+r"(at)); // nothing of it may be left out
    });
}

} // namespace

std::vector<Sample> measure_visits_to_many_pages(const ProbeRun& run) {
    const Region region(run.amount);
    return measure_visits(run, one_line_a_page(region, static_cast<std::size_t>(run.amount)));
}

std::vector<Sample> measure_visits_to_few_pages(const ProbeRun& run) {
    const auto lines = static_cast<std::size_t>(run.amount);
    const Region region(static_cast<std::int64_t>(lines / lines_of_page + 1));
    return measure_visits(run, lines_side_by_side(region, lines));
}

} // namespace switchyard::native
