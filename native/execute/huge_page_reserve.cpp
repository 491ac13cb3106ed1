#include "native/execute/huge_page_reserve.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
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

// Of starters that are no more.
void give_back_what_was_left(const std::filesystem::path& pool, const std::filesystem::path& records) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(records, error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix)) continue;
        pid_t starter = 0;
        std::from_chars(name.data() + prefix.size(), name.data() + name.size(), starter);
        if (starter <= 0 || kill(starter, 0) == 0 || errno != ESRCH) continue;
        const std::int64_t left = number_in(entry.path());
        if (std::filesystem::remove(entry.path(), error)) take_from(pool, left);
    }
}

} // namespace

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
    if (geteuid() == 0) give_back_what_was_left(large_, records_);
    const std::int64_t wanted = machine.large_pages;
    const std::int64_t have = available_in(large_);
    if (have >= wanted) return;
    if (geteuid() != 0)
        refuse(large_page, wanted, have, "set them aside in /proc/sys/vm/nr_hugepages, or run as root, who may");
    const std::int64_t missing = wanted - have;
    if (available_memory() < large_page * (2 * missing)) // the kernel must find them whole
        refuse(large_page, wanted, have, "there is not the memory for the rest");
    added_ = missing;
    write_number(records_ / fmt::format("{}{}", prefix, getpid()), missing);
    const std::filesystem::path size = large_ / "nr_hugepages";
    const std::int64_t before = number_in(size);
    write_number(size, before + missing);
    if (available_in(large_) >= wanted) return;
    added_ = std::max<std::int64_t>(number_in(size) - before, 0);
    give_back();
    refuse(large_page, wanted, have, "the kernel did not find memory whole enough for the rest");
}

void HugePageReserve::give_back() {
    if (const std::int64_t pages = std::exchange(added_, 0); pages > 0) take_from(large_, pages);
    std::error_code error;
    std::filesystem::remove(records_ / fmt::format("{}{}", prefix, getpid()), error);
}

HugePageReserve::~HugePageReserve() {
    if (added_ > 0) give_back();
}

} // namespace switchyard::native
