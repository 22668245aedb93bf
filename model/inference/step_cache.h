#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/inference/aligned_buffer.h"

namespace heed {

/// Keys and values of the hypotheses' own tokens. Those of a step are written once, a block a
/// layer; which row of each block a hypothesis goes back to is kept in a table.
template <typename T>
class StepCache {
 public:
  StepCache(std::int64_t layers, std::int64_t d_model) : d_model_(d_model), blocks_(layers) {}

  /// Forgets all; `rows` hypotheses begin.
  void start(std::int64_t rows) {
    positions_ = 0;
    used_ = 0;
    chunk_ = 0;
    for (auto& layer : blocks_) layer.clear();
    ancestors_.assign(static_cast<std::size_t>(rows * capacity_), 0);
  }

  /// One more position: row r continues row `origins[r]`.
  void advance(std::span<const std::int32_t> origins) {
    const std::int64_t capacity = positions_ < capacity_ ? capacity_ : 2 * capacity_;
    next_.resize(origins.size() * static_cast<std::size_t>(capacity));
    for (std::size_t row = 0; row < origins.size(); ++row) {
      const std::int32_t* from = ancestors_.data() + origins[row] * capacity_;
      std::int32_t* to = next_.data() + static_cast<std::int64_t>(row) * capacity;
      std::copy_n(from, positions_, to);
      to[positions_] = static_cast<std::int32_t>(row);
    }
    ancestors_.swap(next_);
    capacity_ = capacity;
    ++positions_;
    for (auto& layer : blocks_) layer.push_back(take(std::ssize(origins) * 2 * d_model_));
  }

  std::int64_t positions() const { return positions_; }
  /// Where the newest position's rows of keys and values go, [rows, 2 * d_model].
  T* newest(std::size_t layer) { return const_cast<T*>(blocks_[layer].back()); }
  const T* const* blocks(std::size_t layer) const { return blocks_[layer].data(); }
  const std::int32_t* ancestors() const { return ancestors_.data(); }
  std::int64_t ancestor_stride() const { return capacity_; }

 private:
  static constexpr std::int64_t kChunk = 1 << 18;

  /// Room in one of the chunks, which are kept from batch to batch.
  T* take(std::int64_t size) {
    while (true) {
      if (chunk_ == chunks_.size()) {
        sizes_.push_back(std::max(size, kChunk));
        chunks_.emplace_back(sizes_.back());
      }
      if (used_ + size <= sizes_[chunk_]) break;
      ++chunk_;
      used_ = 0;
    }
    T* room = chunks_[chunk_].data() + used_;
    used_ += size;
    return room;
  }

  std::int64_t d_model_;
  std::vector<std::vector<const T*>> blocks_;  // of each layer, one a position
  std::vector<AlignedBuffer<T>> chunks_;
  std::vector<std::int64_t> sizes_;
  std::size_t chunk_ = 0;
  std::int64_t used_ = 0;
  std::vector<std::int32_t> ancestors_;  // [rows, capacity_]
  std::vector<std::int32_t> next_;
  std::int64_t capacity_ = 32;
  std::int64_t positions_ = 0;
};

}  // namespace heed
