#include <string>
#include <vector>

#include "app/evaluate/bleu.h"
#include "app/evaluate/chrf.h"
#include "app/evaluate/metric_tokenizer.h"
#include "data/utf8.h"
#include "tests/fuzz/fuzz_target.h"

namespace heed {
namespace {

/// Without white space.
std::string letters_of(std::string_view text) {
  std::string letters;
  for (const char32_t code_point : to_code_points(text))
    if (!is_metric_space(code_point)) append_code_point(letters, code_point);
  return letters;
}

void check_tokens(const std::string& text, MetricTokenizer tokenizer) {
  std::string joined;
  for (const std::string& token : tokenize_segment(text, tokenizer)) {
    require_property(!token.empty() && is_valid_utf8(token), "tokens are text");
    for (const char32_t code_point : to_code_points(token))
      require_property(!is_metric_space(code_point), "no token holds white space");
    joined += token;
  }
  const bool keeps_letters = tokenizer != MetricTokenizer::k13a;  // which unescapes
  require_property(!keeps_letters || joined == letters_of(text), "tokens spell the text");
}

void run(std::string_view input) {
  for (const bool lowercase : {false, true}) {
    const std::string text = prepare_segment(input, lowercase);
    require_property(is_valid_utf8(text), "a segment is valid UTF-8");
    for (const MetricTokenizer tokenizer : kMetricTokenizers) check_tokens(text, tokenizer);
  }
}

const FuzzRegistration kRegistration("metric", run);

}  // namespace
}  // namespace heed
