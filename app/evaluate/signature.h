#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace heed {

/// The sacreBLEU release whose scores BLEU and chrF were checked against; `version:` in signatures.
inline constexpr std::string_view kSacrebleuVersion = "2.6.0";

/// std::invalid_argument, naming both counts, unless they are equal.
inline void require_same_length(std::size_t num_hypotheses, std::size_t num_references) {
  if (num_hypotheses == num_references) return;
  throw std::invalid_argument(
      fmt::format("{} hypotheses but {} references: each hypothesis needs its own reference",
                  num_hypotheses, num_references));
}

}  // namespace heed
