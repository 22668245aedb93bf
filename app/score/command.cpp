#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/batch_run.h"
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
  double log_prob = std::numeric_limits<double>::quiet_NaN();
  std::size_t tokens = 0;  // of the target, eos counted; 0: there is no score

  double perplexity() const { return std::exp(-log_prob / static_cast<double>(tokens)); }
};

/// Scores pairs in batches that memory suffices for.
class Scorer {
 public:
  Scorer(const ModelBundle& bundle, const ModelOptions& options, UndoneLines& undone)
      : bundle_(bundle),
        pool_(worker_count(options, bundle)),
        batch_tokens_(options.batch_tokens.value_or(kBatchTokens)),
        undone_(undone) {}

  /// Of pairs that have none the score is without tokens. `first_line` is that of the first pair.
  std::vector<PairScore> score(const std::vector<GivenPair>& pairs, std::size_t first_line) {
    std::vector<PairScore> scores(pairs.size());
    Batch scorable;
    std::vector<PairLength> lengths(pairs.size());
    std::vector<Ids> src(pairs.size());
    std::vector<Ids> tgt(pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (!pairs[i].is_usable) continue;
      src[i] = bundle_.tokenizers.src.encode(pairs[i].src);
      tgt[i] = bundle_.tokenizers.tgt.encode(pairs[i].tgt);
      const std::size_t longest = std::max(src[i].size(), tgt[i].size());
      if (longest > kMostPieces) {
        undone_.add(fmt::format("line {}", first_line + i),
                    fmt::format("{} pieces; up to {} are scored", longest, kMostPieces));
        continue;
      }
      scorable.push_back(static_cast<std::uint32_t>(i));
      lengths[i] = {static_cast<std::uint32_t>(src[i].size()),
                    static_cast<std::uint32_t>(tgt[i].size())};
    }
    for_each_batch(
        sorted_batches(scorable, lengths, batch_tokens_, 0), pool_,
        [&](const Batch& batch, std::size_t) { score_batch(batch, src, tgt, scores); }, {},
        [&](std::uint32_t index) {
          undone_.add(fmt::format("line {}", first_line + index),
                      "there is not enough memory to score it");
        });
    for (const std::uint32_t index : scorable) {
      if (scores[index].tokens == 0 || !std::isnan(scores[index].log_prob)) continue;
      scores[index] = {};
      undone_.add(
          fmt::format("line {}", first_line + index),
          "the model gives no probabilities, but values that are no numbers: its weights are "
          "damaged");
    }
    return scores;
  }

 private:
  using Ids = std::vector<TokenId>;

  void score_batch(const Batch& batch, const std::vector<Ids>& src, const std::vector<Ids>& tgt,
                   std::vector<PairScore>& scores) const {
    std::vector<std::span<const TokenId>> src_rows;
    std::vector<std::span<const TokenId>> tgt_rows;
    for (const std::uint32_t index : batch) {
      src_rows.push_back(src[index]);
      tgt_rows.push_back(tgt[index]);
    }
    const ForcedDecoding forced =
        force_decode(bundle_.model->transformer(), src_rows, tgt_rows,
                     {.direction = bundle_.direction}, bundle_.model->device());
    for (std::size_t row = 0; row < batch.size(); ++row)
      scores[batch[row]] = {forced.log_prob(row), tgt_rows[row].size() + 1};
  }

  const ModelBundle& bundle_;
  WorkerPool pool_;
  std::size_t batch_tokens_;
  UndoneLines& undone_;
};

void write_score(std::ostream& out, const PairScore& score, std::size_t line, bool json) {
  if (!json) {
    out << fmt::format("{:.6f}\n", score.log_prob);
    return;
  }
  out << nlohmann::ordered_json{{"line", line},
                                {"log_probability", score.log_prob},
                                {"tokens", score.tokens},
                                {"perplexity", score.perplexity()}}  // of NaN: null
             .dump()
      << '\n';
}

void score(const ScoreOptions& options) {
  UndoneLines undone("its score is nan");
  PairReader reader(options.files, undone, options.shard);
  const ModelBundle bundle = load_bundle(options.model);
  Scorer scorer(bundle, options.model, undone);
  Output output(options.output, Output::OnFailure::kKeepPart);
  Progress progress("scoring", "pairs", 0);
  PairScore total{.log_prob = 0.0};
  const std::size_t before = reader.pairs_before();
  std::size_t lines = before;
  for (auto pairs = reader.take(kPairsScored); !pairs.empty(); pairs = reader.take(kPairsScored)) {
    for (const PairScore& pair : scorer.score(pairs, lines + 1)) {
      write_score(output.stream(), pair, ++lines, options.json);
      if (pair.tokens == 0) continue;
      total.log_prob += pair.log_prob;
      total.tokens += pair.tokens;
    }
    output.stream().flush();
    progress.update(lines - before);
  }
  output.finish();
  if (total.tokens > 0)
    spdlog::info("{} pairs, {} target pieces, log-probability {:.2f}, perplexity {:.3f}",
                 lines - before, total.tokens, total.log_prob, total.perplexity());
  undone.report();
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
  command->footer(
      "The logarithm is natural; the end of the sentence counts as a piece. Of a line that is no "
      "pair, or of more than 10,000 pieces on a side, the score is nan (null); there is a warning, "
      "and the exit status is 1.");
  command->callback([options, &action] { action = [options] { score(*options); }; });
}

}  // namespace heed
