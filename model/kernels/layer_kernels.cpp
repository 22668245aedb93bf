#include "model/kernels/activations.h"
#include "model/kernels/isa_kernels.h"
#include "model/kernels/layer_norm.h"

namespace heed::isa::HEED_ISA {
namespace {

template <typename T>
void residual_norm_forward(const ResidualNormArguments<T>& args) {
  const auto size = static_cast<float>(args.size);
  for (std::int64_t row = 0; row < args.rows; ++row) {
    const T* x = args.x + row * args.size;
    const T* from = args.y == nullptr ? x : args.sum + row * args.size;
    const std::uint32_t key = row_key(args.dropout, row);
    Floats total{};
    for (std::int64_t i = 0; i < args.size; i += kLanes) {
      const std::int64_t count = args.size - i;
      Floats value = load_part(x + i, count);
      if (args.y != nullptr) {
        const Floats addend = load_part(args.y + row * args.size + i, count);
        store_part(args.sum + row * args.size + i,
                   value + addend * mask_factors(args.dropout, key, i), count);
        value = load_part(from + i, count);  // as rounded: backward will see the same
      }
      total += value;
    }
    const float mean = sum(total) / size;
    const float inverse = inverse_deviation(from, args.size, mean);
    args.statistics[2 * row] = mean;
    args.statistics[2 * row + 1] = inverse;
    write_normed(from, args.size, {mean, inverse}, args.weight, args.bias,
                 args.normed + row * args.size);
  }
}

/// Backward of one row; the layer's input gradient is
///   inverse * (g - mean(g) - normalised * mean(g * normalised)), g = normed_grad * weight.
template <typename T>
HEED_INLINE void residual_norm_backward_row(const ResidualNormArguments<T>& args,
                                            std::int64_t row) {
  const auto size = static_cast<float>(args.size);
  const T* from = args.sum + row * args.size;
  const T* normed_grad = args.normed_grad + row * args.size;
  const float mean = args.statistics[2 * row];
  const float inverse = args.statistics[2 * row + 1];
  Floats total{};
  Floats product{};
  for (std::int64_t i = 0; i < args.size; i += kLanes) {
    const std::int64_t count = args.size - i;
    const Floats normalised = (load_part(from + i, count) - mean) * inverse;
    const Floats grad = load_part(normed_grad + i, count);
    const Floats weighted = grad * load_part(args.weight + i, count);
    total += weighted;
    product += weighted * normalised;
    if (args.weight_grad == nullptr) continue;
    store_part(args.weight_grad + i, load_part(args.weight_grad + i, count) + grad * normalised,
               count);
    store_part(args.bias_grad + i, load_part(args.bias_grad + i, count) + grad, count);
  }
  const float mean_grad = sum(total) / size;
  const float mean_product = sum(product) / size;
  const std::uint32_t key = row_key(args.dropout, row);
  for (std::int64_t i = 0; i < args.size; i += kLanes) {
    const std::int64_t count = args.size - i;
    const Floats normalised = (load_part(from + i, count) - mean) * inverse;
    const Floats weighted = load_part(normed_grad + i, count) * load_part(args.weight + i, count);
    Floats grad = (weighted - mean_grad - normalised * mean_product) * inverse;
    if (args.sum_grad != nullptr) grad += load_part(args.sum_grad + row * args.size + i, count);
    store_part(args.x_grad + row * args.size + i, grad, count);
    if (args.y_grad != nullptr)
      store_part(args.y_grad + row * args.size + i, grad * mask_factors(args.dropout, key, i),
                 count);
  }
}

template <typename T>
void residual_norm_backward(const ResidualNormArguments<T>& args) {
  for (std::int64_t row = 0; row < args.rows; ++row) residual_norm_backward_row(args, row);
}

template <typename T>
void rotate(const RotaryArguments& rotation, T* x) {
  const std::int64_t half = rotation.head_dim / 2;
  const float sign = rotation.is_back ? -1.0F : 1.0F;
  for (std::int64_t row = 0; row < rotation.rows; ++row) {
    const std::int64_t position = rotation.position == nullptr ? 0 : rotation.position[row];
    const float* cosines = rotation.angles + position * rotation.head_dim;
    for (std::int64_t head = 0; head < rotation.columns; head += rotation.head_dim) {
      T* first = x + row * rotation.stride + head;
      for (std::int64_t i = 0; i < half; i += kLanes) {
        const std::int64_t count = half - i;
        const Floats cosine = load_part(cosines + i, count);
        const Floats sine = load_part(cosines + half + i, count) * sign;
        const Floats a = load_part(first + i, count);
        const Floats b = load_part(first + half + i, count);
        store_part(first + i, a * cosine - b * sine, count);
        store_part(first + half + i, b * cosine + a * sine, count);
      }
    }
  }
}

/// Rows of `size` elements, a vector at a time with its mask: out = change(i, x, mask).
template <typename T, typename Change>
HEED_INLINE void map_rows(const T* x, std::int64_t rows, std::int64_t size,
                          const DropoutMask& dropout, T* out, const Change& change) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::uint32_t key = row_key(dropout, row);
    for (std::int64_t i = 0; i < size; i += kLanes) {
      const std::int64_t index = row * size + i;
      const Floats mask = mask_factors(dropout, key, i);
      store_part(out + index, change(index, size - i, load_part(x + index, size - i), mask),
                 size - i);
    }
  }
}

