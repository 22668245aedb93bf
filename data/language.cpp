#include "data/language.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace heed {
namespace {

constexpr std::array<std::string_view, 8> kUnspacedLanguages{"ja", "zh", "yue", "wuu",
                                                             "th", "lo", "km",  "my"};
constexpr std::array kUnspacedScripts{USCRIPT_HAN,   USCRIPT_HIRAGANA, USCRIPT_KATAKANA,
                                      USCRIPT_THAI,  USCRIPT_BOPOMOFO, USCRIPT_LAO,
                                      USCRIPT_KHMER, USCRIPT_MYANMAR};

bool is_english_name(const icu::UnicodeString& name, const char* code) {
  icu::UnicodeString english;
  icu::Locale(code).getDisplayLanguage(icu::Locale::getEnglish(), english);
  return english.caseCompare(name, U_FOLD_CASE_DEFAULT) == 0;
}

}  // namespace

std::optional<std::string> language_code(const std::string& language) {
  if (language.empty()) return std::nullopt;
  const std::string code = icu::Locale::createCanonical(language.c_str()).getLanguage();
  const icu::UnicodeString name = icu::UnicodeString::fromUTF8(language);
  for (const char* const* known = uloc_getISOLanguages(); *known != nullptr; ++known)
    if (code == *known) return code;
  for (const char* const* known = uloc_getISOLanguages(); *known != nullptr; ++known)
    if (is_english_name(name, *known)) return *known;
  return std::nullopt;
}

std::optional<bool> separates_words(const std::string& language) {
  const auto code = language_code(language);
  if (!code) return std::nullopt;
  return std::find(kUnspacedLanguages.begin(), kUnspacedLanguages.end(), *code) ==
         kUnspacedLanguages.end();
}

bool is_of_unspaced_writing(char32_t code_point) {
  constexpr char32_t kFirstFullWidth = 0xFF01;
  constexpr char32_t kLastFullWidth = 0xFF65;
  if (code_point >= kFirstFullWidth && code_point <= kLastFullWidth) return true;
  return std::any_of(kUnspacedScripts.begin(), kUnspacedScripts.end(), [&](UScriptCode script) {
    return uscript_hasScript(static_cast<UChar32>(code_point), script) != 0;
  });
}

}  // namespace heed
