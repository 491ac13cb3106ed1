#include "native/execute/huge_page_reserve.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "native/measurement/dead_owner.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace switchyard::native {

namespace {

constexpr std::string_view prefix = "switchyard-huge-pages-";

// 0 where the kernel does not say.
std::int64_t number_in(const std::filesystem::path& file) {
    std::ifstream text(file);
    std::int64_t number = 0;
    text >> number;
    return text ? number : 0;
}

bool write_number(const std::filesystem::path& file, std::int64_t number) {
    std::ofstream text(file);
    text << number << std::flush;
    return static_cast<bool>(text);
}

std::filesystem::path pool_of(const std::filesystem::path& pools, Bytes page) {
    return pools / fmt::format("hugepages-{}kB", page.count / 1024);
}

// Free, and nobody has reserved them.
std::int64_t available_in(const std::filesystem::path& pool) {
    return number_in(pool / "free_hugepages") - number_in(pool / "resv_hugepages");
}

Bytes available_memory() {
    std::ifstream text("/proc/meminfo");
    std::string name;
    std::string unit;
    for (std::int64_t kilobytes = 0; text >> name >> kilobytes;) {
        if (name == "MemAvailable:") return Bytes{kilobytes * 1024};
        std::getline(text, unit);
    }
    return {};
}

bool maps_pages_of(const Scenario& scenario, Bytes page) {
    return std::ranges::any_of(scenario.tasks, [&](const TaskTemplate& task) {
        return std::ranges::any_of(task.program.memory.mappings,
                                   [&](const Mapping& mapping) { return mapping.page_size == page; });
    });
}

void take_from(const std::filesystem::path& pool, std::int64_t pages) {
    const std::filesystem::path size = pool / "nr_hugepages";
    write_number(size, std::max<std::int64_t>(number_in(size) - pages, 0));
}

std::filesystem::path record_of_this(const std::filesystem::path& records) {
    return records / fmt::format("{}{}", prefix, getpid());
}

void write_record(const std::filesystem::path& record, const std::string& text) {
    std::ofstream(record) << text << std::endl;
}

// How many pages are to be taken off a pool of `size` according to a record. One that breaks off before the kernel has
// answered says how many there were, so that nobody else's are taken.
std::int64_t added_by(const std::filesystem::path& record, std::int64_t size) {
    std::ifstream text(record);
    std::string state, to;
    std::int64_t pages = 0, before = 0;
    text >> state >> pages;
    if (!text) return 0;
    if (state == "added") return pages;
    text >> to >> before;
    return text ? std::clamp<std::int64_t>(size - before, 0, pages) : 0;
}

} // namespace

void give_back_abandoned_huge_pages(pid_t owner, const std::filesystem::path& pools,
                                    const std::filesystem::path& records) {
    const std::filesystem::path pool = pool_of(pools, large_page);
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(records, error)) {
        const std::string name = entry.path().filename().string();
        const bool is_of_owner = owner > 0 && owner_in(name, prefix) == owner;
        if (!is_of_owner && !is_of_dead_process(name, prefix)) continue;
        const std::int64_t left = added_by(entry.path(), number_in(pool / "nr_hugepages"));
        if (std::filesystem::remove(entry.path(), error)) take_from(pool, left);
    }
}

HugePageReserve::HugePageReserve(const Scenario& scenario, const std::filesystem::path& pools,
                                 std::filesystem::path records)
    : large_(pool_of(pools, large_page)), records_(std::move(records)) {
    const MachineMemory& machine = scenario.machine.memory;
    const auto refuse = [&](Bytes page, std::int64_t wanted, std::int64_t have, std::string_view hint) {
        throw InputError(fmt::format("'{}' cannot run natively: it wants {} huge pages of {}, of which {} are free: {}",
                                     scenario.name, wanted, text_of(page), std::max<std::int64_t>(have, 0), hint),
                         {scenario.file, 0, 0});
    };
    if (maps_pages_of(scenario, huge_page))
        if (const std::int64_t have = available_in(pool_of(pools, huge_page)); have < machine.huge_pages)
            refuse(huge_page, machine.huge_pages, have,
                   "set them aside as the machine starts (hugepagesz=1G hugepages=)");
    if (!maps_pages_of(scenario, large_page)) return;
    if (geteuid() == 0) give_back_abandoned_huge_pages(0, pools, records_);
    const std::int64_t wanted = machine.large_pages;
    const std::int64_t have = available_in(large_);
    if (have >= wanted) return;
    if (geteuid() != 0)
        refuse(large_page, wanted, have, "set them aside in /proc/sys/vm/nr_hugepages, or run as root, who may");
    const std::int64_t missing = wanted - have;
    if (available_memory() < large_page * (2 * missing)) // the kernel must find them whole
        refuse(large_page, wanted, have, "there is not the memory for the rest");
    const std::filesystem::path size = large_ / "nr_hugepages";
    const std::int64_t before = number_in(size);
    write_record(record_of_this(records_), fmt::format("adding {} to {}", missing, before));
    write_number(size, before + missing);
    added_ = std::clamp<std::int64_t>(number_in(size) - before, 0, missing);
    write_record(record_of_this(records_), fmt::format("added {}", added_));
    if (available_in(large_) >= wanted) return;
    give_back();
    refuse(large_page, wanted, have, "the kernel did not find memory whole enough for the rest");
}

void HugePageReserve::give_back() {
    if (const std::int64_t pages = std::exchange(added_, 0); pages > 0) take_from(large_, pages);
    std::error_code error;
    std::filesystem::remove(record_of_this(records_), error);
}

HugePageReserve::~HugePageReserve() {
    if (added_ > 0) give_back();
}

} // namespace switchyard::native
