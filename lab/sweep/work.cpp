#include "lab/sweep/work.hpp"

#include <fmt/format.h>
#include <tuple>

namespace switchyard::lab {

const char* name_of(PointStatus status) {
    switch (status) {
    case PointStatus::done: return "done";
    case PointStatus::failed: return "failed";
    case PointStatus::over_budget: return "over budget";
    }
    return "";
}

std::optional<PointStatus> point_status_named(std::string_view name) {
    for (const PointStatus status : {PointStatus::done, PointStatus::failed, PointStatus::over_budget})
        if (name == name_of(status)) return status;
    return {};
}

bool describes_earlier(const PointRow& one, const PointRow& other) {
    return std::tie(one.parameters, one.replication) < std::tie(other.parameters, other.replication);
}

std::string text_of(const PointIdentity& identity) {
    std::string text;
    for (const std::uint8_t byte : identity) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
    return text;
}

} // namespace switchyard::lab
