#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cmath>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/bundle_options.h"
#include "app/commands.h"
#include "app/forced_decoding.h"
#include "app/output.h"
#include "app/pair_reader.h"
#include "app/progress.h"
#include "app/worker_pool.h"
#include "data/batcher.h"

namespace heed {
namespace {

constexpr std::size_t kPairsScored = 4096;  // held at once

struct ScoreOptions {
  ModelOptions model;
  std::vector<std::string> files;
  std::optional<Shard> shard;
  std::string output = "-";
  bool json = false;
};

struct PairScore {
  double log_prob = 0.0;
  std::size_t tokens = 0;  // of the target, eos counted

  double perplexity() const { return std::exp(-log_prob / static_cast<double>(tokens)); }
};

std::vector<PairScore> score_pairs(const std::vector<SentencePair>& pairs,
                                   const ModelBundle& bundle, WorkerPool& pool,
                                   std::size_t batch_tokens) {
  std::vector<std::vector<TokenId>> src;
  std::vector<std::vector<TokenId>> tgt;
  std::vector<PairLength> lengths;
  for (const SentencePair& pair : pairs) {
    src.push_back(bundle.tokenizers.src.encode(pair.src));
    tgt.push_back(bundle.tokenizers.tgt.encode(pair.tgt));
    lengths.push_back({static_cast<std::uint32_t>(src.back().size()),
                       static_cast<std::uint32_t>(tgt.back().size())});
  }
  const std::vector<Batch> batches = sorted_batches(lengths, batch_tokens, 0);
  std::vector<PairScore> scores(pairs.size());
  pool.run(batches.size(), [&](std::size_t task, std::size_t) {
    std::vector<std::span<const TokenId>> src_rows;
    std::vector<std::span<const TokenId>> tgt_rows;
    for (const std::uint32_t index : batches[task]) {
      src_rows.push_back(src[index]);
      tgt_rows.push_back(tgt[index]);
    }
    const ForcedDecoding forced =
        force_decode(bundle.model->transformer(), src_rows, tgt_rows,
                     {.direction = bundle.direction}, bundle.model->device());
    for (std::size_t row = 0; row < batches[task].size(); ++row)
      scores[batches[task][row]] = {forced.log_prob(row), tgt_rows[row].size() + 1};
  });
  return scores;
}

void write_score(std::ostream& out, const PairScore& score, std::size_t line, bool json) {
  if (!json) {
    out << fmt::format("{:.6f}\n", score.log_prob);
    return;
  }
  out << nlohmann::ordered_json{{"line", line},
                                {"log_probability", score.log_prob},
                                {"tokens", score.tokens},
                                {"perplexity", score.perplexity()}}
             .dump()
      << '\n';
}

void score(const ScoreOptions& options) {
  PairReader reader(options.files, options.shard);
  const ModelBundle bundle = load_bundle(options.model);
  WorkerPool pool(worker_count(options.model, bundle));
  Output output(options.output);
  Progress progress("scoring", "pairs", 0);
  PairScore total;
  const std::size_t before = reader.pairs_before();
  std::size_t lines = before;
  for (auto pairs = reader.take(kPairsScored); !pairs.empty(); pairs = reader.take(kPairsScored)) {
    for (const PairScore& pair :
         score_pairs(pairs, bundle, pool, options.model.batch_tokens.value_or(kBatchTokens))) {
      write_score(output.stream(), pair, ++lines, options.json);
      total.log_prob += pair.log_prob;
      total.tokens += pair.tokens;
    }
    output.stream().flush();
    progress.update(lines - before);
  }
  output.finish();
  if (lines > before)
    spdlog::info("{} pairs, {} target pieces, log-probability {:.2f}, perplexity {:.3f}",
                 lines - before, total.tokens, total.log_prob, total.perplexity());
}

}  // namespace

void add_score_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand(
      "score", "Log-probability of given translations, one line a pair, and their perplexity");
  auto options = std::make_shared<ScoreOptions>();
  command
      ->add_option(
          "files", options->files,
          "Source and target file, or one with source TAB target (- or none: standard input)")
      ->type_name("FILE");
  add_shard_option(*command, options->shard);
  command->add_option("-o,--output", options->output, "Where to write; - is standard output")
      ->capture_default_str()
      ->type_name("FILE")
      ->group("Output");
  command
      ->add_flag("--json", options->json,
                 "One JSON object a pair: log-probability, pieces, perplexity")
      ->group("Output");
  options->model.add_to(*command);
  command->footer("The logarithm is natural; the end of the sentence counts as a piece.");
  command->callback([options, &action] { action = [options] { score(*options); }; });
}

}  // namespace heed
