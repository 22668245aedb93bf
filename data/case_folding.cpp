#include "data/case_folding.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <stdexcept>

namespace heed {

std::string fold_case(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
  std::string folded;
  if (U_SUCCESS(status)) {
    icu::StringByteSink<std::string> sink(&folded);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    folding->normalizeUTF8(0, piece, sink, nullptr, status);
  }
  if (U_FAILURE(status))
    throw std::runtime_error(fmt::format("case folding failed: ICU says {}", u_errorName(status)));
  return folded;
}

}  // namespace heed
