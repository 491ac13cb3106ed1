// What the kernel says of a region (/proc/PID/smaps), and what is seen of references.
#include "sim/memory/address_space/each_leaf.hpp"

namespace switchyard::sim::memory {

// Proportions are summed in 1/4096 of a byte and shown in whole KiB, as in fs/proc/task_mmu.c.
Figures AddressSpace::figures(PageNumber first, PageNumber pages) {
    constexpr unsigned proportion_bits = 12;
    constexpr std::uint64_t kibibyte = 1024;
    Figures figures;
    std::uint64_t proportions = 0;
    const auto count = [&](FrameNumber frame) {
        const std::uint32_t maps = memory_.frames_.maps(frame);
        figures.resident += page_bytes;
        proportions += (page_bytes << proportion_bits) / maps;
        (maps > 1 ? figures.shared : figures.private_) += page_bytes;
    };
    each_leaf(first, first + pages, [&](LeafTable table, PageNumber from, PageNumber to) {
        if (table.is_alone) {
            figures.hugetlb += (to - from) * page_bytes;
            return;
        }
        for (PageNumber page = from; page < to; ++page) {
            const Entry mapped = table.at(page);
            if ((mapped & entry::swapped) != 0) figures.swapped += page_bytes;
            if ((mapped & (entry::present | entry::zero)) != entry::present) continue;
            const auto within = static_cast<FrameNumber>(page & (layout_.pages_of_huge() - 1));
            count(entry::number(mapped) + (table.huge() ? within : 0));
            if ((mapped & entry::anonymous) != 0) figures.anonymous += page_bytes;
            if (table.huge()) figures.huge += page_bytes;
        }
    });
    figures.proportional = (proportions >> proportion_bits) / kibibyte * kibibyte;
    return figures;
}

Holdings AddressSpace::holdings() {
    Holdings holdings{resident_, tables_.tables()};
    for (const Region& region : regions_) {
        if (!region.has_anonymous) continue;
        ++holdings.regions;
        each_leaf(region.first, region.end, [&](LeafTable table, PageNumber, PageNumber) {
            if (!table.huge() || table.is_alone) return;
            ++holdings.huge_pages;
            if ((table.entries[0] & (entry::present | entry::zero)) == entry::present)
                holdings.pages -= memory_.frames_.block();
        });
    }
    return holdings;
}

Entry AddressSpace::entry_of(PageNumber page) {
    const LeafTable table = tables_.find(page);
    return table ? table.at(page) : 0;
}

FrameNumber AddressSpace::frame_of(PageNumber page) {
    const LeafTable table = tables_.find(page);
    if (!table || table.is_alone) return no_frame;
    const Entry mapped = table.at(page);
    if ((mapped & (entry::present | entry::zero)) != entry::present) return no_frame;
    return entry::number(mapped) + (table.huge() ? static_cast<FrameNumber>(page & (layout_.pages_of_huge() - 1)) : 0);
}

std::uint64_t AddressSpace::take_working_set() {
    std::uint64_t referenced = 0;
    each_leaf(0, pages_end(), [&](LeafTable table, PageNumber, PageNumber) {
        const std::size_t entries = table.huge() ? 1 : layout_.pages_of_huge();
        const std::uint64_t pages = layout_.pages_at(table.level);
        for (std::size_t at = 0; at < entries; ++at) {
            if ((table.entries[at] & entry::accessed) == 0) continue;
            referenced += pages;
            table.entries[at] &= ~entry::accessed;
        }
    });
    return referenced;
}

std::uint64_t AddressSpace::take_major_faults_per_thousand() {
    const std::uint64_t references = references_ - references_seen_;
    const std::uint64_t major = major_faults_ - major_faults_seen_;
    references_seen_ = references_;
    major_faults_seen_ = major_faults_;
    return references == 0 ? 0 : major * 1000 / references;
}

} // namespace switchyard::sim::memory