template <typename T>
void activate(Activation kind, const T* x, std::int64_t rows, std::int64_t size,
              const DropoutMask& dropout, T* out) {
  with_function(kind, [&](auto function) {
    map_rows(x, rows, size, dropout, out,
             [](std::int64_t, std::int64_t, Floats value, Floats mask) {
               return decltype(function)::value(value) * mask;
             });
  });
}

/// What came out above zero was kept and had slope 1: no mask has to be made again.
template <typename T>
void relu_backward(const T* result, const T* out_grad, std::int64_t elements, float scale,
                   T* x_grad) {
  for (std::int64_t i = 0; i < elements; i += kLanes) {
    const std::int64_t count = elements - i;
    const Floats grad = load_part(out_grad + i, count) * scale;
    store_part(x_grad + i, load_part(result + i, count) > 0.0F ? grad : Floats{}, count);
  }
}

template <typename T, typename Function>
void backward_by(const T* x, const T* out_grad, std::int64_t rows, std::int64_t size,
                 const DropoutMask& dropout, T* x_grad) {
  map_rows(x, rows, size, dropout, x_grad,
           [out_grad](std::int64_t index, std::int64_t count, Floats value, Floats mask) {
             return Function::slope(value) * mask * load_part(out_grad + index, count);
           });
}

template <typename T>
void activate_backward(Activation kind, const T* saved, const T* out_grad, std::int64_t rows,
                       std::int64_t size, const DropoutMask& dropout, T* x_grad) {
  switch (kind) {
    case Activation::kRelu:
      return relu_backward(saved, out_grad, rows * size, dropout.scale, x_grad);
    case Activation::kGelu:
      return backward_by<T, Gelu>(saved, out_grad, rows, size, dropout, x_grad);
    case Activation::kSwish:
      return backward_by<T, Swish>(saved, out_grad, rows, size, dropout, x_grad);
  }
}

template <typename T>
void embed(const T* table, const std::int64_t* ids, const std::int32_t* position,
           const float* positions, std::int64_t rows, std::int64_t size, float scale,
           const DropoutMask& dropout, T* out) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const T* from = table + ids[row] * size;
    const float* shift = positions + position[row] * size;
    const std::uint32_t key = row_key(dropout, row);
    for (std::int64_t i = 0; i < size; i += kLanes) {
      const std::int64_t count = size - i;
      const Floats value = load_part(from + i, count) * scale + load_part(shift + i, count);
      store_part(out + row * size + i, value * mask_factors(dropout, key, i), count);
    }
  }
}

HEED_INLINE void add_to(float* place, Floats value, std::int64_t count) {
  store_part(place, load_part(place, count) + value, count);
}

template <typename T>
void embed_backward(const T* out_grad, const std::int64_t* ids, const std::int32_t* position,
                    std::int64_t rows, std::int64_t size, float scale, const DropoutMask& dropout,
                    float* table_grad, float* positions_grad) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::uint32_t key = row_key(dropout, row);
    for (std::int64_t i = 0; i < size; i += kLanes) {
      const std::int64_t count = size - i;
      const Floats grad =
          load_part(out_grad + row * size + i, count) * mask_factors(dropout, key, i);
      add_to(table_grad + ids[row] * size + i, grad * scale, count);
      if (positions_grad != nullptr) add_to(positions_grad + position[row] * size + i, grad, count);
    }
  }
}

}  // namespace

template <typename T>
void add_layer_kernels(Kernels<T>& table) {
  table.rotate = rotate<T>;
  table.residual_norm_forward = residual_norm_forward<T>;
  table.residual_norm_backward = residual_norm_backward<T>;
  table.activate = activate<T>;
  table.activate_backward = activate_backward<T>;
  table.embed = embed<T>;
  table.embed_backward = embed_backward<T>;
}

template void add_layer_kernels(Kernels<float>&);
template void add_layer_kernels(Kernels<BFloat16>&);

}  // namespace heed::isa::HEED_ISA
