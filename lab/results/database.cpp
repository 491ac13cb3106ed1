#include "lab/results/database.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <fmt/format.h>
#include <sqlite3.h>

namespace switchyard::lab {

namespace {

constexpr int application_id = 0x53775964; // 'SwYd'
constexpr int schema_version = 1;

class Statement {
public:
    Statement(sqlite3* database, const std::string& file, const std::string& sql, const Condition& condition = {})
        : database_(database), file_(file) {
        check(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr));
        int at = 0;
        for (const auto& operand : condition.operands) {
            ++at;
            if (const double* const number = std::get_if<double>(&operand))
                check(sqlite3_bind_double(statement_, at, *number));
            else {
                const auto& word = std::get<std::string>(operand);
                check(sqlite3_bind_text(statement_, at, word.data(), static_cast<int>(word.size()), SQLITE_TRANSIENT));
            }
        }
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    bool next() {
        const int result = sqlite3_step(statement_);
        if (result == SQLITE_ROW) return true;
        if (result != SQLITE_DONE) check(result);
        return false;
    }
    [[nodiscard]] std::string text(int column) const {
        const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        return bytes == nullptr
                   ? std::string{}
                   : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
    }
    [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    [[nodiscard]] double number(int column) const { return sqlite3_column_double(statement_, column); }
    [[nodiscard]] int type(int column) const { return sqlite3_column_type(statement_, column); }

private:
    void check(int result) const {
        if (result == SQLITE_OK) return;
        const std::string message = sqlite3_errmsg(database_);
        sqlite3_finalize(statement_);
        throw SystemError(fmt::format("reading {}: {}", file_, message));
    }

    sqlite3* database_;
    const std::string& file_;
    sqlite3_stmt* statement_ = nullptr;
};

std::string where(const Condition& condition) { return condition.sql.empty() ? "" : " WHERE " + condition.sql; }

std::string hexadecimal(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return text;
}

ValueUnit unit_named(const std::string& name, const std::string& file) {
    for (int i = 0; i <= static_cast<int>(ValueUnit::count); ++i)
        if (name == name_of(static_cast<ValueUnit>(i))) return static_cast<ValueUnit>(i);
    throw InputError(fmt::format("{}: has a column in the unknown unit '{}'", file, name));
}

const std::array<ResultColumn, 5>& columns_of_points() {
    static const std::array<ResultColumn, 5> all{
        ResultColumn{"replication", ColumnRole::point, ValueUnit::count, {}},
        ResultColumn{"seed", ColumnRole::point, ValueUnit::none, {}},
        ResultColumn{"status", ColumnRole::point, ValueUnit::none, {}},
        ResultColumn{"reason", ColumnRole::point, ValueUnit::none, {}},
        ResultColumn{"identity", ColumnRole::point, ValueUnit::none, {}},
    };
    return all;
}

} // namespace

std::string_view name_of(ValueUnit unit) {
    constexpr std::array<std::string_view, 6> names{"none", "seconds", "bytes", "share", "factor", "count"};
    return names[static_cast<std::size_t>(unit)];
}

Condition both(const Condition& first, const Condition& second) {
    if (first.sql.empty()) return second;
    if (second.sql.empty()) return first;
    Condition result{"(" + first.sql + ") AND (" + second.sql + ")", first.operands};
    result.operands.insert(result.operands.end(), second.operands.begin(), second.operands.end());
    return result;
}

std::string sql_name(std::string_view name) {
    std::string text = "\"";
    for (const char letter : name) text += letter == '"' ? "\"\"" : std::string(1, letter);
    return text + "\"";
}

Condition only_done() { return {"\"status\" = 'done'", {}}; }

struct ResultsDatabase::State {
    std::string path;
    sqlite3* database = nullptr;
    std::vector<ResultColumn> columns;

