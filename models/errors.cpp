#include "models/errors.hpp"

#include <fmt/format.h>
#include <system_error>

namespace switchyard {

std::string SourceLocation::text() const {
    if (line <= 0) return file;
    return column > 0 ? fmt::format("{}:{}:{}", file, line, column) : fmt::format("{}:{}", file, line);
}

static std::string located(const std::string& message, const SourceLocation& where) {
    const std::string place = where.text();
    return place.empty() ? message : place + ": " + message;
}

InputError::InputError(std::string message, SourceLocation where)
    : std::runtime_error(located(message, where)), message_(std::move(message)), where_(std::move(where)) {}

InputError InputError::at(const SourceLocation& where) const {
    return InputError(message_, where_.text().empty() ? where : where_);
}

SystemError SystemError::from_errno(const std::string& action, int error_number) {
    return SystemError(fmt::format("{}: {}", action, std::generic_category().message(error_number)));
}

} // namespace switchyard
