// A validation as a page to read: HTML in one file, without anything from elsewhere, or Markdown.
//
// The same validation gives the same bytes.
#pragma once

#include "lab/suite/validation.hpp"

#include <string>

namespace switchyard::lab {

// With bars of errors against their targets and curves of distributions, drawn as SVG; light or dark as the reader's
// browser is.
[[nodiscard]] std::string validation_html(const Validation& validation);

// Tables only: the summary by family, what was missed, all rows.
[[nodiscard]] std::string validation_markdown(const Validation& validation);

} // namespace switchyard::lab
