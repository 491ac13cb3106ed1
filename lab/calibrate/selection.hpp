// Which probes a calibration runs.
#pragma once

#include "lab/calibrate/summary.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

// Every probe that is wanted, at every amount of its quantity and at those held out, in the order they are run in each
// round. `only` are beginnings of names of probes, and of laws: a law wants all the probes it is computed from, those
// of the laws it is less of included. All where there are none. No amount of pages above `most_pages` but a probe's
// least. Throws InputError for a name that nothing begins with.
[[nodiscard]] std::vector<ProbeRecord> wanted_records(std::span<const std::string> only, std::int64_t most_pages);

// The part of the time that a record has beside others.
[[nodiscard]] double weight_of(const ProbeRecord& record);

} // namespace switchyard::lab
