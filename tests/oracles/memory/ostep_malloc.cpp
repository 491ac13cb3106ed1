// OSTEP, "Free-Space Management" (vm-freespace/malloc.py), operation by operation.
#include "sim/memory/allocators/free_list.hpp"
#include "tests/oracles/oracle.hpp"

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <stdexcept>

using namespace switchyard;
using namespace switchyard::oracles;
using namespace switchyard::sim;

namespace {

template <class Word>
Word word_of(const Json& name, const std::map<std::string, Word>& words) {
    const auto found = words.find(name.get<std::string>());
    if (found == words.end()) throw std::invalid_argument("unknown: " + name.dump());
    return found->second;
}

FreeListRules rules_of(const Json& input) {
    const std::int64_t alignment = input.at("align");
    return {.fit =
                word_of<Fit>(input.at("policy"),
                             {{"FIRST", Fit::first}, {"BEST", Fit::best}, {"WORST", Fit::worst}, {"NEXT", Fit::next}}),
            .order = word_of<FreeListOrder>(input.at("order"), {{"ADDRSORT", FreeListOrder::address},
                                                                {"SIZESORT+", FreeListOrder::smallest_first},
                                                                {"SIZESORT-", FreeListOrder::largest_first},
                                                                {"INSERT-FRONT", FreeListOrder::front},
                                                                {"INSERT-BACK", FreeListOrder::back}}),
            .coalescing = input.at("coalesce").get<bool>() ? Coalescing::list_neighbours : Coalescing::none,
            .header = input.at("header"),
            .alignment = alignment > 0 ? static_cast<std::uint64_t>(alignment) : 1};
}

Json play(const Json& input) {
    const FreeListRules rules = rules_of(input);
    FreeListAllocator allocator(input.at("base"), input.at("size"), rules);
    // It prints the address of the header, and where the operations were drawn, that plus the header, of -1 as well.
    const auto header = static_cast<std::int64_t>(rules.header);
    const std::int64_t added = input.at("returned_includes_header").get<bool>() ? header : 0;
    std::map<std::int64_t, std::uint64_t> pointers; // of the allocations that came about
    Json played = Json::array();
    for (const Json& operation : input.at("ops")) {
        const std::string kind = operation.at(0);
        const std::int64_t pointer = operation.at(1);
        Json one = {{"op", kind}, {"ptr", pointer}};
        if (kind == "alloc") {
            const auto allocation = allocator.allocate(operation.at(2));
            if (allocation.address) pointers[pointer] = *allocation.address;
            const std::int64_t block =
                allocation.address ? static_cast<std::int64_t>(*allocation.address) - header : -1;
            one["size"] = operation.at(2);
            one["returned"] = block + added;
            one["searched"] = allocation.searched;
        } else {
            const auto found = pointers.find(pointer);
            one["returned"] = found != pointers.end() && allocator.free(found->second) ? 0 : -1;
        }
        one["free_list"] = Json::array();
        for (const FreeBlock& block : allocator.free_list()) one["free_list"].push_back({block.address, block.size});
        played.push_back(std::move(one));
    }
    return {{"ops", std::move(played)}};
}

} // namespace

TEST_CASE("OSTEP's malloc.py: first, best and worst fit, orders of the free list, coalescing") {
    check_played("memory ostep malloc", read_cases("memory/ostep/malloc"), play);
}
