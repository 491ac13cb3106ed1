#include "lab/sweep/store.hpp"

#include "lab/sweep/file_guard.hpp"
#include "lab/sweep/sqlite.hpp"
#include "lab/sweep/store_schema.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <fmt/format.h>
#include <mutex>

namespace switchyard::lab {

namespace {

constexpr const char* const kept_of_every_point = "replication, seed, status, reason";

// How rows are read and written: by the columns of the sweep's outline, in its order.
class RowStatements {
public:
    RowStatements(SqliteDatabase& database, const SweepOutline& outline)
        : parameters_(static_cast<int>(outline.parameters.size())),
          metrics_(static_cast<int>(outline.metrics.size())),
          find_(database, fmt::format("SELECT {} FROM point WHERE identity = ?", columns(outline))),
          lacks_(database, fmt::format("SELECT 1 FROM lacking WHERE identity = ? AND metric IN ({}) LIMIT 1",
                                       marks(outline.metrics.size()))),
          outline_(&outline) {}

    [[nodiscard]] std::optional<PointRow> find(const PointIdentity& identity) {
        find_.bind(0, identity);
        if (!find_.step()) return {};
        PointRow row;
        row.identity = identity;
        int column = 0;
        for (int i = 0; i < parameters_; ++i, ++column) {
            if (find_.is_text(column))
                row.parameters.emplace_back(find_.text(column));
            else
                row.parameters.emplace_back(find_.number(column));
        }
        row.replication = static_cast<std::uint32_t>(find_.integer(column++));
        row.seed = std::bit_cast<std::uint64_t>(find_.integer(column++));
        row.status = point_status_named(find_.text(column++)).value_or(PointStatus::failed);
        row.reason = find_.text(column++);
        for (int i = 0; i < metrics_; ++i) row.values.push_back(find_.number(column++));
        find_.reset();
        return row;
    }

    // Whether one of the metrics asked for was not computed with the point.
    [[nodiscard]] bool lacks(const PointIdentity& identity) {
        lacks_.bind(0, identity);
        for (int i = 0; i < metrics_; ++i)
            lacks_.bind(i + 1, std::string_view(outline_->metrics[static_cast<std::size_t>(i)].name));
        const bool there = lacks_.step();
        lacks_.reset();
        return there;
    }

    static std::string columns(const SweepOutline& outline) {
        std::string text;
        for (const SweepColumn& one : outline.parameters) text += quoted_name(one.name) + ", ";
        text += kept_of_every_point;
        for (const SweepColumn& one : outline.metrics) text += ", " + quoted_name(one.name);
        return text;
    }

    static std::string marks(std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ", ?";
        return text;
    }

    // Binds them in the order of `columns`; returns the next parameter.
    static int bind(SqliteStatement& statement, int first, const PointRow& row) {
        for (const ParameterValue& value : row.parameters) {
            if (const auto* const word = std::get_if<std::string>(&value))
                statement.bind(first++, std::string_view(*word));
            else
                statement.bind(first++, std::get<double>(value));
        }
        statement.bind(first++, static_cast<std::int64_t>(row.replication));
        statement.bind(first++, std::bit_cast<std::int64_t>(row.seed));
        statement.bind(first++, std::string_view(name_of(row.status)));
        if (row.status == PointStatus::done)
            statement.bind_null(first++);
        else
            statement.bind(first++, std::string_view(row.reason));
        for (const double value : row.values) statement.bind(first++, value);
        return first;
    }

private:
    int parameters_;
    int metrics_;
    SqliteStatement find_;
    SqliteStatement lacks_;
    const SweepOutline* outline_;
};

std::string assignments(const SweepOutline& outline) {
    const std::string columns = RowStatements::columns(outline);
    const auto marks = RowStatements::marks(outline.parameters.size() + 4 + outline.metrics.size());
    return fmt::format("({}) = ({})", columns, marks);
}

} // namespace

struct ResultStore::State {
    SweepOutline outline;
    WriterLock lock;
    SqliteDatabase writer;
    StoreColumns columns;
    SqliteDatabase reader;
    RowStatements known; // before this process's next commit
    std::mutex known_mutex;
    RowStatements present;
    SqliteStatement insert;
    SqliteStatement update;
    SqliteStatement lack;
    SqliteStatement lack_no_more;
    std::atomic<bool> any_lacking;

