#include "app/translate/translation_run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

#include "app/clean_input.h"
#include "app/model_folder.h"
#include "app/output.h"
#include "app/progress.h"
#include "app/translate/interactive.h"
#include "app/translate/line_queue.h"
#include "app/translate/prefixes.h"
#include "app/translate/scorer_source.h"
#include "app/translate/translation_writer.h"
#include "app/translate/translator.h"

namespace heed {
namespace {

constexpr std::size_t kFirstBlock = 256;
constexpr std::size_t kLargestBlock = 4096;

void converse_with(const AnswerLines& answer, std::ostream& out) {
  spdlog::info("type a sentence and Enter; Ctrl-D ends");
  InputCleaner cleaner("stdin");
  converse([&](std::string line, std::size_t number) {
    cleaner.clean(line, number);
    answer({{&line, 1}, number}, {});
    out.flush();
  });
}

/// Blocks grow: the first answers come at once, later ones are sorted over many lines.
void answer_stream(LineReader reader, const AnswerLines& answer, std::ostream& out,
                   UndoneLines& undone) {
  InputCleaner cleaner(reader.name(), &undone);
  const std::size_t before = reader.line_number();
  LineQueue queue(std::move(reader), 2 * kLargestBlock);
  Progress progress("translating", "lines", 0);
  std::size_t done = 0;
  std::size_t block_size = kFirstBlock;
  while (true) {
    std::vector<std::string> lines = queue.take(block_size);
    if (lines.empty()) return;
    for (std::size_t i = 0; i < lines.size(); ++i) cleaner.clean(lines[i], before + done + i + 1);
    answer({lines, before + done + 1},
           [&](std::size_t of_block) { progress.update(done + of_block); });
    out.flush();
    done += lines.size();
    block_size = std::min(4 * block_size, kLargestBlock);
  }
}

std::vector<ModelFolder> load_folders(const ModelOptions& options) {
  std::vector<ModelFolder> folders;
  for (const std::string& path : options.models) {
    folders.push_back(ModelFolder::load(path, options.direction()));
    check_same_pieces(folders.back(), folders.front());
  }
  return folders;
}

}  // namespace

void answer_input(const TranslateOptions& options, ShardedInput input, const AnswerLines& answer,
                  std::ostream& out, UndoneLines& undone) {
  Prefixes prefixes(options.prefix, options.prefix_file.empty()
                                        ? std::nullopt
                                        : std::optional(std::move(input.readers.back())));
  const auto answer_block = [&](const LineBlock& block,
                                const std::function<void(std::size_t)>& on_progress) {
    const std::vector<std::string> of_block = prefixes.take(block.size());
    answer({block.lines, block.first_line, of_block}, on_progress);
  };
  if (options.input == "-" && stdin_is_terminal())
    converse_with(answer_block, out);
  else
    answer_stream(std::move(input.readers.front()), answer_block, out, undone);
  prefixes.check_end();
}

void translate_plain(const TranslateOptions& options) {
  ShardedInput input = open_shard(options.files(), options.shard);
  const std::vector<ModelFolder> models = load_folders(options.model);
  const ModelFolder& model = models.front();
  HeadSelection unused = options.links.selection;
  resolve(unused, model.config.model);  // a wrong one is told even so
  WorkerPool pool(options.model.threads);
  std::vector<ScorerSource> members;
  for (const ModelFolder& member : models)
    members.push_back(make_scorer_source(member, options.precision.choose()));
  UndoneLines undone("left empty");
  TranslatorOptions translator_options = options.translator_options(model.config);
  translator_options.undone = &undone;
  const Translator translator(model, make_ensemble_source(std::move(members)), pool,
                              std::move(translator_options));
  Output output(options.output, Output::OnFailure::kKeepPart);
  TranslationWriter writer(output.stream(), options.writer_options(), model.tokenizers.src);
  const auto answer = [&](const LineBlock& block,
                          const std::function<void(std::size_t)>& on_progress) {
    writer.write(block, translator.translate(block, on_progress));
  };
  answer_input(options, std::move(input), answer, output.stream(), undone);
  output.finish();
  undone.report();
}

}  // namespace heed