    explicit State(std::string of) : path(std::move(of)) {}
    ~State() { sqlite3_close(database); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    [[noreturn]] void refuse(const std::string& why) const {
        throw InputError(fmt::format("{}: {}; give a database that 'switchyard sweep FILE -o DB' wrote", path, why));
    }

    [[nodiscard]] bool is_readable() const {
        return sqlite3_exec(database, "SELECT 1 FROM sqlite_master", nullptr, nullptr, nullptr) == SQLITE_OK;
    }

    void open() {
        if (std::filesystem::is_directory(path)) refuse("is a folder");
        if (!std::filesystem::exists(path)) refuse("there is no such file");
        // A database in WAL mode in a folder nobody may write can only be read as one that does not change.
        std::string uri = "file:";
        for (const char letter : std::filesystem::absolute(path).string())
            uri += letter == '%' || letter == '?' || letter == '#'
                       ? fmt::format("%{:02x}", static_cast<unsigned char>(letter))
                       : std::string(1, letter);
        for (const char* const how : {"?mode=ro", "?mode=ro&immutable=1"}) {
            sqlite3_close(database);
            database = nullptr;
            const int result =
                sqlite3_open_v2((uri + how).c_str(), &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
            if (result != SQLITE_OK) refuse("cannot be opened");
            sqlite3_busy_timeout(database, 10'000);
            if (is_readable()) break;
            if (sqlite3_errcode(database) == SQLITE_NOTADB) refuse("is no database of sweep results");
        }
        if (!is_readable()) refuse(fmt::format("cannot be read ({})", sqlite3_errmsg(database)));
    }

    [[nodiscard]] std::int64_t pragma(const char* name) const {
        Statement statement(database, path, std::string("PRAGMA ") + name);
        return statement.next() ? statement.integer(0) : 0;
    }

    void read_columns() {
        Statement statement(database, path, "SELECT name, role, unit, source FROM column_of_point ORDER BY position");
        while (statement.next())
            columns.push_back({statement.text(0),
                               statement.text(1) == "parameter" ? ColumnRole::parameter : ColumnRole::metric,
                               unit_named(statement.text(2), path), statement.text(3)});
        std::ranges::stable_partition(columns, [](const auto& one) { return one.role == ColumnRole::parameter; });
        columns.insert(columns.end(), columns_of_points().begin(), columns_of_points().end());
    }
};

ResultsDatabase::ResultsDatabase(const std::string& path) : state_(std::make_unique<State>(path)) {
    state_->open();
    if (state_->pragma("application_id") != application_id) state_->refuse("is no database of sweep results");
    if (state_->pragma("user_version") > schema_version)
        throw InputError(path + ": was written by a newer version of this program; use that one");
    // Everything that is asked is answered as of now.
    Statement(state_->database, state_->path, "BEGIN").next();
    state_->read_columns();
}

ResultsDatabase::~ResultsDatabase() = default;

const std::string& ResultsDatabase::path() const { return state_->path; }

const std::vector<ResultColumn>& ResultsDatabase::columns() const { return state_->columns; }

std::vector<ResultColumn> ResultsDatabase::columns(ColumnRole role) const {
    std::vector<ResultColumn> chosen;
    std::ranges::copy_if(columns(), std::back_inserter(chosen), [&](const auto& one) { return one.role == role; });
    return chosen;
}

std::vector<std::string> ResultsDatabase::names(ColumnRole role) const {
    std::vector<std::string> chosen;
    for (const ResultColumn& one : columns())
        if (one.role == role) chosen.push_back(one.name);
    return chosen;
}

const ResultColumn& ResultsDatabase::column(std::string_view name) const {
    std::vector<std::string_view> all;
    for (const ResultColumn& one : columns()) {
        if (one.name == name) return one;
        all.emplace_back(one.name);
    }
    throw InputError(fmt::format("{}: there is no column '{}'{}; there are: {}", path(), name, suggestion(name, all),
                                 fmt::join(all, ", ")));
}

std::string ResultsDatabase::description(std::string_view key) const {
    Condition condition{"", {std::string(key)}};
    Statement statement(state_->database, path(), "SELECT value FROM description WHERE key = ?", condition);
    return statement.next() ? statement.text(0) : "";
}

std::string ResultsDatabase::name() const {
    const std::string name = description("name");
    return name.empty() ? std::filesystem::path(path()).stem().string() : name;
}

void ResultsDatabase::for_each(const PointQuery& query,
                               const std::function<void(const std::vector<ResultValue>& row)>& use) const {
    std::vector<std::string> chosen, order;
    for (const std::string& name : query.columns) chosen.push_back(sql_name(column(name).name));
    for (const SortKey& key : query.order)
        order.push_back(sql_name(column(key.column).name) + (key.descending ? " DESC" : ""));
    for (const ResultColumn& one : columns())
        if (one.role == ColumnRole::parameter) order.push_back(sql_name(one.name));
    order.insert(order.end(), {"\"replication\"", "\"identity\""});
    std::string sql = fmt::format("SELECT {} FROM point{} ORDER BY {}", fmt::join(chosen, ", "), where(query.condition),
                                  fmt::join(order, ", "));
    if (query.limit) sql += fmt::format(" LIMIT {}", *query.limit);
    Statement statement(state_->database, path(), sql, query.condition);
    std::vector<ResultValue> row(query.columns.size());
    while (statement.next()) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const int at = static_cast<int>(i);
            switch (statement.type(at)) {
            case SQLITE_NULL: row[i] = {}; break;
            case SQLITE_TEXT: row[i] = statement.text(at); break;
            case SQLITE_BLOB: row[i] = hexadecimal(statement.text(at)); break;
            default:
                if (query.columns[i] == "seed")
                    row[i] = fmt::format("{}", std::bit_cast<std::uint64_t>(statement.integer(at)));
                else
                    row[i] = statement.number(at);
            }
        }
        use(row);
    }
}

std::vector<ResultValue> ResultsDatabase::values_of(std::string_view name, const Condition& condition,
                                                    std::optional<std::uint64_t> most) const {
    const std::string& of = column(name).name;
    std::string sql = fmt::format("SELECT DISTINCT {0} FROM point{1} ORDER BY {0}", sql_name(of), where(condition));
    if (most) sql += fmt::format(" LIMIT {}", *most);
    Statement statement(state_->database, path(), sql, condition);
    std::vector<ResultValue> values;
    while (statement.next()) {
        if (statement.type(0) == SQLITE_NULL) continue;
        if (statement.type(0) == SQLITE_TEXT)
            values.emplace_back(statement.text(0));
        else
            values.emplace_back(statement.number(0));
    }
    return values;
}

std::uint64_t ResultsDatabase::count(const Condition& condition) const {
    Statement statement(state_->database, path(), "SELECT COUNT(*) FROM point" + where(condition), condition);
    return statement.next() ? static_cast<std::uint64_t>(statement.integer(0)) : 0;
}

std::vector<StatusCount> ResultsDatabase::statuses() const {
    Statement statement(state_->database, path(),
                        "SELECT status, reason, COUNT(*) FROM point GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2");
    std::vector<StatusCount> all;
    while (statement.next())
        all.push_back({statement.text(0), statement.text(1), static_cast<std::uint64_t>(statement.integer(2))});
    return all;
}

} // namespace switchyard::lab
