#include "data/subword_sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>

#include "data/utf8.h"

namespace heed {
namespace {

constexpr std::string_view kSpaceMark = "\u2581";

constexpr std::uint64_t pair_key(std::uint64_t first, TokenId second) {
  return (first << 32) | static_cast<std::uint32_t>(second);
}

std::unordered_map<std::string_view, TokenId> index_text_pieces(const Vocabulary& vocabulary) {
  std::unordered_map<std::string_view, TokenId> ids;
  for (std::size_t id = 0; id < vocabulary.pieces.size(); ++id)
    if (vocabulary.pieces[id].is_text)
      ids.emplace(vocabulary.pieces[id].text, static_cast<TokenId>(id));
  return ids;
}

}  // namespace

/// The characters of each piece, as ids.
class SubwordSampler::Spelling {
 public:
  explicit Spelling(const Vocabulary& vocabulary) {
    const auto ids = index_text_pieces(vocabulary);
    for (const VocabularyPiece& piece : vocabulary.pieces) {
      if (piece.is_text) spell(piece.text, ids);
      offsets_.push_back(characters_.size());
    }
  }

  /// None where `id` spells no text, or a character that has no piece of its own.
  std::span<const TokenId> characters(TokenId id) const {
    const auto i = static_cast<std::size_t>(id);
    return std::span(characters_).subspan(offsets_[i], offsets_[i + 1] - offsets_[i]);
  }

 private:
  void spell(std::string_view text, const std::unordered_map<std::string_view, TokenId>& ids) {
    const std::size_t before = characters_.size();
    for (std::size_t position = 0; position < text.size();) {
      const std::size_t begin = position;
      next_code_point(text, position);
      const auto found = ids.find(text.substr(begin, position - begin));
      if (found == ids.end()) return characters_.resize(before);
      characters_.push_back(found->second);
    }
  }

  std::vector<TokenId> characters_;
  std::vector<std::size_t> offsets_{0};
};

/// How a stretch of characters becomes pieces.
class SubwordSampler::Method {
 public:
  virtual ~Method() = default;
  virtual void split(std::span<const TokenId> characters, SplitMix64& random,
                     std::vector<TokenId>& pieces) const = 0;
};

/// BPE, word by word: of neighbouring symbols the two that make the piece of the highest score are
/// merged first, of equals the leftmost.
class SubwordSampler::Merging final : public Method {
 public:
  Merging(const Vocabulary& vocabulary, double dropout) : dropout_(dropout) {
    const auto ids = index_text_pieces(vocabulary);
    if (const auto space = ids.find(kSpaceMark); space != ids.end()) space_ = space->second;
    for (const auto& [text, id] : ids) {
      const float score = vocabulary.pieces[static_cast<std::size_t>(id)].score;
      for (std::size_t middle = 0; next_code_point(text, middle), middle < text.size();) {
        const auto left = ids.find(text.substr(0, middle));
        const auto right = ids.find(text.substr(middle));
        if (left != ids.end() && right != ids.end())
          merges_.emplace(pair_key(static_cast<std::uint64_t>(left->second), right->second),
                          Merge{id, score});
      }
    }
  }

  void split(std::span<const TokenId> characters, SplitMix64& random,
             std::vector<TokenId>& pieces) const override {
    while (!characters.empty()) {
      const auto next = std::find(characters.begin() + 1, characters.end(), space_);
      const auto size = static_cast<std::size_t>(next - characters.begin());
      split_word(characters.first(size), random, pieces);
      characters = characters.subspan(size);
    }
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  static constexpr TokenId kGone = -1;

  struct Merge {
    TokenId id;
    float score;
  };
  struct Symbol {
    TokenId id = kGone;
    std::size_t before = kNone;
    std::size_t after = kNone;
  };
  struct Candidate {
    float score;
    std::size_t left;
    TokenId left_id, right_id, id;
    bool operator<(const Candidate& other) const {
      return score != other.score ? score < other.score : left > other.left;
    }
  };

  /// Of the merges that are possible each is left out with the probability `dropout_`, and the best
  /// of the others is made; and again, until all are left out at a time.
  void split_word(std::span<const TokenId> characters, SplitMix64& random,
                  std::vector<TokenId>& pieces) const {
    std::vector<Symbol> symbols(characters.size());
    std::priority_queue<Candidate> candidates;
    std::vector<Candidate> left_out;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      symbols[i] = {characters[i], i == 0 ? kNone : i - 1, i + 1};
      if (i > 0) propose(symbols, i - 1, i, candidates);
    }
    while (!candidates.empty()) {
      const Candidate best = candidates.top();
      candidates.pop();
      if (!is_possible(symbols, best)) continue;
      if (random.uniform() < dropout_) {
        left_out.push_back(best);
        continue;
      }
      merge(symbols, best, candidates);
      for (const Candidate& candidate : left_out) candidates.push(candidate);
      left_out.clear();
    }
    for (std::size_t i = 0; i < symbols.size(); i = symbols[i].after)
      pieces.push_back(symbols[i].id);
  }

