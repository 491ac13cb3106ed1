// Where rows go: a database (lab/sweep/store.hpp) or the journal of a shard (lab/sweep/shard_journal.hpp).
#pragma once

#include "lab/sweep/work.hpp"

#include <optional>
#include <span>

namespace switchyard::lab {

class ResultSink {
public:
    virtual ~ResultSink() = default;

    // The row of that point, where it is there with all metrics asked for; a failed point is there, too. What has been
    // added by this process need not be. For any thread, while another one adds.
    [[nodiscard]] virtual std::optional<PointRow> find(const PointIdentity& identity) = 0;

    // All of them or, where that fails (a full disk), none: throws SystemError then. From one thread at a time.
    virtual void add(std::span<const PointRow> rows) = 0;
};

} // namespace switchyard::lab
