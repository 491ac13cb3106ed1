#include "models/sweep/expression.hpp"

#include "models/errors.hpp"
#include "models/sweep/values.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace switchyard {

namespace {

constexpr std::size_t most_depth = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return begins_name(c) || is_digit(c) || c == '.'; }

// Recursive descent: sum = product {(+|-) product}, product = factor {(*|/) factor}.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Expression parse() {
        sum();
        if (blank(), at_ < text_.size()) fail(fmt::format("{} is not expected", here()));
        return std::move(result_);
    }

private:
    using Kind = Expression::Kind;

    [[noreturn]] void fail(const std::string& what) const {
        throw InputError(fmt::format("'{}' is no expression: {}", text_, what));
    }
    [[nodiscard]] std::string here() const {
        return at_ == text_.size() ? "the end" : fmt::format("'{}'", text_.substr(at_));
    }
    void blank() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool take(char c) {
        blank();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void push(Expression::Step step) {
        result_.steps.push_back(step);
        result_.depth = std::max(result_.depth, ++height_);
    }
    void combine(Kind kind) {
        result_.steps.push_back({.kind = kind});
        --height_;
    }

    void sum() {
        if (++nesting_ > most_depth) fail("it is nested too deeply");
        product();
        for (;;) {
            if (take('+'))
                product(), combine(Kind::add);
            else if (take('-'))
                product(), combine(Kind::subtract);
            else
                break;
        }
        --nesting_;
    }

    void product() {
        factor();
        for (;;) {
            if (take('*'))
                factor(), combine(Kind::multiply);
            else if (take('/'))
                factor(), combine(Kind::divide);
            else
                break;
        }
    }

    void factor() {
        int minuses = 0;
        while (take('-')) ++minuses;
        if (take('(')) {
            sum();
            if (!take(')')) fail(fmt::format("')' is missing before {}", here()));
        } else if (blank(); at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '`')) {
            quoted_name();
        } else if (at_ < text_.size() && is_digit(text_[at_])) {
            number();
        } else if (at_ < text_.size() && begins_name(text_[at_])) {
            name_or_call();
        } else {
            fail(fmt::format("a name or number is missing before {}", here()));
        }
        if (minuses % 2 == 1) result_.steps.push_back({.kind = Kind::negate});
    }

    void number() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
        while (at_ < text_.size() && (begins_name(text_[at_]) || text_[at_] == '%')) ++at_;
        const std::string_view word = text_.substr(begin, at_ - begin);
        const UnitNumber read = read_unit_number(word);
        if (!read.number) fail(fmt::format("'{}' is no number with a unit (2ms, 64KiB, 10%)", word));
        push({.kind = Kind::number, .unit = metric_unit(read.unit), .number = *read.number});
    }

    static MetricUnit metric_unit(ParameterUnit unit) {
        switch (unit) {
        case ParameterUnit::time: return MetricUnit::time;
        case ParameterUnit::bytes: return MetricUnit::bytes;
        case ParameterUnit::share: return MetricUnit::share;
        case ParameterUnit::none:
        case ParameterUnit::factor: break;
        }
        return MetricUnit::count;
    }

    void quoted_name() {
        const char quote = text_[at_++];
        const std::size_t end = text_.find(quote, at_);
        if (end == std::string_view::npos) fail(fmt::format("a {} is missing at the end of a name", quote));
        field(text_.substr(at_, end - at_));
        at_ = end + 1;
    }

    void name_or_call() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
        const std::string_view name = text_.substr(begin, at_ - begin);
        if (take('('))
            call(name);
        else
            field(name);
    }

    void call(std::string_view name) {
        static constexpr std::array<std::string_view, 3> functions{"min", "max", "ratio"};
        if (std::ranges::find(functions, name) == functions.end())
            fail(fmt::format("there is no function '{}'{}: there are min, max and ratio", name,
                             suggestion(name, functions)));
        const Kind kind = name == "min" ? Kind::minimum : name == "max" ? Kind::maximum : Kind::divide;
        sum();
        int arguments = 1;
        while (take(',')) {
            sum();
            combine(kind);
            ++arguments;
        }
        if (!take(')')) fail(fmt::format("')' is missing before {}", here()));
        if (kind == Kind::divide && arguments != 2) fail("ratio takes two figures");
    }

    void field(std::string_view name) {
        auto& fields = result_.fields;
        const auto found = std::ranges::find(fields, name);
        const auto index = static_cast<std::size_t>(found - fields.begin());
        if (found == fields.end()) fields.emplace_back(name);
        push({.kind = Kind::field, .field = index});
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t nesting_ = 0;
    std::size_t height_ = 0;
    Expression result_;
};

