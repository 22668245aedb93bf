#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace heed {

/// A tensor of the CPU, or of `device` already, on `device`. Returns before a GPU has it: memory
/// that is not pinned would hold the host up until all work asked for so far is done.
at::Tensor copy_to(const at::Tensor& tensor, at::Device device);

/// Where the sentences of a packed tensor lie. Packed: the sentences of a batch one after another,
/// [rows, ...], without padding, so that no work is done for what isn't there.
class Packing {
 public:
  Packing() = default;
  explicit Packing(std::span<const std::int32_t> lengths);

  std::int64_t batch() const { return offsets_.numel() - 1; }
  std::int64_t rows() const { return begin(batch()); }
  std::int64_t longest() const { return longest_; }
  std::int64_t begin(std::int64_t sentence) const {
    return offsets_.const_data_ptr<std::int32_t>()[sentence];
  }
  std::int64_t length(std::int64_t sentence) const { return begin(sentence + 1) - begin(sentence); }

  /// [batch + 1] int32 on the CPU: sentence s is rows offsets[s] to offsets[s + 1].
  const at::Tensor& offsets() const { return offsets_; }
  /// [rows] int32 on the CPU: each row's place in its sentence.
  const at::Tensor& positions() const { return positions_; }

  /// The same packing, ready to pad and unpad tensors on `device`.
  Packing on(at::Device device) const;

  /// packed [rows, ...] -> [batch, longest, ...], zero where a sentence has ended.
  at::Tensor pad(const at::Tensor& packed) const;
  /// [batch, longest, ...] -> packed [rows, ...].
  at::Tensor unpad(const at::Tensor& padded) const;
  /// [batch, longest] bool: true on tokens.
  at::Tensor is_token(at::Device device) const;

 private:
  at::Tensor padded_index(at::Device device) const;

  at::Tensor offsets_;
  at::Tensor positions_;
  at::Tensor index_;  // [rows] each row's place in a padded tensor, on the device of `on`
  std::int64_t longest_ = 0;
};

/// Token ids of several sentences, packed.
struct PackedIds {
  at::Tensor ids;  // [rows] int64
  Packing packing;

  PackedIds to(at::Device device) const { return {copy_to(ids, device), packing.on(device)}; }
};

/// Sentence `s` is `before` (left out when negative), `sentences[s]`, `after` (likewise).
PackedIds pack_ids(std::span<const std::span<const std::int32_t>> sentences, std::int32_t before,
                   std::int32_t after);

}  // namespace heed
