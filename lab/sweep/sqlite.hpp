// SQLite's C interface with owners for what it hands out, and its errors as ours.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace switchyard::lab {

class SqliteStatement;

class SqliteDatabase {
public:
    enum class Access : std::uint8_t { read, read_and_write };

    // Throws SystemError where the file cannot be opened. Looks at what is in it no sooner than it is asked.
    SqliteDatabase(const std::string& path, Access access);

    // Statements without results. Throws like step().
    void execute(const std::string& statements);
    // The first column of the first row; 0 where there is none.
    [[nodiscard]] std::int64_t integer(const std::string& query);

    // Throws SystemError "`what` `path`: why".
    [[noreturn]] void fail(const std::string& what) const;

    [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    };
    std::string path_;
    std::unique_ptr<sqlite3, Close> handle_;
};

// Prepared once, run many times. Columns and parameters are counted from 0. Text and blobs that are bound have to stay
// where they are until the statement has been run; what is read is good until the next step.
class SqliteStatement {
public:
    SqliteStatement(SqliteDatabase& database, const std::string& text);

    void bind(int parameter, std::int64_t value);
    void bind(int parameter, double value); // NaN: NULL
    void bind(int parameter, std::string_view text);
    void bind(int parameter, std::span<const std::uint8_t> blob);
    void bind_null(int parameter);

    // To the next row; false at the end, and what was bound is still bound then. Throws SystemError.
    bool step();
    // Lets go of the row it is at.
    void reset();
    // All steps of a statement without results.
    void run();

    [[nodiscard]] sqlite3_stmt* handle() const { return handle_.get(); }
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] bool is_text(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double number(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::span<const std::uint8_t> blob(int column) const;

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    SqliteDatabase* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

// The name as SQL has it, in double quotes.
[[nodiscard]] std::string quoted_name(std::string_view name);

} // namespace switchyard::lab
