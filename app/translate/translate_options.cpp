#include "app/translate/translate_options.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "app/cli_options.h"
#include "app/errors.h"

namespace heed {

void TranslateOptions::check() const {
  if (!markup && !placeholder_word.empty())
    throw UsageError("--placeholder-word is for --markup; give both or neither");
  if (!sample &&
      (draw.temperature != 1.0 || draw.top_k != 0 || draw.top_p != 1.0 || seed != Drawing{}.seed))
    throw UsageError("--temperature, --top-k, --top-p and --seed are for --sample; give it too");
  if (sample && (beam_size || coverage_penalty > 0.0 || stopping))
    throw UsageError(
        "--sample draws, while --beam-size, --coverage-penalty and --stopping are of a search; "
        "give one of them");
  if (!prefix.empty() && !prefix_file.empty())
    throw UsageError("--prefix is for all lines, --prefix-file has one a line; give one of them");
  if (markup && !(prefix.empty() && prefix_file.empty()))
    throw UsageError("--markup puts tags where it will, --prefix words; give one of them");
}

std::vector<std::string> TranslateOptions::files() const {
  if (prefix_file.empty()) return {input};
  return {input, prefix_file};
}

bool TranslateOptions::needs_network() const {
#ifdef HEED_CUDA
  const bool may_take_gpu = model.device != Device::kCpu;
#else
  const bool may_take_gpu = model.device == Device::kCuda;  // which will say what is missing
#endif
  return wants_links() || markup || !view.empty() || may_take_gpu;
}

SearchOptions TranslateOptions::search(const RunConfig& config) const {
  SearchOptions search = config.search;
  search.beam_size = beam_size.value_or(std::max(search.beam_size, n_best));
  search.n_best = n_best;
  search.length_penalty = length_penalty.value_or(search.length_penalty);
  search.max_length = max_length.value_or(search.max_length);
  search.max_length_ratio = max_length_ratio.value_or(search.max_length_ratio);
  search.max_length_offset = max_length_offset.value_or(search.max_length_offset);
  search.stopping = stopping.value_or(search.stopping);
  search.coverage_penalty = coverage_penalty;
  search.min_length = min_length;
  search.no_repeat_ngram = no_repeat_ngram;
  search.with_scores = search.beam_size > 1 || json || !view.empty();
  if (sample) return search;
  if (search.n_best > search.beam_size)
    throw UsageError("--n-best " + std::to_string(n_best) + " is more than --beam-size " +
                     std::to_string(search.beam_size) + "; a beam gives no more than its size");
  return search;
}

TranslatorOptions TranslateOptions::translator_options(const RunConfig& config) const {
  TranslatorOptions options;
  options.search = search(config);
  if (sample) options.drawing = Drawing{draw, seed};
  options.max_tokens = model.batch_tokens.value_or(kInferenceBatchTokens);
  options.split_sentences = split_sentences;
  options.split_length = split_length;
  return options;
}

void TranslateOptions::add_to(CLI::App& command) {
  command.add_option("input", input, "File to translate, plain or gzip; - is standard input")
      ->capture_default_str()
      ->type_name("FILE");
  add_shard_option(command, shard);
  add_output_to(command);
  add_view_to(command);
  model.add_to(command);
  command.get_option("--model")->description(
      "Model or run folder; of a run its best model is taken. Several, each after a --model of its "
      "own, translate together by the mean of their probabilities; links are the first one's");
  precision.add_to(command);
  links.add_to(command);
  add_search_to(command);
  add_sampling_to(command);
  add_long_text_to(command);
  add_markup_to(command);
}

void TranslateOptions::add_output_to(CLI::App& command) {
  command.add_option("-o,--output", output, "Where to write; - is standard output")
      ->capture_default_str()
      ->type_name("FILE")
      ->group("Output");
  add_choice(command, "--alignments", alignments,
             {{"none", AlignmentOutput::kNone},
              {"pharaoh", AlignmentOutput::kPharaoh},
              {"soft", AlignmentOutput::kSoft}},
             "Word links after each output, `text ||| i-j ...`; soft adds weights, `i-j:p`")
      ->group("Output");
  command
      .add_flag("--json", json, "One JSON object a line: words, pieces, score, alignment, n-best")
      ->group("Output");
}

void TranslateOptions::add_view_to(CLI::App& command) {
  command
      .add_option("--view", view,
                  "Also write a page to look at: attention, links, and the search step by step")
      ->type_name("FILE.html")
      ->group("Output");
  command
      .add_option(
          "--view-lines", view_lines,
          "Lines shown by --view; the first of the input. Each of a line's parts is shown by "
          "itself")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Output");
}

void TranslateOptions::add_markup_to(CLI::App& command) {
  command
      .add_flag("--markup", markup,
                "Carry inline tags (<b>...</b>, <br/>) and placeholders ({0}, {name}, %s, %1$d) "
                "into the output by word alignment, each exactly as often as in the line. "
                "Character references (&amp;) are read; &, <, > are written so in lines that have "
                "any, and in lines with tags and no bare & or <")
      ->group("Markup");
  command
      .add_option("--placeholder-word", placeholder_word,
                  "What the model reads in place of a placeholder that its vocabulary cannot "
                  "spell: a name it knows well")
      ->default_str("Tom, or another common name that is short in pieces")
      ->type_name("WORD")
      ->group("Markup");
}

void TranslateOptions::add_sampling_to(CLI::App& command) {
  const auto add = [&command](const char* name, auto& target, const char* help) {
    return command.add_option(name, target, help)->capture_default_str()->group("Sampling");
  };
  command
      .add_flag("--sample", sample,
                "Draw outputs by their probability instead of searching for the best; --n-best N "
                "draws N, in no order")
      ->group("Sampling");
  add("--temperature", draw.temperature,
      "Below 1 likely pieces become likelier yet, above 1 the others")
      ->check(CLI::PositiveNumber);
  add("--top-k", draw.top_k, "Draw from so many of the likeliest pieces; 0: from all")
      ->check(CLI::NonNegativeNumber);
  add("--top-p", draw.top_p,
      "... and from as few of the likeliest as it takes to have this probability together")
      ->check(CLI::Range(1e-6, 1.0));
  add("--seed", seed,
      "Same seed, same draws: they depend on it and the line's number, not on threads or shards");
}

void TranslateOptions::add_long_text_to(CLI::App& command) {
  command
      .add_flag("--split-sentences", split_sentences,
                "Translate each sentence of a line by itself. Between their translations comes the "
                "white space that was between them; where either side of it is Chinese, Japanese, "
                "Thai or the like, no space, unless the model's target language has them; where "
                "there was none behind a sentence of these languages, a space for others. Scores "
                "are sums, words and links those of the line")
      ->group("Long text");
  command
      .add_option(
          "--split-length", split_length,
          "A line (or sentence) of more pieces is cut into parts of about one length, at "
          "the ends of sentences, else of clauses, else at white space, else anywhere, and "
          "its translation put together as with --split-sentences; 0, and more than 10,000: only "
          "beyond 10,000 pieces")
      ->default_str("what the model was trained on")
      ->type_name("PIECES")
      ->group("Long text");
}

void TranslateOptions::add_search_to(CLI::App& command) {
  const auto add = [&command](const char* name, auto& target, const char* help,
                              const char* standard) {
    return command.add_option(name, target, help)->default_str(standard)->group("Search");
  };
  add("-b,--beam-size", beam_size, "Hypotheses kept; 1 is greedy search", "the model's")
      ->check(CLI::Range(1, 1000));
  add("--n-best", n_best,
      "Outputs of each line, printed as `index ||| text ||| score`; where there are fewer the last "
      "is repeated",
      "1")
      ->check(CLI::Range(1, 1000));
  add("--length-penalty", length_penalty,
      "alpha: hypotheses are ranked by log p / length^alpha, length in pieces with eos; 0 ranks by "
      "probability",
      "the model's")
      ->check(CLI::NonNegativeNumber);
  add("--coverage-penalty", coverage_penalty,
      "beta: of each finished hypothesis, beta * the sum of log(min(attention, 1)) over the source "
      "pieces is added to its score, attention being what all steps gave the piece (Wu et al. "
      "2016); it speaks against leaving words out",
      "0")
      ->check(CLI::NonNegativeNumber);
  add("--max-length", max_length, "An output has at most this many pieces", "the model's")
      ->check(CLI::PositiveNumber);
  add("--max-length-ratio", max_length_ratio, "... and at most ratio * (source pieces) + offset",
      "the model's")
      ->check(CLI::NonNegativeNumber);
  add("--max-length-offset", max_length_offset, "... see --max-length-ratio", "the model's")
      ->check(CLI::NonNegativeNumber);
  add("--min-length", min_length,
      "No output ends ahead of so many pieces, the maximum length excepted", "0")
      ->check(CLI::NonNegativeNumber);
  add("--prefix", prefix,
      "Every translation begins with this text, in whole words; of a line in parts the first does",
      "none")
      ->type_name("TEXT");
  add("--prefix-file", prefix_file, "The same for each line, which may be empty", "none")
      ->type_name("FILE");
  add("--no-repeat-ngram", no_repeat_ngram,
      "No output holds a sequence of so many pieces twice; 0 allows any", "0")
      ->check(CLI::NonNegativeNumber);
  const Choices<Stopping> rules{{"bound", Stopping::kBound},
                                {"ctranslate2", Stopping::kCTranslate2}};
  add_choice(command, "--stopping", stopping, rules,
             "bound: a search ends when nothing better can come or beam-size outputs are finished; "
             "ctranslate2: by that program's rule, which also cuts at the maximum length")
      ->default_str("the model's")
      ->group("Search");
}

}  // namespace heed
