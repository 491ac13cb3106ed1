#include "lab/sweep/merge.hpp"

#include "lab/sweep/shard_journal.hpp"
#include "lab/sweep/store.hpp"

#include <memory>

namespace switchyard::lab {

static constexpr std::size_t rows_at_once = 4096;

static MergedShard merge_shard(const std::string& database, const std::string& path, const std::stop_token& stop) {
    MergedShard merged{path, 0, 0};
    std::unique_ptr<ResultStore> store;
    std::vector<PointRow> rows;
    const auto write = [&] {
        if (store && !rows.empty()) store->add(rows);
        rows.clear();
    };
    merged.damaged = read_shard(
        path,
        [&](const SweepOutline& outline) {
            write();
            store.reset();
            store = std::make_unique<ResultStore>(database, outline, ResultStore::Purpose::merge);
        },
        [&](PointRow row) {
            if (stop.stop_requested()) return;
            rows.push_back(std::move(row));
            ++merged.rows;
            if (rows.size() >= rows_at_once) write();
        });
    write();
    return merged;
}

std::vector<MergedShard> merge_shards(const std::string& database, const std::vector<std::string>& shards,
                                      const std::stop_token& stop) {
    std::vector<MergedShard> all;
    for (const std::string& path : shards)
        if (!stop.stop_requested()) all.push_back(merge_shard(database, path, stop));
    return all;
}

} // namespace switchyard::lab
