// The page faults of memory that nobody else has: of a region's first accesses, page by page. The region is mapped
// before and unmapped after each sample, so that the kernel takes and gets back the same frames: each has been away for
// as many pages as the region has.
#include "models/errors.hpp"
#include "native/probes/primitives.hpp"
#include "native/probes/region.hpp"

#include <fstream>
#include <optional>
#include <sys/mman.h>
#include <sys/resource.h>

namespace switchyard::native {

namespace {

// 4 MiB: the frames have left the caches since they were used last, as those of most regions have.
constexpr std::int64_t usual_pages = 1024;

enum class Access { read, write, write_what_was_read };

std::vector<Sample> measure_first_accesses(const ProbeRun& run, std::int64_t pages, int sharing, Access access) {
    std::optional<Region> region;
    return sample_prepared_batches(
        run, pages,
        [&] {
            region.emplace(pages, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS);
            if (access == Access::write_what_was_read) region->read();
        },
        [&] { access == Access::read ? region->read() : region->write(); }, [&] { region.reset(); });
}

std::int64_t faults_so_far() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

} // namespace

std::vector<Sample> measure_fault_anonymous(const ProbeRun& run) {
    return measure_first_accesses(run, run.amount, MAP_PRIVATE, Access::write);
}

std::vector<Sample> measure_fault_zero_page(const ProbeRun& run) {
    return measure_first_accesses(run, usual_pages, MAP_PRIVATE, Access::read);
}

std::vector<Sample> measure_fault_after_zero_page(const ProbeRun& run) {
    return measure_first_accesses(run, usual_pages, MAP_PRIVATE, Access::write_what_was_read);
}

std::vector<Sample> measure_fault_shared(const ProbeRun& run) {
    return measure_first_accesses(run, usual_pages, MAP_SHARED, Access::write);
}

std::vector<Sample> measure_fault_huge(const ProbeRun& run) {
    constexpr std::int64_t huge_pages = 4;
    constexpr std::int64_t pages_of_huge_page = 512;
    constexpr std::size_t huge_page = page_size * pages_of_huge_page;
    std::string when;
    std::getline(std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled"), when);
    if (when.empty() || when.find("[never]") != std::string::npos)
        throw SystemError("this kernel uses no transparent huge pages");

    std::optional<Region> region;
    char* first = nullptr;
    std::vector<bool> all_huge;
    std::int64_t faults = 0;
    std::vector<Sample> samples = sample_prepared_batches(
        run, huge_pages,
        [&] {
            region.emplace((huge_pages + 1) * pages_of_huge_page);
            const auto beyond = reinterpret_cast<std::uintptr_t>(region->data()) % huge_page;
            first = region->data() + (huge_page - beyond) % huge_page;
            madvise(first, huge_pages * huge_page, MADV_HUGEPAGE);
            faults = faults_so_far();
        },
        [&] {
            for (std::size_t i = 0; i < huge_pages; ++i) static_cast<volatile char*>(first)[i * huge_page] = 1;
        },
        [&] {
            // A huge page that was not to be had leaves a fault for each ordinary one.
            for (std::size_t at = 0; at < huge_pages * huge_page; at += page_size)
                static_cast<volatile char*>(first)[at] = 1;
            all_huge.push_back(faults_so_far() - faults < huge_pages + pages_of_huge_page / 2);
            region.reset();
        });
    std::vector<Sample> huge;
    for (std::size_t i = 0; i < samples.size(); ++i)
        if (all_huge[i + 1]) huge.push_back(samples[i]); // the first was the warm-up
    return huge;
}

} // namespace switchyard::native
