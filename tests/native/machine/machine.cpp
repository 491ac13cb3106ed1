#include "native/machine/machine.hpp"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace switchyard::native;
using switchyard::Bytes;

TEST_CASE("the machine says what it is", "[machine]") {
    const MachineDescription machine = describe_machine();
    CHECK_FALSE(machine.cpu.empty());
    CHECK(machine.kernel.starts_with("Linux "));
    CHECK(machine.kernel.find('-') == std::string::npos);
    CHECK(machine.cpus >= 1);
}

TEST_CASE("figures of /proc are read by their whole key, in bytes", "[machine]") {
    const auto path = std::filesystem::temp_directory_path() / ("switchyard-figures-" + std::to_string(::getpid()));
    std::ofstream(path) << "VmPTEs:\t  1 kB\nVmPTE:\t  52 kB\nThreads:\t3\n";
    CHECK(kernel_figure(path.string(), "VmPTE") == Bytes{52 * 1024});
    CHECK_FALSE(kernel_figure(path.string(), "VmP").has_value());
    CHECK_FALSE(kernel_figure(path.string(), "VmSize").has_value());
    std::filesystem::remove(path);
    CHECK_FALSE(kernel_figure(path.string(), "VmPTE").has_value());
}

TEST_CASE("the date is written as ISO 8601 in UTC", "[machine]") {
    const std::string now = utc_now();
    REQUIRE(now.size() == 20);
    CHECK(now[4] == '-');
    CHECK(now[10] == 'T');
    CHECK(now.back() == 'Z');
}
