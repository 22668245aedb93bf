#include "data/tokenizer_model_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "data/tokenizer_fields.h"
#include "data/utf8.h"
#include "data/wire_format.h"

namespace heed {
namespace {

using namespace tokenizer_fields;

// SentencePiece keeps the matches of a prefix search in arrays of these sizes on its stack and
// reads as many as were found.
constexpr int kMaxCharsmapMatches = 32;
constexpr std::size_t kMaxUserDefinedMatches = 64;

void require(bool condition, const char* reason) {
  if (!condition) throw std::runtime_error(reason);
}

/// A double-array trie in the format of darts-clone, as far as reading one needs it
/// (s-yata/darts-clone, "Darts-clone: A clone of Darts").
class CharsmapTrie {
 public:
  CharsmapTrie(std::string_view units, std::size_t replacements_size)
      : units_(units.size() / sizeof(std::uint32_t)), replacements_size_(replacements_size) {
    require(!units_.empty(), kBroken);
    std::memcpy(units_.data(), units.data(), units_.size() * sizeof(std::uint32_t));
    link_children();
  }

  void check() {
    const int matches = count_matches(offset(units_[0]), 0);
    require(matches <= kMaxCharsmapMatches, kBroken);
  }

 private:
  static constexpr const char* kBroken = "its normalization table is damaged";
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  static constexpr int kUnvisited = -1;
  static constexpr int kInProgress = -2;
  static constexpr int kMaxDepth = 1024;

  static std::size_t offset(std::uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); }
  static bool has_leaf(std::uint32_t unit) { return ((unit >> 8) & 1) != 0; }
  static std::uint32_t label(std::uint32_t unit) { return unit & 0x800000FF; }
  static std::uint32_t value(std::uint32_t unit) { return unit & 0x7FFFFFFF; }

  // A unit is the child of `base` under symbol c when it lies at base ^ c and has the label c.
  // Looking at each unit once is far faster than trying 256 symbols at each node.
  void link_children() {
    first_child_.assign(units_.size(), kNone);
    next_child_.assign(units_.size(), kNone);
    most_matches_.assign(units_.size(), kUnvisited);
    for (std::size_t i = 0; i < units_.size(); ++i) {
      const std::size_t base = i ^ label(units_[i]);
      if (base >= units_.size()) continue;  // also where the label is no symbol
      next_child_[i] = std::exchange(first_child_[base], i);
    }
  }

  // The most keys on a path below `base`.
  int count_matches(std::size_t base, int depth) {
    require((base | 0xFF) < units_.size() && depth < kMaxDepth, kBroken);
    int most = 0;
    for (std::size_t i = first_child_[base]; i != kNone; i = next_child_[i]) {
      most = std::max(most, count_matches_at(i, depth + 1));
    }
    return most;
  }

  // Branches are shared, hence the memory of what was seen; one that contains itself is damage.
  int count_matches_at(std::size_t node, int depth) {
    require(most_matches_[node] != kInProgress, kBroken);
    if (most_matches_[node] != kUnvisited) return most_matches_[node];
    most_matches_[node] = kInProgress;
    const std::size_t base = node ^ offset(units_[node]);
    int matches = count_matches(base, depth);
    if (has_leaf(units_[node])) {
      require(value(units_[base]) < replacements_size_, kBroken);
      ++matches;
    }
    most_matches_[node] = matches;
    return matches;
  }

