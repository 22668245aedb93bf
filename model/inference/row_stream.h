#pragma once

#include <cstdint>

#include "model/inference/aligned_buffer.h"
#include "model/inference/inference_model.h"

namespace heed {

/// Rows on their way through a stack of layers: the sum of all sublayers' outputs so far, and what
/// the next product reads. The connection around each sublayer is that of Residual (layers.h).
class RowStream {
 public:
  /// `model` must outlive the stream.
  explicit RowStream(const InferenceModel& model);

  /// Room for `rows` rows.
  void resize(std::int64_t rows);
  std::int64_t rows() const { return rows_; }
  /// The sum, [rows, d_model]; written to ahead of `begin`.
  float* sum() { return sum_.data(); }

  void begin();
  /// Into a sublayer with this norm.
  void enter(const PackedNorm& norm);
  /// The product of what the sublayer reads: [rows, columns of linear].
  void multiply(const PackedLinear& linear, float* out, const Activation* activation = nullptr);
  /// Adds the product of `from` [rows, k of linear] to the sum, and leaves the sublayer.
  void leave(const float* from, const PackedLinear& linear, const PackedNorm& norm);
  /// The feed-forward sublayer.
  void feed_forward(const PackedFeedForward& sublayer);
  /// Behind the last layer: products read the stack's output from here on.
  void end(const PackedNorm& norm);
  /// As `multiply`, of rows from `first` on.
  void multiply_rows(const PackedLinear& linear, std::int64_t first, std::int64_t rows,
                     float* out) const;

 private:
  /// Room for an operand of rows of `size` numbers.
  struct OperandBuffer {
    Operand resize(std::int64_t rows, std::int64_t size, std::int64_t per_word);
    AlignedBuffer<std::uint32_t> words;
    AlignedBuffer<float> scales;
    AlignedBuffer<std::int32_t> sums;
  };

  bool is_pre() const { return model_.config().norm == NormPosition::kPre; }
  void norm(const PackedNorm& norm, float* normed, std::int64_t normed_stride);

  const InferenceModel& model_;
  std::int64_t rows_ = 0;
  AlignedBuffer<float> sum_;
  AlignedBuffer<float> norm_row_;
  AlignedBuffer<float> inner_;  // [rows, ffn_size]
  OperandBuffer entered_buffer_;
  OperandBuffer leaving_buffer_;
  Operand entered_;  // what the sublayer reads
};

}  // namespace heed
