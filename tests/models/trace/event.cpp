#include "models/trace/event.hpp"

#include <catch2/catch_test_macros.hpp>
#include <set>

using namespace switchyard;

template <class Enumeration>
static std::size_t names_up_to(Enumeration last) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(last); ++i) names.insert(name_of(static_cast<Enumeration>(i)));
    return names.size() - names.count("");
}

TEST_CASE("what a trace records has names of its own") {
    CHECK(names_up_to(EventKind::shootdown) == 15);
    CHECK(names_up_to(Stop::ended) == 4);
    CHECK(names_up_to(Overhead::tick) == 3);
    CHECK(names_up_to(Ending::replaced) == 5);
    CHECK(names_up_to(Transfer::written_back) == 3);
    CHECK(names_up_to(FaultKind::file_read) == fault_kinds);
    CHECK(name_of(EventKind::running) == "running");
    CHECK(name_of(Stop::preempted) == "preempted");
    CHECK(name_of(Overhead::kernel) == "kernel");
    CHECK(name_of(Ending::crashed) == "crashed");
}
