#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/inference/row_stream.h"

namespace heed {

/// The encoder, a few sentences at a time, whose rows stay in the cache.
class InferenceEncoder {
 public:
  /// Encoded rows: those of sentence `first + i` are from offsets[i] to offsets[i + 1].
  using TakeGroup = std::function<void(std::size_t first, std::span<const std::int32_t> offsets,
                                       RowStream& rows)>;

  /// `model` must outlive the encoder.
  explicit InferenceEncoder(const InferenceModel& model) : model_(model), stream_(model) {}

  /// Each source is closed by `source_end`. Calls `take` for one group of sentences after another.
  void encode(std::span<const std::vector<std::int32_t>> sources, std::int32_t source_end,
              const TakeGroup& take);

 private:
  void run_layers(std::span<const std::int32_t> offsets);
  void rotate(std::span<const std::int32_t> offsets);
  void attend(std::span<const std::int32_t> offsets);

  const InferenceModel& model_;
  RowStream stream_;
  std::vector<float> angles_;
  AlignedBuffer<float> query_key_value_;  // [rows, 3 * d_model]
  AlignedBuffer<float> context_;          // [rows, d_model]
  AlignedBuffer<float> log_sums_;
  AlignedBuffer<float> workspace_;
};

}  // namespace heed