  /// Either symbol may be a part of another piece by now.
  static bool is_possible(const std::vector<Symbol>& symbols, const Candidate& candidate) {
    const Symbol& left = symbols[candidate.left];
    return left.id == candidate.left_id && left.after < symbols.size() &&
           symbols[left.after].id == candidate.right_id;
  }

  void propose(const std::vector<Symbol>& symbols, std::size_t left, std::size_t right,
               std::priority_queue<Candidate>& candidates) const {
    const TokenId left_id = symbols[left].id;
    const TokenId right_id = symbols[right].id;
    const auto found = merges_.find(pair_key(static_cast<std::uint64_t>(left_id), right_id));
    if (found != merges_.end())
      candidates.push({found->second.score, left, left_id, right_id, found->second.id});
  }

  void merge(std::vector<Symbol>& symbols, const Candidate& best,
             std::priority_queue<Candidate>& candidates) const {
    Symbol& left = symbols[best.left];
    Symbol& right = symbols[left.after];
    left.id = best.id;
    left.after = right.after;
    right.id = kGone;
    if (left.after < symbols.size()) {
      symbols[left.after].before = best.left;
      propose(symbols, best.left, left.after, candidates);
    }
    if (left.before != kNone) propose(symbols, left.before, best.left, candidates);
  }

  double dropout_;
  TokenId space_ = kGone;  // the piece that words begin with
  std::unordered_map<std::uint64_t, Merge> merges_;
};

/// Unigram: forward filtering, backward sampling over the lattice of all segmentations (Kudo 2018,
/// section 3.3).
class SubwordSampler::Lattice final : public Method {
 public:
  Lattice(const Vocabulary& vocabulary, const Spelling& spelling, double alpha) {
    for (std::size_t id = 0; id < vocabulary.pieces.size(); ++id) {
      const auto characters = spelling.characters(static_cast<TokenId>(id));
      if (characters.empty()) continue;
      std::uint32_t node = 0;
      for (const TokenId character : characters) node = child(node, character);
      nodes_[node] = {static_cast<TokenId>(id), alpha * vocabulary.pieces[id].score};
    }
  }

  void split(std::span<const TokenId> characters, SplitMix64& random,
             std::vector<TokenId>& pieces) const override {
    // Of each place: what ends there, and the logarithm of the sum over all ways to it.
    std::vector<std::vector<Arrival>> arrivals(characters.size() + 1);
    std::vector<double> log_sums(characters.size() + 1, 0.0);
    for (std::size_t begin = 0; begin < characters.size(); ++begin) {
      if (begin > 0) log_sums[begin] = log_sum(arrivals[begin]);
      std::optional<std::uint32_t> node = 0;
      for (std::size_t end = begin; end < characters.size(); ++end) {
        node = find_child(*node, characters[end]);
        if (!node) break;
        const Node& piece = nodes_[*node];
        if (piece.id != kNoPiece)
          arrivals[end + 1].push_back({begin, piece.id, log_sums[begin] + piece.score});
      }
    }
    const std::size_t first = pieces.size();
    for (std::size_t end = characters.size(); end > 0;) {
      const Arrival& drawn = draw(arrivals[end], random);
      pieces.push_back(drawn.id);
      end = drawn.begin;
    }
    std::reverse(pieces.begin() + static_cast<std::ptrdiff_t>(first), pieces.end());
  }

 private:
  static constexpr TokenId kNoPiece = -1;

