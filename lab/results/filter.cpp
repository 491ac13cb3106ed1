#include "lab/results/filter.hpp"

#include "lab/results/text.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

constexpr std::string_view operator_letters = "=!<>";
constexpr double same_within = 1e-12;

struct Token {
    enum class Kind : std::uint8_t { word, quoted, comparison, open, close, end } kind = Kind::end;
    std::string text;
};

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    for (std::size_t at = 0; at < text.size();) {
        const char letter = text[at];
        std::size_t end = at + 1;
        if (letter == ' ' || letter == '\t' || letter == '\n') {
        } else if (letter == '(' || letter == ')') {
            tokens.push_back({letter == '(' ? Token::Kind::open : Token::Kind::close, std::string(1, letter)});
        } else if (operator_letters.find(letter) != std::string_view::npos) {
            if (end < text.size() && text[end] == '=') ++end;
            tokens.push_back({Token::Kind::comparison, std::string(text.substr(at, end - at))});
        } else if (letter == '\'' || letter == '"') {
            const std::size_t close = text.find(letter, end);
            if (close == std::string_view::npos)
                throw InputError(fmt::format("condition '{}': a quotation mark is never closed", text));
            tokens.push_back({Token::Kind::quoted, std::string(text.substr(end, close - end))});
            end = close + 1;
        } else {
            end = std::min(text.find_first_of(" \t\n()=!<>'\"", at), text.size());
            tokens.push_back({Token::Kind::word, std::string(text.substr(at, end - at))});
        }
        at = end;
    }
    tokens.push_back({});
    return tokens;
}

std::optional<double> plain_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

bool begins_a_number(std::string_view text) {
    return !text.empty() && (text.front() == '-' || text.front() == '+' || text.front() == '.' ||
                             (text.front() >= '0' && text.front() <= '9'));
}

class Parser {
public:
    Parser(std::string_view text, const ResultsDatabase& database)
        : text_(text), database_(database), tokens_(tokens_of(text)) {}

    Condition parse() {
        Condition condition = alternatives();
        if (token().kind != Token::Kind::end) fail(fmt::format("'{}' does not belong there", token().text));
        return condition;
    }

private:
    [[noreturn]] void fail(const std::string& why) const {
        throw InputError(fmt::format("condition '{}': {}; an example: slice >= 1ms and model = loop", text_, why));
    }
    [[nodiscard]] const Token& token() const { return tokens_[at_]; }
    [[nodiscard]] bool is_word(std::string_view word) const {
        return token().kind == Token::Kind::word && token().text == word;
    }

    Condition joined(const char* word, const char* sql, Condition (Parser::*part)()) {
        Condition all = (this->*part)();
        while (is_word(word)) {
            ++at_;
            const Condition next = (this->*part)();
            all.sql = "(" + all.sql + sql + next.sql + ")";
            all.operands.insert(all.operands.end(), next.operands.begin(), next.operands.end());
        }
        return all;
    }
    Condition alternatives() { return joined("or", " OR ", &Parser::conjunction); }
    Condition conjunction() { return joined("and", " AND ", &Parser::factor); }

    Condition factor() {
        if (++depth_ > 200) fail("too many parentheses within each other");
        Condition condition;
        if (is_word("not")) {
            ++at_;
            condition = factor();
            condition.sql = "NOT coalesce(" + condition.sql + ", 0)";
        } else if (token().kind == Token::Kind::open) {
            ++at_;
            condition = alternatives();
            if (token().kind != Token::Kind::close) fail("a parenthesis is never closed");
            ++at_;
        } else {
            condition = comparison();
        }
        --depth_;
        return condition;
    }

    Condition comparison() {
        if (token().kind != Token::Kind::word && token().kind != Token::Kind::quoted)
            fail(token().kind == Token::Kind::end ? "something is missing at the end"
                                                  : fmt::format("a column is missing before '{}'", token().text));
        const ResultColumn& column = database_.column(token().text);
        ++at_;
        const std::string comparison = token().text;
        constexpr std::array<std::string_view, 7> known{"=", "==", "!=", "<", "<=", ">", ">="};
        if (token().kind != Token::Kind::comparison || std::ranges::find(known, comparison) == known.end())
            fail(fmt::format("after '{}' one of = != < <= > >= is wanted", column.name));
        ++at_;
        if (token().kind != Token::Kind::word && token().kind != Token::Kind::quoted)
            fail(fmt::format("a value is missing after '{} {}'", column.name, comparison));
        std::string value = token().text;
        const bool is_quoted = token().kind == Token::Kind::quoted;
        ++at_;
        // "1 ms" is one value.
        if (!is_quoted && plain_number(value) && token().kind == Token::Kind::word && !is_word("and") && !is_word("or"))
            value += tokens_[at_++].text;
        if (!is_quoted && begins_a_number(value) && column.name != "seed" && column.name != "identity") {
            try {
                return compare_number(column.name, comparison, parse_value(value, column.unit));
            } catch (const InputError& error) {
                if (column.unit != ValueUnit::none) fail(fmt::format("'{}': {}", column.name, error.message()));
            }
        }
        return compare_word(column, comparison, value);
    }