    State(const std::string& path, const SweepOutline& made, Purpose purpose)
        : outline(made),
          lock(path),
          writer(path, SqliteDatabase::Access::read_and_write),
          columns(prepare_store(writer, outline, purpose == Purpose::sweep)),
          reader(path, SqliteDatabase::Access::read),
          known(reader, outline),
          present(writer, outline),
          insert(writer,
                 fmt::format("INSERT OR IGNORE INTO point ({}, identity) VALUES ({})", RowStatements::columns(outline),
                             RowStatements::marks(outline.parameters.size() + 5 + outline.metrics.size()))),
          update(writer, fmt::format("UPDATE point SET {} WHERE identity = ?", assignments(outline))),
          lack(writer, "INSERT OR IGNORE INTO lacking VALUES (?, ?)"),
          lack_no_more(writer, fmt::format("DELETE FROM lacking WHERE identity = ? AND metric IN ({})",
                                           RowStatements::marks(outline.metrics.size()))),
          any_lacking(writer.integer("SELECT EXISTS (SELECT 1 FROM lacking)") != 0) {}

    void add(const PointRow& row) {
        if (row.parameters.size() != outline.parameters.size() || row.values.size() != outline.metrics.size())
            throw std::logic_error("a row of another sweep");
        insert.bind(RowStatements::bind(insert, 0, row), row.identity);
        insert.run();
        if (sqlite3_changes(writer.handle()) == 0) return put_together(row);
        for (const std::string& metric : columns.unasked) { // of a time at which the sweep asked for more
            lack.bind(0, row.identity);
            lack.bind(1, std::string_view(metric));
            lack.run();
            any_lacking = true;
        }
    }

    void put_together(const PointRow& row) {
        PointRow kept = *present.find(row.identity);
        const bool was_lacking = any_lacking && present.lacks(row.identity);
        const PointRow& described = describes_earlier(row, kept) ? row : kept;
        const bool better = was_lacking || row.status == PointStatus::done || kept.status != PointStatus::done;
        PointRow result = better ? row : kept;
        result.parameters = described.parameters;
        result.replication = described.replication;
        update.bind(RowStatements::bind(update, 0, result), row.identity);
        update.run();
        if (!was_lacking) return;
        lack_no_more.bind(0, row.identity);
        for (std::size_t i = 0; i < outline.metrics.size(); ++i)
            lack_no_more.bind(static_cast<int>(i) + 1, std::string_view(outline.metrics[i].name));
        lack_no_more.run();
    }
};

ResultStore::ResultStore(const std::string& path, const SweepOutline& outline, Purpose purpose) {
    if (const std::string network = network_file_system_of(path); !network.empty())
        throw InputError(
            fmt::format("{} would be on a network file system ({}), where SQLite's write-ahead log does not "
                        "work: let each machine write a shard (--shard 1/2 ...) and put them together on a "
                        "local disk with 'switchyard sweep merge'",
                        path, network));
    state_ = std::make_unique<State>(path, outline, purpose);
}

ResultStore::~ResultStore() = default;

std::optional<PointRow> ResultStore::find(const PointIdentity& identity) {
    const std::lock_guard hold(state_->known_mutex);
    std::optional<PointRow> row = state_->known.find(identity);
    if (row && state_->any_lacking && state_->known.lacks(identity)) row.reset();
    return row;
}

void ResultStore::add(std::span<const PointRow> rows) {
    std::vector<const PointRow*> sorted; // neighbours in the file one after the other
    for (const PointRow& row : rows) sorted.push_back(&row);
    std::ranges::sort(sorted, {}, [](const PointRow* row) { return row->identity; });
    State& state = *state_;
    try {
        state.writer.execute("BEGIN IMMEDIATE");
        for (const PointRow* const row : sorted) state.add(*row);
        state.writer.execute("COMMIT");
    } catch (...) {
        // A full disk may have ended the transaction already.
        if (sqlite3_get_autocommit(state.writer.handle()) == 0)
            sqlite3_exec(state.writer.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        throw;
    }
}

std::uint64_t ResultStore::points() {
    return static_cast<std::uint64_t>(state_->writer.integer("SELECT count(*) FROM point"));
}

} // namespace switchyard::lab