  struct Node {
    TokenId id = kNoPiece;
    double score = 0.0;
  };
  struct Arrival {
    std::size_t begin;
    TokenId id;
    double log_weight;  // of all ways that come here by this piece
  };

  std::optional<std::uint32_t> find_child(std::uint32_t node, TokenId character) const {
    const auto found = children_.find(pair_key(node, character));
    if (found == children_.end()) return std::nullopt;
    return found->second;
  }

  std::uint32_t child(std::uint32_t node, TokenId character) {
    const auto [found, is_new] =
        children_.emplace(pair_key(node, character), static_cast<std::uint32_t>(nodes_.size()));
    if (is_new) nodes_.emplace_back();
    return found->second;
  }

  static double highest(const std::vector<Arrival>& arrivals) {
    double top = -std::numeric_limits<double>::infinity();
    for (const Arrival& arrival : arrivals) top = std::max(top, arrival.log_weight);
    return top;
  }

  static double log_sum(const std::vector<Arrival>& arrivals) {
    const double top = highest(arrivals);
    double sum = 0.0;
    for (const Arrival& arrival : arrivals) sum += std::exp(arrival.log_weight - top);
    return top + std::log(sum);
  }

  static const Arrival& draw(const std::vector<Arrival>& arrivals, SplitMix64& random) {
    const double total = log_sum(arrivals);
    double rest = random.uniform();
    for (const Arrival& arrival : arrivals) {
      rest -= std::exp(arrival.log_weight - total);
      if (rest < 0.0) return arrival;
    }
    return arrivals.back();
  }

  std::vector<Node> nodes_{Node{}};
  std::unordered_map<std::uint64_t, std::uint32_t> children_;
};

SubwordSampler::SubwordSampler(const Vocabulary& vocabulary, const SubwordSampling& sampling)
    : spelling_(std::make_unique<Spelling>(vocabulary)) {
  if (vocabulary.model == SubwordModel::kBpe) {
    if (sampling.bpe_dropout > 0.0)
      method_ = std::make_unique<Merging>(vocabulary, sampling.bpe_dropout);
  } else if (sampling.unigram_alpha > 0.0) {
    method_ = std::make_unique<Lattice>(vocabulary, *spelling_, sampling.unigram_alpha);
  }
}

SubwordSampler::~SubwordSampler() = default;
SubwordSampler::SubwordSampler(SubwordSampler&&) noexcept = default;
SubwordSampler& SubwordSampler::operator=(SubwordSampler&&) noexcept = default;

bool SubwordSampler::is_random() const {
  return method_ != nullptr;
}

std::vector<TokenId> SubwordSampler::sample(std::span<const TokenId> ids,
                                            SplitMix64& random) const {
  if (!is_random()) return {ids.begin(), ids.end()};
  std::vector<TokenId> pieces;
  std::vector<TokenId> stretch;
  const auto split_stretch = [&] {
    method_->split(stretch, random, pieces);
    stretch.clear();
  };
  for (const TokenId id : ids) {
    const auto characters = spelling_->characters(id);
    if (characters.empty()) {
      split_stretch();
      pieces.push_back(id);
    } else {
      stretch.insert(stretch.end(), characters.begin(), characters.end());
    }
  }
  split_stretch();
  return pieces;
}

std::size_t SubwordSampler::character_count(TokenId id) const {
  return std::max<std::size_t>(1, spelling_->characters(id).size());
}

PieceOverlaps SubwordSampler::overlaps(std::span<const TokenId> given,
                                       std::span<const TokenId> other) const {
  PieceOverlaps overlaps(given.size());
  std::size_t next = 0;  // the first piece of `other` that is not behind
  std::size_t next_begin = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::size_t size = character_count(given[i]);
    const std::size_t end = begin + size;
    while (next < other.size() && next_begin < end) {
      const std::size_t next_size = character_count(other[next]);
      const std::size_t next_end = next_begin + next_size;
      const auto shared = static_cast<float>(std::min(end, next_end) - std::max(begin, next_begin));
      overlaps[i].push_back({static_cast<std::uint32_t>(next), shared / static_cast<float>(size),
                             shared / static_cast<float>(next_size)});
      if (next_end > end) break;
      next_begin = next_end;
      ++next;
    }
    begin = end;
  }
  return overlaps;
}

}  // namespace heed
