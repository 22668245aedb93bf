#include "model/decoder_state.h"

#include "model/aten_ops.h"

namespace heed {

void DecoderState::reorder(const at::Tensor& beam_origins, const at::Tensor& sentence_origins) {
  const bool sentences_left = sentence_origins.size(0) != num_sentences();
  for (DecoderLayerState& layer : layers) {
    if (layer.self.key.defined()) {
      layer.self.key = layer.self.key.index_select(0, beam_origins);
      layer.self.value = layer.self.value.index_select(0, beam_origins);
    }
    if (sentences_left) {
      layer.memory.key = layer.memory.key.index_select(0, sentence_origins);
      layer.memory.value = layer.memory.value.index_select(0, sentence_origins);
    }
  }
  if (sentences_left) src_bias = src_bias.index_select(0, sentence_origins);
}

}  // namespace heed
