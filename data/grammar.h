#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/random.h"

namespace heed {

/// A sentence, its translation, and which words of one belong to which of the other.
struct AlignedPair {
  std::vector<std::string> source;
  std::vector<std::string> target;
  std::vector<std::pair<std::size_t, std::size_t>> links;  ///< (source, target), 0-based, ascending

  bool operator==(const AlignedPair&) const = default;
};

/// A synchronous context-free grammar with features: each rule builds a phrase in both languages at
/// once (Aho and Ullman, "Syntax directed translations and the pushdown assembler", 1969; features
/// as in Shieber, "An Introduction to Unification-Based Approaches to Grammar", 1986).
///
/// The file is UTF-8 text. `#` at the start of a token begins a comment; a backslash makes the next
/// character ordinary. A line that starts in the first column is a statement:
///
///     languages en ja              names of the source and target, also endings of file names
///     capitalize en                the first letter (a-z) of a sentence becomes a capital
///     join ja                      written without spaces between words
///     sound en : a -> an before a e i o u except uni
///                                  a word changes by how the next word begins
///     start Sentence               where derivation begins
///     feature number = sg pl       a feature and its values; several names may share values:
///     feature class subject object = person*3 animal food
///                                  a weight (here person:animal:food are 3:1:1) counts where
///                                  sampling is free to choose
///     limit Relative 2             at most 2 nested inside one another
///     once Noun Name               a word of these lists stands at most once in a sampled sentence
///     hold The cat sat .           a sentence (of the source language) kept out of the corpus
///     words NAME[...] : COLUMNS | COLUMNS      dictionary, one entry an indented line
///     rule NAME[...]               phrases, one alternative an indented line
///
/// Dictionary. The head names the columns of each language; an entry has one word for each. Inside
/// a column `_` stands between words, `-` for no word, and `~` before a word that is aligned to
/// nothing; all other words of an entry are linked, each with each.
///
///     words Noun[class=animal] : sg pl | ja
///       cat   cats   | 猫
///       mouse mice   | ネズミ
///
/// Rules. `[WEIGHT :] SOURCE || TARGET`; a side is a sequence of words and slots. Each slot of the
/// source stands once on the target, without features, in any order: `<Name#tag[features]:column>`.
/// The tag tells two slots of one name apart. The column of a word list is a column's name or a
/// feature (then the column named like its value); it may be left out when there is only one. Words
/// are linked by labels: `on^1 ... の^1 上^1` links words with the same label, each source word
/// with each target word; `まし^Verb` links with the head words of slot <Verb> on the other side;
/// `<Counter>^Noun` links the head words of <Counter> on this side with those of <Noun> on the
/// other. The head of a rule is the slot marked `*`, or its only slot. Words without a label are
/// unaligned.
///
///     rule Phrase[number class]
///       3 : the <Noun[class]:number> || <Noun>
///
/// Features. In a head, `number` means any value, `number=sg/pl` one of these. In a slot, `number`
/// means the value of the head's (or another slot's) `number`, `number=$n` the value of the
/// variable n, `number=sg/pl` one of these, and a feature that is not mentioned any value.
///
/// Sampling picks a rule by weight, then among the ways to fill it in proportion to the number of
/// words that can be its head, then the word uniformly.
///
/// Thread use: const functions may be called from several threads.
class Grammar {
 public:
  /// `name` stands for the file in messages. Throws std::runtime_error "NAME:LINE: ...", also for
  /// rules that no sentence can use, endless recursion, and held sentences with no translation or
  /// two.
  static Grammar parse(std::string_view text, const std::string& name);
  /// At most 16 MiB.
  static Grammar load(const std::filesystem::path& path);

  AlignedPair sample(SplitMix64& random) const;

  /// Every translation of a sentence of the source language, each once, in the order of the rules;
  /// at most 64 are looked for. Empty when the grammar does not cover it.
  std::vector<AlignedPair> translate(const std::vector<std::string>& source) const;

  /// The sentences of `hold` lines.
  const std::vector<AlignedPair>& held() const;

  const std::array<std::string, 2>& languages() const;
  /// Whether words of the language (0 source, 1 target) are written without spaces.
  bool is_joined(std::size_t side) const;

 private:
  struct Impl;
  explicit Grammar(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace heed
