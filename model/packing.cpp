#include "model/packing.h"

#include <algorithm>
#include <vector>

#include "model/aten_ops.h"

namespace heed {

at::Tensor copy_to(const at::Tensor& tensor, at::Device device) {
  if (tensor.device() == device) return tensor;
  return tensor.pin_memory().to(device, tensor.scalar_type(), /*non_blocking=*/true);
}

Packing::Packing(std::span<const std::int32_t> lengths)
    : offsets_(at::empty({static_cast<std::int64_t>(lengths.size()) + 1}, at::kInt)) {
  auto* offsets = offsets_.mutable_data_ptr<std::int32_t>();
  offsets[0] = 0;
  for (std::size_t s = 0; s < lengths.size(); ++s) {
    offsets[s + 1] = offsets[s] + lengths[s];
    longest_ = std::max<std::int64_t>(longest_, lengths[s]);
  }
  positions_ = at::empty({offsets[lengths.size()]}, at::kInt);
  auto* position = positions_.mutable_data_ptr<std::int32_t>();
  for (const std::int32_t length : lengths)
    for (std::int32_t i = 0; i < length; ++i) *position++ = i;
}

Packing Packing::on(at::Device device) const {
  Packing packing = *this;
  if (!device.is_cpu()) packing.index_ = padded_index(device);  // kernels on a CPU don't pad
  return packing;
}

at::Tensor Packing::padded_index(at::Device device) const {
  if (index_.defined() && index_.device() == device) return index_;
  at::Tensor index = at::empty({rows()}, at::kLong);
  auto* place = index.mutable_data_ptr<std::int64_t>();
  for (std::int64_t s = 0; s < batch(); ++s)
    for (std::int64_t i = 0; i < length(s); ++i) *place++ = s * longest_ + i;
  return copy_to(index, device);
}

at::Tensor Packing::pad(const at::Tensor& packed) const {
  std::vector<std::int64_t> shape = packed.sizes().vec();
  shape[0] = batch() * longest_;
  const at::Tensor padded =
      at::zeros(shape, packed.options()).index_copy(0, padded_index(packed.device()), packed);
  return padded.unflatten(0, {batch(), longest_});
}

at::Tensor Packing::unpad(const at::Tensor& padded) const {
  return padded.flatten(0, 1).index_select(0, padded_index(padded.device()));
}

at::Tensor Packing::is_token(at::Device device) const {
  return pad(at::ones({rows()}, at::TensorOptions().dtype(at::kBool).device(device)));
}

PackedIds pack_ids(std::span<const std::span<const std::int32_t>> sentences, std::int32_t before,
                   std::int32_t after) {
  std::vector<std::int32_t> lengths;
  for (const auto& sentence : sentences)
    lengths.push_back(static_cast<std::int32_t>(sentence.size()) + (before >= 0) + (after >= 0));
  const Packing packing(lengths);
  at::Tensor ids = at::empty({packing.rows()}, at::kLong);
  auto* place = ids.mutable_data_ptr<std::int64_t>();
  for (const auto& sentence : sentences) {
    if (before >= 0) *place++ = before;
    place = std::copy(sentence.begin(), sentence.end(), place);
    if (after >= 0) *place++ = after;
  }
  return {ids, packing};
}

}  // namespace heed