    Condition compare_word(const ResultColumn& column, const std::string& comparison, const std::string& word) {
        if (comparison != "=" && comparison != "==" && comparison != "!=")
            fail(fmt::format("'{}' is a word, which can only be equal (=) or not (!=)", word));
        if (column.role == ColumnRole::metric)
            fail(fmt::format("'{}' is a metric: its values are numbers", column.name));
        if (column.role == ColumnRole::parameter) check_word(column, word);
        std::string of = sql_name(column.name);
        if (column.name == "identity") of = "lower(hex(" + of + "))";
        if (column.name == "seed") { // kept as a signed integer of the same bits
            std::uint64_t seed = 0;
            const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
            if (error != std::errc{} || end != word.data() + word.size()) fail(fmt::format("'{}' is no seed", word));
            return {fmt::format("{} {} {}", of, comparison == "!=" ? "<>" : "=", static_cast<std::int64_t>(seed)), {}};
        }
        return {fmt::format("{} {} ?", of, comparison == "!=" ? "<>" : "="), {word}};
    }

    void check_word(const ResultColumn& column, const std::string& word) const {
        const std::vector<ResultValue> values = database_.values_of(column.name, {}, 1000);
        std::vector<std::string> texts;
        for (const ResultValue& value : values) {
            if (value == ResultValue(word)) return;
            texts.push_back(value_text(value, column.unit));
        }
        const std::vector<std::string_view> candidates(texts.begin(), texts.end());
        if (texts.size() > 12) {
            texts.resize(12);
            texts.emplace_back("...");
        }
        fail(fmt::format("no point has '{}' in '{}'{}; there are: {}", word, column.name, suggestion(word, candidates),
                         fmt::join(texts, ", ")));
    }

    std::string text_;
    const ResultsDatabase& database_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

} // namespace

Condition parse_condition(std::string_view text, const ResultsDatabase& database) {
    return Parser(text, database).parse();
}

double parse_value(std::string_view text, ValueUnit unit) {
    const bool is_negative = text.starts_with('-');
    const std::string_view amount = is_negative || text.starts_with('+') ? text.substr(1) : text;
    const double sign = is_negative ? -1 : 1;
    switch (unit) {
    case ValueUnit::seconds: return plain_number(amount) == 0 ? 0 : sign * seconds(parse_duration(amount));
    case ValueUnit::bytes: return plain_number(amount) == 0 ? 0 : sign * static_cast<double>(parse_size(amount).count);
    case ValueUnit::share: return sign * parse_share(amount);
    case ValueUnit::none:
    case ValueUnit::factor:
    case ValueUnit::count: break;
    }
    if (const auto value = plain_number(amount)) return sign * *value;
    throw InputError(fmt::format("'{}' is no number", text));
}

Condition has_value(std::string_view column, const ResultValue& value) {
    if (const double* const number = std::get_if<double>(&value)) return compare_number(column, "=", *number);
    if (const std::string* const word = std::get_if<std::string>(&value)) return {sql_name(column) + " = ?", {*word}};
    return {sql_name(column) + " IS NULL", {}};
}

Condition compare_number(std::string_view column, std::string_view comparison, double value) {
    std::string of = sql_name(column);
    const double margin = same_within * std::abs(value);
    const std::string is_number = "typeof(" + of + ") IN ('real', 'integer') AND ";
    if (comparison == "=" || comparison == "==")
        return {"(" + is_number + of + " BETWEEN ? AND ?)", {value - margin, value + margin}};
    if (comparison == "!=")
        return {"(" + of + " IS NOT NULL AND NOT (" + is_number + of + " BETWEEN ? AND ?))",
                {value - margin, value + margin}};
    const bool outward = comparison == "<=" || comparison == ">";
    return {fmt::format("({}{} {} ?)", is_number, of, comparison), {value + (outward ? margin : -margin)}};
}

} // namespace switchyard::lab
