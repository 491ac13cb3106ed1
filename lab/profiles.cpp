#include "lab/profiles.hpp"

#include "formats/json/profile_json.hpp"
#include "models/units/text.hpp"

#include <fmt/format.h>

namespace switchyard::lab {

CostProfile find_profile(const std::string& name, const std::filesystem::path& folder, const SourceLocation& where) {
    if (auto built_in = built_in_profile(name)) return *built_in;
    std::filesystem::path path = name;
    if (path.is_relative()) path = folder / path;
    if (!std::filesystem::exists(path)) {
        const auto names = built_in_profiles();
        throw InputError(fmt::format("there is no built-in profile and no file '{}'{}; built in: {}", name,
                                     suggestion(name, names), fmt::join(names, ", ")),
                         where);
    }
    return formats::read_profile(path.string());
}

} // namespace switchyard::lab
