// Translations that are wrong from now on, on all cores that may hold them (Linux 6.18, arch/x86/mm/tlb.c:
// flush_tlb_mm_range, flush_tlb_func, switch_mm_irqs_off).
//
// * The core that changes them, and every other one that runs a thread of the process, invalidates the pages one by
//   one, or everything of the address space where the range has more than 33 pages (tlb_single_page_flush_ceiling).
// * The others are told by an interrupt, which costs the core that tells them (`tlb.shootdown`, for each) and takes
// time
//   from those that are told (`tlb.shootdown.interrupted`).
// * A core that is idle keeps the address space it had loaded last, lazily, and is not told: it flushes everything of
// it
//   when one of its threads comes back. Only where page tables were freed it is told, too, and leaves the address
//   space.
// * A core that has another one loaded flushes everything of this one when it is loaded again.
//
// Not modelled: that a core which has loaded another address space is told once more by some shootdowns (where tables
// were freed; once a second), and finds that it is not concerned.
#pragma once

#include "sim/kernel/execution.hpp"
#include "sim/memory/address_space/address_space.hpp"

namespace switchyard::sim {

inline constexpr std::uint64_t single_page_flush_ceiling = 33;

// Of the pages from `first` on; of the whole address space where `pages` is 0.
struct StaleTranslations {
    memory::PageNumber first = 0;
    memory::PageNumber pages = 0;
    std::uint64_t invalidations = 0; // one by one; 0: everything at once
    bool tables_freed = false;
    std::uint64_t times = 1; // one after another
    bool by_fault = false;   // the core's own are the fault's affair
};

[[nodiscard]] StaleTranslations stale_translations(const memory::Change& change, const memory::Layout& layout);

// What it costs the core that executes `e` to tell the others.
[[nodiscard]] Duration shoot_down(const Execution& e, const StaleTranslations& stale);

} // namespace switchyard::sim
