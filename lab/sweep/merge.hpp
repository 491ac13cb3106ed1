// Journals of shards put together in the sweep's database.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::lab {

struct MergedShard {
    std::string path;
    std::uint64_t rows = 0;
    std::uint64_t damaged = 0; // lines that do not count
};

// Adds every row of the journals to the database, which is made where there is none. As often as one likes, in any
// order: the outcome is the same. Throws InputError where one of them is of another sweep than the first one or the
// database.
[[nodiscard]] std::vector<MergedShard> merge_shards(const std::string& database, const std::vector<std::string>& shards,
                                                    const std::stop_token& stop);

} // namespace switchyard::lab
