#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// How a segment is cut into the tokens that BLEU counts. Each gives the tokens of the sacreBLEU
/// tokenizer of that name (Post, "A Call for Clarity in Reporting BLEU Scores", WMT 2018).
enum class MetricTokenizer {
  k13a,   ///< mteval-v13a: ASCII punctuation apart, except . and , within numbers
  kIntl,  ///< mteval-v14: Unicode punctuation and symbols apart
  kChar,  ///< each code point that is not white space
  kNone,  ///< white space only: the text is tokenized already
};

inline constexpr std::array<MetricTokenizer, 4> kMetricTokenizers = {
    MetricTokenizer::k13a, MetricTokenizer::kIntl, MetricTokenizer::kChar, MetricTokenizer::kNone};

/// Its name in a signature and on the command line.
std::string_view tokenizer_name(MetricTokenizer tokenizer);

/// The one of that name; std::invalid_argument, listing the names, when there is none.
MetricTokenizer tokenizer_named(std::string_view name);

/// The white space at which text is cut: the code points that Python's str.split() takes for it,
/// since those decide sacreBLEU's tokens.
bool is_metric_space(char32_t code_point);

/// The maximal runs of anything but white space; views into `text`, which is valid UTF-8.
std::vector<std::string_view> split_at_spaces(std::string_view text);

/// `text` as a metric compares it: ill-formed UTF-8 becomes U+FFFD, and upper case becomes lower
/// case when `lowercase` (full Unicode mapping, without a language's own rules).
std::string prepare_segment(std::string_view text, bool lowercase);

/// The tokens of one segment of valid UTF-8.
std::vector<std::string> tokenize_segment(std::string_view text, MetricTokenizer tokenizer);

}  // namespace heed
