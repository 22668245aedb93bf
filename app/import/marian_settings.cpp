#include "app/import/marian_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/import/json_file.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

// Positions of Hugging Face's maximum length that are no piece of the output: the start and eos.
constexpr std::int64_t kPositionsBesidePieces = 2;

void require_marian(const JsonFile& file) {
  const std::string type = file.text("model_type").value_or("");
  if (type != "marian")
    file.fail(
        fmt::format("model_type is \"{}\"; heed import reads \"marian\" (MarianMTModel, the "
                    "form of the OPUS-MT models)",
                    type));
}

Activation activation_of(const JsonFile& file) {
  const std::string name = file.text("activation_function").value_or("gelu");
  if (name == "swish" || name == "silu") return Activation::kSwish;
  if (name == "relu") return Activation::kRelu;
  if (name == "gelu") return Activation::kGelu;
  file.fail(
      fmt::format("activation_function is \"{}\"; heed has swish (silu), relu and gelu", name));
}

/// An entry that encoder and decoder have each, and that must be one for both.
std::int64_t common(const JsonFile& file, const std::string& name) {
  const std::int64_t encoder = file.required_integer("encoder_" + name);
  const std::int64_t decoder = file.required_integer("decoder_" + name);
  if (encoder != decoder)
    file.fail(fmt::format("encoder_{0} is {1} and decoder_{0} is {2}; in heed they are one", name,
                          encoder, decoder));
  return encoder;
}

TransformerConfig read_shape(const JsonFile& file) {
  TransformerConfig model;
  model.encoder_layers = file.required_integer("encoder_layers");
  model.decoder_layers = file.required_integer("decoder_layers");
  model.d_model = file.required_integer("d_model");
  model.num_heads = common(file, "attention_heads");
  model.ffn_size = common(file, "ffn_dim");
  model.norm = NormPosition::kPost;
  model.activation = activation_of(file);
  model.positions = PositionEncoding::kSinusoidal;
  model.output_bias = true;
  return model;
}

/// A table is scaled as heed does it, or it can't be the output projection as well.
Tying tying_of(const MarianSettings& settings) {
  if (!settings.tied_output || !settings.scale_embedding) return Tying::kNone;
  return settings.shared ? Tying::kAll : Tying::kDecoder;
}

void check_start(const JsonFile& file, const MarianSettings& settings) {
  const std::int64_t start = file.required_integer("decoder_start_token_id");
  if (start != settings.pad_id)
    file.fail(
        fmt::format("decoder_start_token_id is {}, pad_token_id {}; heed import needs a "
                    "decoder that starts from pad, as Marian's does",
                    start, settings.pad_id));
}

void read_search(const JsonFile& file, SearchOptions& search) {
  if (const auto beams = file.integer("num_beams")) search.beam_size = *beams;
  if (const auto penalty = file.number("length_penalty")) search.length_penalty = *penalty;
  if (const auto longest = file.integer("max_length"))
    search.max_length = std::max<std::int64_t>(1, *longest - kPositionsBesidePieces);
}

void read_languages(const JsonFile& file, DataConfig& data) {
  data.src_lang = file.text("source_lang").value_or("");
  data.tgt_lang = file.text("target_lang").value_or("");
}

}  // namespace

MarianSettings read_marian_settings(const fs::path& folder) {
  const JsonFile file(folder / "config.json");
  require_marian(file);
  MarianSettings settings;
  settings.src_rows = file.required_integer("vocab_size");
  settings.pad_id = file.required_integer("pad_token_id");
  settings.eos_id = file.required_integer("eos_token_id");
  settings.shared = file.flag("share_encoder_decoder_embeddings", true);
  settings.tied_output = file.flag("tie_word_embeddings", true);
  settings.scale_embedding = file.flag("scale_embedding", false);
  settings.tgt_rows = settings.shared
                          ? settings.src_rows
                          : file.integer("decoder_vocab_size").value_or(settings.src_rows);
  check_start(file, settings);
  settings.config.model = read_shape(file);
  settings.config.model.tying = tying_of(settings);
  // Models saved before there was a generation_config.json have these in config.json.
  read_search(file, settings.config.search);
  if (fs::exists(folder / "generation_config.json"))
    read_search(JsonFile(folder / "generation_config.json"), settings.config.search);
  if (fs::exists(folder / "tokenizer_config.json"))
    read_languages(JsonFile(folder / "tokenizer_config.json"), settings.config.data);
  return settings;
}

}  // namespace heed
