#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/benchmark/benchmarks.h"
#include "app/benchmark/measures.h"
#include "app/bundle_options.h"
#include "app/progress.h"
#include "app/translate/batch_translator.h"
#include "app/translate/network_scorer_source.h"
#include "data/text_io.h"

namespace heed {
namespace {

constexpr std::size_t kSingles = 50;  // sentences that are timed one by one

struct Translated {
  std::size_t sentences = 0;
  std::size_t tgt_tokens = 0;  // eos counted
  std::vector<double> seconds;
  double milliseconds_alone = 0.0;  // of a sentence, one at a time, by one worker
};

std::vector<std::vector<TokenId>> read_sources(const std::string& path,
                                               const Tokenizer& tokenizer) {
  std::vector<std::vector<TokenId>> sources;
  LineReader reader(path);
  std::string line;
  while (reader.next(line)) sources.push_back(tokenizer.encode(line));
  if (sources.empty()) throw std::runtime_error(fmt::format("{}: holds no line", path));
  return sources;
}

std::size_t count_tokens(const std::vector<std::vector<Hypothesis>>& translations) {
  std::size_t tokens = 0;
  for (const auto& hypotheses : translations) tokens += hypotheses.front().tokens.size() + 1;
  return tokens;
}

Translated measure(const ModelBundle& bundle, const std::vector<std::vector<TokenId>>& sources,
                   const SearchOptions& search, const TranslateBenchmarkOptions& options) {
  WorkerPool pool(worker_count(options.model, bundle));
  const BatchTranslator translator(
      make_scorer_source(*bundle.model, bundle.direction, options.precision.choose()), pool,
      options.model.batch_tokens.value_or(bundle.model->device().is_cpu() ? kInferenceBatchTokens
                                                                          : kBatchTokens));
  const SearchJob all{sources};
  translator.translate(all, search);  // warms up
  Translated result;
  result.sentences = sources.size();
  for (std::int64_t window = 0; window < options.windows; ++window) {
    const Stopwatch watch;
    result.tgt_tokens = count_tokens(translator.translate(all, search));
    result.seconds.push_back(watch.seconds());
  }
  const std::size_t singles = std::min(kSingles, sources.size());
  const Stopwatch watch;
  for (std::size_t i = 0; i < singles; ++i) translator.translate({{sources[i]}}, search);
  result.milliseconds_alone = 1e3 * watch.seconds() / static_cast<double>(singles);
  return result;
}

}  // namespace

void benchmark_translation(const TranslateBenchmarkOptions& options) {
  const Stopwatch watch;
  const ModelBundle bundle = load_bundle(options.model);
  const double load_seconds = watch.seconds();
  SearchOptions search = bundle.config.search;
  search.n_best = 1;
  if (options.beam_size > 0) search.beam_size = options.beam_size;
  search.with_scores = search.beam_size > 1;
  const auto sources = read_sources(options.input, bundle.tokenizers.src);
  const Translated result = measure(bundle, sources, search, options);
  const double seconds = median(result.seconds);
  const double rate = static_cast<double>(result.tgt_tokens) / seconds;
  if (options.json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"tgt_tokens_per_second", rate},
                                              {"seconds", result.seconds},
                                              {"sentences", result.sentences},
                                              {"tgt_tokens", result.tgt_tokens},
                                              {"beam_size", search.beam_size},
                                              {"milliseconds_alone", result.milliseconds_alone},
                                              {"load_seconds", load_seconds},
                                              {"peak_memory_bytes", peak_memory()}}
                           .dump());
    return;
  }
  fmt::print("target tokens/s   {:.0f} (median of {} passes over {} sentences, beam {})\n", rate,
             result.seconds.size(), result.sentences, search.beam_size);
  fmt::print("sentences/s       {:.1f}\n", static_cast<double>(result.sentences) / seconds);
  fmt::print("one at a time     {:.1f} ms a sentence\n", result.milliseconds_alone);
  fmt::print("loading           {:.2f} s\n", load_seconds);
  fmt::print("peak memory       {:.2f} GB\n", static_cast<double>(peak_memory()) * 1e-9);
}

}  // namespace heed
