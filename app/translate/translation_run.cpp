#include "app/translate/translation_run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "app/clean_input.h"
#include "app/model_folder.h"
#include "app/output.h"
#include "app/progress.h"
#include "app/translate/interactive.h"
#include "app/translate/line_queue.h"
#include "app/translate/scorer_source.h"
#include "app/translate/translation_writer.h"
#include "app/translate/translator.h"

namespace heed {
namespace {

constexpr std::size_t kFirstBlock = 64;
constexpr std::size_t kLargestBlock = 4096;

void converse_with(const AnswerLines& answer, std::ostream& out) {
  spdlog::info("type a sentence and Enter; Ctrl-D ends");
  converse([&](std::string line, std::size_t number) {
    clean_line(line, "stdin", number);
    answer({line}, number, {});
    out.flush();
  });
}

/// Blocks grow: the first answers come at once, later ones are sorted over many lines.
void answer_stream(LineReader reader, const AnswerLines& answer, std::ostream& out) {
  const std::string name = reader.name();
  const std::size_t before = reader.line_number();
  LineQueue queue(std::move(reader), 2 * kLargestBlock);
  Progress progress("translating", "lines", 0);
  std::size_t done = 0;
  std::size_t block_size = kFirstBlock;
  while (true) {
    std::vector<std::string> lines = queue.take(block_size);
    if (lines.empty()) return;
    for (std::size_t i = 0; i < lines.size(); ++i)
      clean_line(lines[i], name, before + done + i + 1);
    answer(lines, before + done + 1,
           [&](std::size_t of_block) { progress.update(done + of_block); });
    out.flush();
    done += lines.size();
    block_size = std::min(2 * block_size, kLargestBlock);
  }
}

}  // namespace

void answer_input(const std::string& path, LineReader input, const AnswerLines& answer,
                  std::ostream& out) {
  if (path == "-" && stdin_is_terminal())
    converse_with(answer, out);
  else
    answer_stream(std::move(input), answer, out);
}

void translate_plain(const TranslateOptions& options) {
  ShardedInput input = open_shard(std::array{options.input}, options.shard);
  const ModelFolder model = ModelFolder::load(options.model.path(), options.model.direction());
  HeadSelection unused = options.links.selection;
  resolve(unused, model.config.model);  // a wrong one is told even so
  WorkerPool pool(options.model.threads);
  const Translator translator(model, make_scorer_source(model, options.precision.choose()), pool,
                              options.translator_options(model.config));
  Output output(options.output);
  TranslationWriter writer(output.stream(), options.writer_options(), model.tokenizers.src);
  const auto answer = [&](const std::vector<std::string>& lines, std::size_t first_line,
                          const std::function<void(std::size_t)>& on_progress) {
    writer.write(first_line, lines, translator.translate(lines, first_line, on_progress));
  };
  answer_input(options.input, std::move(input.readers.front()), answer, output.stream());
  output.finish();
}

}  // namespace heed
