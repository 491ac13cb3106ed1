#include "models/report/observation.hpp"

#include <utility>

namespace switchyard {

void ObservationSum::add(const ObservedFigures& seen) {
    for (const ObservedFigureDescription& figure : observed_figures) {
        std::optional<std::int64_t>& sum = sums_.*figure.member;
        const std::optional<std::int64_t> value = seen.*figure.member;
        if (count_ == 0)
            sum = value;
        else
            sum = sum && value ? std::optional(*sum + *value) : std::nullopt;
    }
    ++count_;
}

ObservationReport ObservationSum::report(std::string name, std::string task) const {
    ObservationReport row{std::move(name), std::move(task), count_, sums_};
    if (count_ == 0) return row;
    for (const ObservedFigureDescription& figure : observed_figures)
        if (std::optional<std::int64_t>& value = row.figures.*figure.member; value && !figure.is_difference)
            *value /= static_cast<std::int64_t>(count_);
    return row;
}

} // namespace switchyard