  std::vector<std::uint32_t> units_;
  std::vector<std::size_t> first_child_;  // of a base; further ones follow by next_child_
  std::vector<std::size_t> next_child_;
  std::vector<int> most_matches_;
  std::size_t replacements_size_;
};

// A charsmap is the size of the trie in bytes, the trie, and the replacements, each ended by NUL.
void check_charsmap(std::string_view charsmap) {
  if (charsmap.empty()) return;
  std::uint32_t trie_size = 0;
  require(charsmap.size() > sizeof trie_size, "its normalization table is truncated");
  std::memcpy(&trie_size, charsmap.data(), sizeof trie_size);
  charsmap.remove_prefix(sizeof trie_size);
  require(trie_size < charsmap.size(), "its normalization table is truncated");
  const std::string_view replacements = charsmap.substr(trie_size);
  require(replacements.ends_with('\0'), "its normalization table is truncated");
  CharsmapTrie(charsmap.substr(0, trie_size), replacements.size()).check();
}

void check_score(std::uint64_t bits) {
  const auto low_bits = static_cast<std::uint32_t>(bits);
  float score = 0;
  std::memcpy(&score, &low_bits, sizeof score);
  require(std::isfinite(score), "a piece has a score that is no number");
}

std::string_view bytes_of(const WireField& field) {
  require(field.type == WireType::kBytes, "it is damaged or no SentencePiece model");
  return field.bytes;
}

/// What the checks need to know of all pieces.
class ModelCheck {
 public:
  void check(std::string_view model) {
    for (WireReader reader(model); !reader.is_done();) check_field(reader.next());
    require(num_pieces_ > 0, "it has no pieces");
    require(num_pieces_ <= std::numeric_limits<std::int32_t>::max(), "it has too many pieces");
    require(has_trainer_ && has_normalizer_, "it is truncated: settings are missing at its end");
    check_user_defined();
  }

 private:
  void check_field(const WireField& field) {
    switch (field.number) {
      case kModelPieces:
        ++num_pieces_;
        check_piece(bytes_of(field));
        break;
      case kModelTrainerSpec:
        has_trainer_ = true;
        for (WireReader reader(bytes_of(field)); !reader.is_done();) reader.next();
        break;
      case kModelNormalizerSpec:
        has_normalizer_ = true;
        check_normalizer(bytes_of(field));
        break;
      case kModelDenormalizerSpec:
        check_denormalizer(bytes_of(field));
        break;
      default:
        break;
    }
  }

  void check_piece(std::string_view piece) {
    std::string_view text;
    std::uint64_t type = 0;
    for (WireReader reader(piece); !reader.is_done();) {
      const WireField field = reader.next();
      if (field.number == kPieceText) text = bytes_of(field);
      if (field.number == kPieceScore) check_score(field.value);
      if (field.number == kPieceType) type = field.value;
    }
    require(!text.empty(), "a piece is empty");
    require(text.find('\0') == std::string_view::npos && is_valid_utf8(text),
            "a piece is not valid UTF-8 text");
    if (type == kTypeUserDefined) user_defined_.emplace_back(text);
  }

  static void check_normalizer(std::string_view normalizer) {
    for (WireReader reader(normalizer); !reader.is_done();) {
      const WireField field = reader.next();
      if (field.number == kNormalizerCharsmap) check_charsmap(bytes_of(field));
    }
  }

  // A denormalizer changes the text after SentencePiece noted where its pieces lie.
  static void check_denormalizer(std::string_view denormalizer) {
    for (WireReader reader(denormalizer); !reader.is_done();) {
      const WireField field = reader.next();
      require(field.number != kNormalizerCharsmap || bytes_of(field).empty(),
              "it has a denormalization table, which heed does not support");
    }
  }

  // Of sorted strings, those that are prefixes of one another follow one another.
  void check_user_defined() {
    std::sort(user_defined_.begin(), user_defined_.end());
    std::vector<std::string_view> prefixes;
    for (const std::string_view symbol : user_defined_) {
      while (!prefixes.empty() && !symbol.starts_with(prefixes.back())) prefixes.pop_back();
      prefixes.push_back(symbol);
      require(prefixes.size() <= kMaxUserDefinedMatches,
              "too many of its user-defined symbols begin with one another");
    }
  }

  std::uint64_t num_pieces_ = 0;
  bool has_trainer_ = false;
  bool has_normalizer_ = false;
  std::vector<std::string_view> user_defined_;
};

}  // namespace

std::string read_tokenizer_model(const std::filesystem::path& path) {
  // A pipe or a device might never end.
  if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) {
    throw std::runtime_error(
        fmt::format("{}: cannot read: it is {}", path.string(),
                    std::filesystem::is_directory(path) ? "a folder" : "no regular file"));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) {
    throw std::runtime_error(fmt::format("{}: cannot read the tokenizer model: {}", path.string(),
                                         std::strerror(errno != 0 ? errno : EIO)));
  }
  return bytes;
}

void check_tokenizer_model(std::string_view bytes) {
  require(!bytes.empty(), "it is empty");
  ModelCheck().check(bytes);
}

}  // namespace heed
