// What is thrown when something from outside is wrong: a file, an argument, a builder's operand.
#pragma once

#include <stdexcept>
#include <string>

namespace switchyard {

// A place in a text somebody wrote, counted from 1. Line 0 means "no particular place", column 0 the whole line.
struct SourceLocation {
    std::string file;
    int line = 0;
    int column = 0;

    // "two.yaml:7:12", "two.yaml", or "" where nothing is known.
    [[nodiscard]] std::string text() const;
};

// Bad input: what is wrong, where, and what to do about it. `what()` is one line: "two.yaml:7:12: unknown key 'slce':
// did you mean 'slice'?". The command prints it and exits with status 2.
class InputError : public std::runtime_error {
public:
    explicit InputError(std::string message, SourceLocation where = {});

    [[nodiscard]] const std::string& message() const { return message_; }
    [[nodiscard]] const SourceLocation& where() const { return where_; }

    // The same error at a place, unless it already has one: readers add the place a builder could not know.
    [[nodiscard]] InputError at(const SourceLocation& where) const;

private:
    std::string message_;
    SourceLocation where_;
};

// Something that should have worked on this machine did not (a system call, a missing right). Exit status 1.
class SystemError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;

    // "`action`: strerror(`error_number`)".
    [[nodiscard]] static SystemError from_errno(const std::string& action, int error_number);
};

} // namespace switchyard
