// A database of sweep results, read: its columns, what the sweep is about, and its points one after the other.
//
// The schema is the store's (lab/sweep/store.hpp). A database is read as it was at one instant, also while a sweep goes
// on writing it, and nothing is ever written. Points come through a cursor: what is held does not grow with them;
// what SQLite sorts beyond its cache it sorts on the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace switchyard::lab {

// What a column is to the sweep: varied, found, or the point's own (replication, seed, status, reason, identity).
enum class ColumnRole : std::uint8_t { parameter, metric, point };

// In which unit its numbers are. Times are in seconds, sizes in bytes, shares of 1.
enum class ValueUnit : std::uint8_t { none, seconds, bytes, share, factor, count };
[[nodiscard]] std::string_view name_of(ValueUnit unit);

struct ResultColumn {
    std::string name;
    ColumnRole role = ColumnRole::point;
    ValueUnit unit = ValueUnit::none;
    std::string source; // the path, law or expression
};

// Not known, a number, or a word.
using ResultValue = std::variant<std::monostate, double, std::string>;

// What a point has to be like, as SQL with its operands (lab/results/filter.hpp). Empty: any will do.
struct Condition {
    std::string sql;
    std::vector<std::variant<double, std::string>> operands;
};
[[nodiscard]] Condition both(const Condition& first, const Condition& second);

struct SortKey {
    std::string column;
    bool descending = false;
};

struct PointQuery {
    std::vector<std::string> columns;
    Condition condition;
    std::vector<SortKey> order; // then by all parameters, replication, identity: never by when a point was added
    std::optional<std::uint64_t> limit;
};

struct StatusCount {
    std::string status; // 'done', 'failed', 'over budget'
    std::string reason;
    std::uint64_t points = 0;
};

class ResultsDatabase {
public:
    // Throws InputError, one line with what to do, for what is missing, none of ours or newer than this program.
    explicit ResultsDatabase(const std::string& path);
    ~ResultsDatabase();
    ResultsDatabase(const ResultsDatabase&) = delete;
    ResultsDatabase& operator=(const ResultsDatabase&) = delete;

    [[nodiscard]] const std::string& path() const;
    // Parameters and metrics in the order of the sweep's file, then the point's own.
    [[nodiscard]] const std::vector<ResultColumn>& columns() const;
    [[nodiscard]] std::vector<ResultColumn> columns(ColumnRole role) const;
    [[nodiscard]] std::vector<std::string> names(ColumnRole role) const;
    // Throws InputError with a suggestion for a name that is none.
    [[nodiscard]] const ResultColumn& column(std::string_view name) const;

    // What `description` says under the key; empty where nothing.
    [[nodiscard]] std::string description(std::string_view key) const;
    // "FILE's name" where it has none.
    [[nodiscard]] std::string name() const;

    // The points asked for, in order; the row is the callback's until it returns. Seeds come as words (they need 64
    // bits), identities as 32 hexadecimal digits.
    void for_each(const PointQuery& query, const std::function<void(const std::vector<ResultValue>& row)>& use) const;

    // The values of one column, each once, numbers before words; at most `most` where given.
    [[nodiscard]] std::vector<ResultValue> values_of(std::string_view column, const Condition& condition = {},
                                                     std::optional<std::uint64_t> most = {}) const;
    [[nodiscard]] std::uint64_t count(const Condition& condition = {}) const;
    // Of each status and reason, the most frequent first.
    [[nodiscard]] std::vector<StatusCount> statuses() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// A column as SQL has it, between quotation marks.
[[nodiscard]] std::string sql_name(std::string_view column);

// Only points that were computed.
[[nodiscard]] Condition only_done();

} // namespace switchyard::lab
