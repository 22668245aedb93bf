#include "app/align/posterior_links.h"

#include <algorithm>
#include <cmath>

namespace heed {
namespace {

/// Calls `choose(word, partner, probability)` for each row with its best partner, unless no link at
/// all is more probable.
template <typename Choose>
void choose_best(const std::vector<float>& rows, std::size_t words, std::size_t partners,
                 Choose choose) {
  for (std::size_t word = 0; word < words; ++word) {
    const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(word * partners);
    const auto end = begin + static_cast<std::ptrdiff_t>(partners);
    const auto best = std::max_element(begin, end);
    if (best == end || !(*best > 0.0F)) continue;
    float none = 1.0F;
    for (auto value = begin; value != end; ++value) none -= *value;
    if (*best >= none)
      choose(static_cast<int>(word), static_cast<int>(best - begin), static_cast<double>(*best));
  }
}

}  // namespace

std::vector<Link> links_above(const LinkPosteriors& posteriors, double threshold) {
  std::vector<Link> links;
  for (std::size_t src = 0; src < posteriors.src_len; ++src) {
    for (std::size_t tgt = 0; tgt < posteriors.tgt_len; ++tgt) {
      const auto probability = static_cast<double>(posteriors.mean(src, tgt));
      if (probability > 0.0 && probability >= threshold)
        links.push_back({static_cast<int>(src), static_cast<int>(tgt), probability});
    }
  }
  return links;
}

std::vector<Link> best_of_tgt(const LinkPosteriors& posteriors) {
  std::vector<Link> links;
  choose_best(posteriors.src_of_tgt, posteriors.tgt_len, posteriors.src_len,
              [&](int tgt, int src, double probability) {
                links.push_back({src, tgt, probability});
              });
  return to_link_set(std::move(links));
}

std::vector<Link> best_of_src(const LinkPosteriors& posteriors) {
  std::vector<Link> links;
  choose_best(posteriors.tgt_of_src, posteriors.src_len, posteriors.tgt_len,
              [&](int src, int tgt, double probability) {
                links.push_back({src, tgt, probability});
              });
  return to_link_set(std::move(links));
}

LinkPosteriors mean_of_directions(const LinkPosteriors& forward, const LinkPosteriors& reverse) {
  const auto mean = [](const std::vector<float>& a, const std::vector<float>& b) {
    std::vector<float> values(a.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = (a[i] + b[i]) / 2.0F;
    return values;
  };
  LinkPosteriors result = forward;
  result.src_of_tgt = mean(forward.src_of_tgt, reverse.tgt_of_src);
  result.tgt_of_src = mean(forward.tgt_of_src, reverse.src_of_tgt);
  return result;
}

std::vector<Link> choose_links(const LinkPosteriors& posteriors, const PosteriorRule& rule) {
  if (!rule.symmetrization) return links_above(posteriors, rule.threshold);
  return symmetrize(best_of_tgt(posteriors), best_of_src(posteriors), *rule.symmetrization);
}

void ThresholdSearch::add(const LinkPosteriors& posteriors) {
  for (std::size_t src = 0; src < posteriors.src_len; ++src) {
    for (std::size_t tgt = 0; tgt < posteriors.tgt_len; ++tgt) {
      const double probability =
          std::clamp(static_cast<double>(posteriors.mean(src, tgt)), 0.0, 1.0);
      ++counts_[static_cast<std::size_t>(probability * static_cast<double>(kBins))];
    }
  }
}

void ThresholdSearch::add(const ThresholdSearch& other) {
  for (std::size_t bin = 0; bin < counts_.size(); ++bin) counts_[bin] += other.counts_[bin];
}

ExpectedF1 ThresholdSearch::best() const {
  // Bin b holds probabilities from b / kBins on. Bin 0 is too much of nothing to count.
  const auto middle = [](std::size_t bin) {
    return std::min(1.0, (static_cast<double>(bin) + 0.5) / static_cast<double>(kBins));
  };
  double total = 0.0;
  for (std::size_t bin = 1; bin <= kBins; ++bin)
    total += static_cast<double>(counts_[bin]) * middle(bin);
  ExpectedF1 best;
  double links = 0.0;
  double hits = 0.0;
  for (std::size_t bin = kBins; bin > 0; --bin) {
    links += static_cast<double>(counts_[bin]);
    hits += static_cast<double>(counts_[bin]) * middle(bin);
    const double f = 2.0 * hits / (links + total);
    if (links > 0.0 && f > best.f1)
      best = {static_cast<double>(bin) / static_cast<double>(kBins), f};
  }
  return best;
}

}  // namespace heed
