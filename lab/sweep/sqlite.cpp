#include "lab/sweep/sqlite.hpp"

#include "models/errors.hpp"

#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

SqliteDatabase::SqliteDatabase(const std::string& path, Access access) : path_(path) {
    sqlite3* opened = nullptr;
    const int flags = (access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
    const int status = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    handle_.reset(opened);
    if (status != SQLITE_OK) fail("opening");
    sqlite3_busy_timeout(opened, 10'000); // readers that are at work may hold a checkpoint up
}

void SqliteDatabase::fail(const std::string& what) const {
    throw SystemError(fmt::format("{} {}: {}", what, path_, handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory"));
}

void SqliteDatabase::execute(const std::string& statements) {
    if (sqlite3_exec(handle_.get(), statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("writing");
}

std::int64_t SqliteDatabase::integer(const std::string& query) {
    SqliteStatement statement(*this, query);
    return statement.step() ? statement.integer(0) : 0;
}

SqliteStatement::SqliteStatement(SqliteDatabase& database, const std::string& text) : database_(&database) {
    sqlite3_stmt* prepared = nullptr;
    const int status = sqlite3_prepare_v3(database.handle(), text.c_str(), static_cast<int>(text.size()),
                                          SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    handle_.reset(prepared);
    if (status != SQLITE_OK) database.fail("reading");
}

void SqliteStatement::bind(int parameter, std::int64_t value) {
    if (sqlite3_bind_int64(handle_.get(), parameter + 1, value) != SQLITE_OK) database_->fail("writing");
}

void SqliteStatement::bind(int parameter, double value) {
    if (std::isnan(value)) return bind_null(parameter);
    if (sqlite3_bind_double(handle_.get(), parameter + 1, value) != SQLITE_OK) database_->fail("writing");
}

void SqliteStatement::bind(int parameter, std::string_view text) {
    if (sqlite3_bind_text(handle_.get(), parameter + 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC) !=
        SQLITE_OK)
        database_->fail("writing");
}

void SqliteStatement::bind(int parameter, std::span<const std::uint8_t> blob) {
    if (sqlite3_bind_blob(handle_.get(), parameter + 1, blob.data(), static_cast<int>(blob.size()), SQLITE_STATIC) !=
        SQLITE_OK)
        database_->fail("writing");
}

void SqliteStatement::bind_null(int parameter) {
    if (sqlite3_bind_null(handle_.get(), parameter + 1) != SQLITE_OK) database_->fail("writing");
}

bool SqliteStatement::step() {
    const int status = sqlite3_step(handle_.get());
    if (status == SQLITE_ROW) return true;
    sqlite3_reset(handle_.get());
    if (status != SQLITE_DONE) database_->fail(sqlite3_stmt_readonly(handle_.get()) != 0 ? "reading" : "writing");
    return false;
}

void SqliteStatement::reset() { sqlite3_reset(handle_.get()); }

void SqliteStatement::run() {
    while (step()) {
    }
}

bool SqliteStatement::is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }

bool SqliteStatement::is_text(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_TEXT; }

std::int64_t SqliteStatement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

double SqliteStatement::number(int column) const {
    return is_null(column) ? std::nan("") : sqlite3_column_double(handle_.get(), column);
}

std::string SqliteStatement::text(int column) const {
    const void* const bytes = sqlite3_column_text(handle_.get(), column);
    if (bytes == nullptr) return {};
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

std::span<const std::uint8_t> SqliteStatement::blob(int column) const {
    const void* const bytes = sqlite3_column_blob(handle_.get(), column);
    return {static_cast<const std::uint8_t*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

std::string quoted_name(std::string_view name) {
    std::string quoted = "\"";
    for (const char letter : name) {
        if (letter == '"') quoted += '"';
        quoted += letter;
    }
    return quoted + '"';
}

} // namespace switchyard::lab
