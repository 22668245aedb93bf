#include "app/translate/network_scorer_source.h"

#include "app/torch_memory.h"
#include "model/inference/inference_scorer.h"
#include "model/transformer_scorer.h"

namespace heed {
namespace {

/// Tells of missing memory as the rest of a search does.
class DeviceScorer : public NextTokenScorer {
 public:
  DeviceScorer(const TransformerModel& model, TokenId end)
      : scorer_(model.transformer(), end, model.device()) {}

  std::int64_t vocab_size() const override { return scorer_.vocab_size(); }
  bool is_normalized() const override { return scorer_.is_normalized(); }
  void start(std::span<const std::vector<std::int32_t>> sources) override {
    with_bad_alloc([&] { scorer_.start(sources); });
  }
  void step(std::span<const std::int32_t> tokens, std::span<const std::int32_t> beam_origins,
            const TakeScores& take) override {
    with_bad_alloc([&] { scorer_.step(tokens, beam_origins, take); });
  }
  bool gives_attention() const override { return scorer_.gives_attention(); }
  void want_attention(bool wanted) override { scorer_.want_attention(wanted); }
  std::span<const float> attention(std::int64_t row) const override {
    return scorer_.attention(row);
  }

 private:
  TransformerScorer scorer_;
};

}  // namespace

ScorerSource make_scorer_source(const TransformerModel& model, Direction direction,
                                WeightPrecision precision) {
  const TokenId end = source_end(direction);
  if (!model.device().is_cpu())
    return [&model, end] { return std::make_unique<DeviceScorer>(model, end); };
  const auto packed = std::make_shared<const InferenceModel>(model.transformer().config(),
                                                             precision, model.find_weights());
  return [packed, end] { return make_inference_scorer(packed, end); };
}

}  // namespace heed
