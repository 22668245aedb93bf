#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "app/translate/translate_options.h"
#include "app/undone_lines.h"
#include "data/text_io.h"

namespace heed {

/// Translates lines and writes what they give, in their order. `on_progress` gets the number of
/// lines done, one call at a time.
using AnswerLines = std::function<void(const LineBlock& block,
                                       const std::function<void(std::size_t)>& on_progress)>;

/// Answers, with its prefixes, what `input` (open at `options.files()`) holds while it still comes,
/// or lines typed at a prompt where a person sits there; `out` is flushed after each answer. Lines
/// that are too long are empty, and are told to `undone`.
void answer_input(const TranslateOptions& options, ShardedInput input, const AnswerLines& answer,
                  std::ostream& out, UndoneLines& undone);

/// Translates plain text on a CPU, by packed weights alone.
void translate_plain(const TranslateOptions& options);

/// Translates with all there is: links, markup, pages, GPUs.
void translate_by_network(const TranslateOptions& options);

}  // namespace heed
