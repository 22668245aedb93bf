#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "app/commands.h"
#include "app/make_corpus/sample_corpus.h"
#include "data/atomic_file.h"
#include "data/grammar.h"
#include "default_grammar.h"

namespace heed {

namespace {

constexpr char kDescription[] =
    "Sample a parallel corpus with exact word alignments from a synchronous grammar";

constexpr char kFooter[] =
    "Files, for SPLIT in train, dev, test and held (the grammar's 'hold' sentences):\n"
    "  SPLIT.en, SPLIT.ja   one sentence a line, words separated by spaces\n"
    "  SPLIT.raw.ja         the same without spaces, for a language written so\n"
    "  SPLIT.align          word alignments i-j, counted from 0: i in SPLIT.en, j in SPLIT.ja\n"
    "The endings en and ja are those of the shipped grammar; another names its own.\n"
    "No sentence of either language stands in two splits. The same seed gives the same files.\n";

struct MakeCorpusOptions {
  SampleCorpusOptions corpus;
  std::filesystem::path out;
  std::filesystem::path grammar;  ///< empty: the one shipped
};

void write_words(const std::filesystem::path& path, const std::vector<AlignedPair>& pairs,
                 std::size_t side, const char* separator) {
  std::string text;
  for (const AlignedPair& pair : pairs) {
    text += fmt::format("{}\n", fmt::join(side == 0 ? pair.source : pair.target, separator));
  }
  write_file_atomically(path, text);
}

void write_split(const Grammar& grammar, const std::filesystem::path& folder,
                 const std::string& split, const std::vector<AlignedPair>& pairs) {
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const std::string& language = grammar.languages()[side];
    write_words(folder / fmt::format("{}.{}", split, language), pairs, side, " ");
    if (grammar.is_joined(side)) {
      write_words(folder / fmt::format("{}.raw.{}", split, language), pairs, side, "");
    }
  }
  std::string links;
  for (const AlignedPair& pair : pairs) links += pharaoh_text(pair) + '\n';
  write_file_atomically(folder / (split + ".align"), links);
}

void make_corpus(const MakeCorpusOptions& options) {
  const Grammar grammar = options.grammar.empty()
                              ? Grammar::parse(kDefaultGrammar, "the shipped grammar")
                              : Grammar::load(options.grammar);
  const SampleCorpus corpus = sample_corpus(grammar, options.corpus);
  std::filesystem::create_directories(options.out);
  write_split(grammar, options.out, "held", corpus.held);
  write_split(grammar, options.out, "test", corpus.test);
  write_split(grammar, options.out, "dev", corpus.dev);
  write_split(grammar, options.out, "train", corpus.train);
  spdlog::info("{}: {} pairs to train on, {} dev, {} test, {} held out", options.out.string(),
               corpus.train.size(), corpus.dev.size(), corpus.test.size(), corpus.held.size());
}

}  // namespace

void add_make_corpus_command(CLI::App& root, CommandAction& action) {
  constexpr std::size_t kMostPairs = 10000000;
  auto options = std::make_shared<MakeCorpusOptions>();
  CLI::App* command = root.add_subcommand("make-corpus", kDescription);
  command->footer(kFooter);
  command->add_option("--pairs", options->corpus.train, "Sentence pairs to train on")
      ->group("Size")
      ->check(CLI::Range(std::size_t{1}, kMostPairs))
      ->capture_default_str();
  command->add_option("--dev", options->corpus.dev, "Sentence pairs to validate on")
      ->group("Size")
      ->check(CLI::Range(std::size_t{0}, kMostPairs))
      ->capture_default_str();
  command->add_option("--test", options->corpus.test, "Sentence pairs to test on")
      ->group("Size")
      ->check(CLI::Range(std::size_t{0}, kMostPairs))
      ->capture_default_str();
  command->add_option("--seed", options->corpus.seed, "Seed of the random choices")
      ->group("Size")
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder to write into; it is made if it is missing")
      ->group("Files")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--grammar", options->grammar,
                   "Grammar file; by default the English-Japanese one shipped")
      ->group("Files")
      ->type_name("FILE");
  command->callback([options, &action] { action = [options] { make_corpus(*options); }; });
}

}  // namespace heed
