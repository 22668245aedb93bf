#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "data/hash.h"
#include "tests/support/spm_bytes.h"
#include "tests/support/temporary_folder.h"

namespace heed {

/// A Hugging Face folder of a MarianMTModel, tiny and written by hand. Its weights are sines;
/// scripts/compare_with_transformers.py --reference makes the same model.
class MarianFolder {
 public:
  using Shape = std::vector<std::int64_t>;

  MarianFolder() { add_tensors(); }

  /// Writes all files; entries and tensors may have been changed before.
  void write(const TemporaryFolder& folder) const {
    folder.write("config.json", config.dump());
    folder.write("vocab.json", vocabulary.dump());
    folder.write("source.spm", source_spm);
    folder.write("target.spm", target_spm);
    folder.write("tokenizer_config.json", R"({"source_lang":"en","target_lang":"de"})");
    folder.write("generation_config.json", R"({"num_beams":6,"max_length":512})");
    folder.write("model.safetensors", safetensors());
  }

  nlohmann::json config = {{"model_type", "marian"},
                           {"vocab_size", 8},
                           {"d_model", 8},
                           {"encoder_layers", 1},
                           {"decoder_layers", 2},
                           {"encoder_attention_heads", 2},
                           {"decoder_attention_heads", 2},
                           {"encoder_ffn_dim", 12},
                           {"decoder_ffn_dim", 12},
                           {"activation_function", "swish"},
                           {"scale_embedding", true},
                           {"pad_token_id", 7},
                           {"decoder_start_token_id", 7},
                           {"eos_token_id", 0}};
  nlohmann::json vocabulary = {{"</s>", 0}, {"<unk>", 1}, {"▁a", 2}, {"b", 3},
                               {"▁c", 4},   {"d", 5},     {"ß", 6},  {"<pad>", 7}};
  std::string source_spm = spm({"▁a", "b", "▁c", "e"});
  std::string target_spm = spm({"▁c", "d", "ß", "▁a"});
  std::map<std::string, Shape> tensors;
  bool half = false;  // F16 rather than F32

  /// With the ids that SentencePiece gives by default.
  static std::string spm(const std::vector<std::string>& pieces, int model_type = 1) {
    std::string model = spm_piece("<unk>", 0, kSpmUnknown) + spm_piece("<s>", 0, kSpmControl) +
                        spm_piece("</s>", 0, kSpmControl);
    for (const std::string& piece : pieces) model += spm_piece(piece, -2.0F, kSpmNormal);
    return model + bytes_field(2, number_field(3, static_cast<std::uint64_t>(model_type))) +
           bytes_field(3, bytes_field(1, "identity"));
  }

 private:
  void add_linear(const std::string& name, std::int64_t out, std::int64_t in) {
    tensors[name + ".weight"] = {out, in};
    tensors[name + ".bias"] = {out};
  }

  void add_norm(const std::string& name) {
    tensors[name + ".weight"] = {8};
    tensors[name + ".bias"] = {8};
  }

  void add_attention(const std::string& name) {
    for (const char* part : {"q_proj", "k_proj", "v_proj", "out_proj"})
      add_linear(name + "." + part, 8, 8);
    add_norm(name + "_layer_norm");
  }

  void add_layer(const std::string& name) {
    add_attention(name + ".self_attn");
    add_linear(name + ".fc1", 12, 8);
    add_linear(name + ".fc2", 8, 12);
    add_norm(name + ".final_layer_norm");
  }

  void add_tensors() {
    tensors["model.shared.weight"] = {8, 8};
    tensors["final_logits_bias"] = {1, 8};
    add_layer("model.encoder.layers.0");
    for (const char* layer : {"model.decoder.layers.0", "model.decoder.layers.1"}) {
      add_layer(layer);
      add_attention(std::string(layer) + ".encoder_attn");
    }
  }

  static double value(const std::string& name, std::int64_t index) {
    const double angle =
        static_cast<double>(fnv1a_64(name) % 1000) + 1.7 * static_cast<double>(index);
    return 0.5 * std::sin(angle) + (name.ends_with("norm.weight") ? 1.0 : 0.0);
  }

  void append_value(std::string& data, double value) const {
    const auto single = static_cast<float>(value);
    const auto narrow = static_cast<_Float16>(value);
    data.append(
        half ? reinterpret_cast<const char*>(&narrow) : reinterpret_cast<const char*>(&single),
        half ? sizeof narrow : sizeof single);
  }

  std::string safetensors() const {
    nlohmann::json header;
    std::string data;
    for (const auto& [name, shape] : tensors) {
      const std::size_t begin = data.size();
      std::int64_t numel = 1;
      for (const std::int64_t size : shape) numel *= size;
      for (std::int64_t i = 0; i < numel; ++i) append_value(data, value(name, i));
      header[name] = {{"dtype", half ? "F16" : "F32"},
                      {"shape", shape},
                      {"data_offsets", {begin, data.size()}}};
    }
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    return bytes + text + data;
  }
};

}  // namespace heed
