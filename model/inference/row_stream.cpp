#include "model/inference/row_stream.h"

namespace heed {

Operand RowStream::OperandBuffer::resize(std::int64_t rows, std::int64_t size,
                                         std::int64_t per_word) {
  const std::int64_t row_words = (size + per_word - 1) / per_word;
  return {words.reserve(rows * row_words), row_words, scales.reserve(rows), sums.reserve(rows)};
}

RowStream::RowStream(const InferenceModel& model) : model_(model) {
  norm_row_.reserve(model.config().d_model);
}

void RowStream::resize(std::int64_t rows) {
  rows_ = rows;
  sum_.reserve(rows * model_.config().d_model);
  entered_ = entered_buffer_.resize(rows, model_.config().d_model, model_.products().per_word);
}

void RowStream::norm(const PackedNorm& norm, float* normed, std::int64_t normed_stride) {
  model_.products().norm(
      {sum_.data(), rows_, model_.config().d_model, norm.weight.data(), norm.bias.data()}, normed,
      normed_stride, entered_);
}

void RowStream::begin() {
  const std::int64_t d_model = model_.config().d_model;
  if (!is_pre()) model_.products().convert(sum_.data(), d_model, rows_, d_model, entered_);
}

void RowStream::enter(const PackedNorm& next) {
  if (is_pre()) norm(next, norm_row_.data(), 0);
}

void RowStream::multiply(const PackedLinear& linear, float* out, const Activation* activation) {
  model_.products().multiply(
      entered_, rows_, linear.weight,
      {out, linear.weight.columns, linear.bias.data(), activation, /*add=*/false});
}

void RowStream::leave(const float* from, const PackedLinear& linear, const PackedNorm& own) {
  const InferenceProducts& products = model_.products();
  const std::int64_t d_model = model_.config().d_model;
  const std::int64_t size = linear.weight.k;
  const Operand operand = leaving_buffer_.resize(rows_, size, products.per_word);
  products.convert(from, size, rows_, size, operand);
  products.multiply(operand, rows_, linear.weight,
                    {sum_.data(), d_model, linear.bias.data(), nullptr, /*add=*/true});
  if (!is_pre()) norm(own, sum_.data(), d_model);
}

void RowStream::feed_forward(const PackedFeedForward& sublayer) {
  float* inner = inner_.reserve(rows_ * model_.config().ffn_size);
  enter(sublayer.norm);
  multiply(sublayer.inner, inner, &model_.config().activation);
  leave(inner, sublayer.outer, sublayer.norm);
}

void RowStream::end(const PackedNorm& final_norm) {
  enter(final_norm);
}

void RowStream::multiply_rows(const PackedLinear& linear, std::int64_t first, std::int64_t rows,
                              float* out) const {
  const Operand part{entered_.words + first * entered_.row_words, entered_.row_words,
                     entered_.scales + first, entered_.sums + first};
  model_.products().multiply(
      part, rows, linear.weight,
      {out, linear.weight.columns, linear.bias.empty() ? nullptr : linear.bias.data(), nullptr,
       /*add=*/false});
}

}  // namespace heed
