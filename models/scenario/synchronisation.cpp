#include "models/scenario/synchronisation.hpp"

#include "models/errors.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

namespace switchyard {

std::string_view name_of(LockKind kind) {
    static constexpr std::array<std::string_view, lock_kinds> names{"mutex", "recursive", "read-write", "spin",
                                                                    "interpreter"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(LockProtocol protocol) {
    static constexpr std::array<std::string_view, lock_protocols> names{"none", "inheritance", "ceiling"};
    return names[static_cast<std::size_t>(protocol)];
}

std::string_view name_of(Preference preference) { return preference == Preference::readers ? "readers" : "writers"; }

std::string_view name_of(Comparison comparison) {
    static constexpr std::array<std::string_view, comparisons> names{"==", "!=", "<", "<=", ">", ">="};
    return names[static_cast<std::size_t>(comparison)];
}

bool holds(const Predicate& predicate, std::int64_t variable) {
    switch (predicate.comparison) {
    case Comparison::equal: return variable == predicate.value;
    case Comparison::unequal: return variable != predicate.value;
    case Comparison::less: return variable < predicate.value;
    case Comparison::at_most: return variable <= predicate.value;
    case Comparison::more: return variable > predicate.value;
    case Comparison::at_least: return variable >= predicate.value;
    }
    __builtin_unreachable();
}

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

[[noreturn]] void refuse_predicate(std::string_view text) {
    throw InputError(fmt::format("'{}' is no comparison of a variable with an integer: write one as 'count >= 3' "
                                 "(==, !=, <, <=, >, >=)",
                                 text));
}

// The one that is written at the beginning of `text`: the longer one where two are.
Comparison read_comparison(std::string_view text, std::string_view whole) {
    static constexpr std::array in_order{Comparison::equal,    Comparison::unequal, Comparison::at_most,
                                         Comparison::at_least, Comparison::less,    Comparison::more};
    for (const Comparison comparison : in_order)
        if (text.starts_with(name_of(comparison))) return comparison;
    refuse_predicate(whole);
}

} // namespace

WrittenPredicate parse_predicate(std::string_view text) {
    const std::size_t begin = text.find_first_of("=!<>");
    if (begin == std::string_view::npos) refuse_predicate(text);
    WrittenPredicate predicate;
    predicate.variable = trimmed(text.substr(0, begin));
    predicate.comparison = read_comparison(text.substr(begin), text);
    const std::string_view value = trimmed(text.substr(begin + name_of(predicate.comparison).size()));
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), predicate.value);
    if (predicate.variable.empty() || error != std::errc{} || stop != value.data() + value.size())
        refuse_predicate(text);
    return predicate;
}

void validate(const Lock& lock) {
    const bool has_owner = lock.kind == LockKind::mutex || lock.kind == LockKind::recursive;
    const auto refuse = [&](std::string_view what) { throw InputError(fmt::format("lock '{}': {}", lock.name, what)); };
    if (!has_owner && lock.protocol != LockProtocol::none)
        refuse(fmt::format("a {} lock has no priority protocol: make it a mutex", name_of(lock.kind)));
    if (!has_owner && lock.spin > Duration::zero())
        refuse(fmt::format("'spin' is how long who finds a mutex taken tries before it sleeps: a {} lock has none",
                           name_of(lock.kind)));
    if (!has_owner && lock.robust)
        refuse(fmt::format("a {} lock cannot be robust: make it a mutex", name_of(lock.kind)));
    if (lock.kind != LockKind::read_write && lock.prefers != Preference::readers)
        refuse("only a read-write lock prefers somebody");
    if (lock.protocol != LockProtocol::ceiling && lock.ceiling != 0) refuse("a ceiling needs 'protocol: ceiling'");
    if (lock.ceiling < 0) refuse("its ceiling is a priority: write the highest of those that take it");
    constexpr Duration usual = std::chrono::milliseconds{5};
    if (lock.kind != LockKind::interpreter && lock.switch_interval != usual)
        refuse("only an interpreter lock has a 'switch_interval'");
    if (lock.switch_interval < std::chrono::microseconds{1})
        refuse("its 'switch_interval' is how long who waits lets the holder go on: write 1us or more");
    if (lock.spin < Duration::zero()) refuse("nobody spins for less than no time");
}

void validate(const Semaphore& semaphore) {
    if (semaphore.initial < 0)
        throw InputError(
            fmt::format("semaphore '{}' cannot begin at {}: write 0 or more", semaphore.name, semaphore.initial));
}

void validate(const Barrier& barrier) {
    if (barrier.parties < 1)
        throw InputError(fmt::format("barrier '{}' waits for nobody: write how many have to arrive", barrier.name));
}

} // namespace switchyard