// Powers of seconds and bytes; and whether a plain number is a share of something.
struct Dimension {
    int time = 0;
    int bytes = 0;
    bool is_share = false;
    [[nodiscard]] bool is_plain() const { return time == 0 && bytes == 0; }
    [[nodiscard]] bool fits(const Dimension& other) const { return time == other.time && bytes == other.bytes; }
};

Dimension dimension_of(MetricUnit unit) {
    switch (unit) {
    case MetricUnit::time: return {1, 0, false};
    case MetricUnit::bytes: return {0, 1, false};
    case MetricUnit::share: return {0, 0, true};
    case MetricUnit::count: break;
    }
    return {};
}

Dimension quotient(const Dimension& a, const Dimension& b) {
    const bool alike = a.fits(b) && a.is_share == b.is_share;
    return {a.time - b.time, a.bytes - b.bytes, alike || (a.fits(b) && a.is_share)};
}

} // namespace

Expression parse_expression(std::string_view text) { return Parser(text).parse(); }

MetricUnit unit_of(const Expression& expression, const std::function<MetricUnit(std::string_view)>& unit_of_field) {
    using Kind = Expression::Kind;
    std::vector<Dimension> stack;
    for (const Expression::Step& step : expression.steps) {
        if (step.kind == Kind::number || step.kind == Kind::field) {
            stack.push_back(
                dimension_of(step.kind == Kind::number ? step.unit : unit_of_field(expression.fields[step.field])));
            continue;
        }
        if (step.kind == Kind::negate) continue;
        const Dimension b = stack.back();
        stack.pop_back();
        Dimension& a = stack.back();
        if (step.kind == Kind::multiply) {
            a = {a.time + b.time, a.bytes + b.bytes, a.is_share && b.is_share};
        } else if (step.kind == Kind::divide) {
            a = quotient(a, b);
        } else {
            if (!a.fits(b)) throw InputError("what is added, subtracted or compared must be of one unit");
            a.is_share = a.is_share || b.is_share;
        }
    }
    const Dimension result = stack.back();
    if (result.time == 1 && result.bytes == 0) return MetricUnit::time;
    if (result.time == 0 && result.bytes == 1) return MetricUnit::bytes;
    return result.is_plain() && result.is_share ? MetricUnit::share : MetricUnit::count;
}

double evaluate(const Expression& expression, std::span<const double> fields) {
    using Kind = Expression::Kind;
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> stack;
    stack.reserve(expression.depth);
    for (const Expression::Step& step : expression.steps) {
        if (step.kind == Kind::number || step.kind == Kind::field) {
            stack.push_back(step.kind == Kind::number ? step.number : fields[step.field]);
            continue;
        }
        if (step.kind == Kind::negate) {
            stack.back() = -stack.back();
            continue;
        }
        const double b = stack.back();
        stack.pop_back();
        double& a = stack.back();
        switch (step.kind) {
        case Kind::add: a += b; break;
        case Kind::subtract: a -= b; break;
        case Kind::multiply: a *= b; break;
        case Kind::divide: a = b == 0 ? unknown : a / b; break;
        case Kind::minimum: a = std::isnan(a) || std::isnan(b) ? unknown : std::min(a, b); break;
        case Kind::maximum: a = std::isnan(a) || std::isnan(b) ? unknown : std::max(a, b); break;
        case Kind::number:
        case Kind::field:
        case Kind::negate: break;
        }
    }
    return stack.back();
}

} // namespace switchyard
