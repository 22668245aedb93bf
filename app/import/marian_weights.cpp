#include "app/import/marian_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "data/special_tokens.h"
#include "model/aten_ops.h"
#include "model/position_tables.h"

namespace heed {
namespace {

// Far below any logit, yet finite: minus infinity times zero would be no number.
constexpr double kNoProbability = -1e9;
// Above the rounding of numbers up to 1 in 16 bits, below any difference between two encodings.
constexpr double kPositionTolerance = 0.01;

/// The residual stream's dimensions: where heed has column i, Marian has order[i].
at::Tensor marian_columns(std::int64_t d_model) {
  at::Tensor columns = at::empty({d_model}, at::kLong);
  auto* column = columns.mutable_data_ptr<std::int64_t>();
  for (std::int64_t pair = 0; pair < d_model / 2; ++pair) {
    *column++ = pair;
    *column++ = d_model / 2 + pair;
  }
  return columns;
}

/// Rows of a table in heed's order; that of heed's pad is zero.
at::Tensor reorder_rows(const at::Tensor& table, const MarianVocabulary& vocabulary) {
  at::Tensor rows = at::empty({vocabulary.size()}, at::kLong);
  std::copy(vocabulary.rows.begin(), vocabulary.rows.end(), rows.mutable_data_ptr<std::int64_t>());
  at::Tensor result = table.index_select(0, rows.clamp_min(0));
  result.select(0, kPadId).zero_();
  return result;
}

/// Makes heed's parameters, by their names, from the tensors of a file.
class MarianWeights {
 public:
  MarianWeights(const SafetensorsFile& file, const MarianSettings& settings,
                const MarianVocabulary& src, const MarianVocabulary& tgt)
      : file_(file),
        settings_(settings),
        model_(settings.config.model),
        columns_(marian_columns(model_.d_model)) {
    add_tables(src, tgt);
    add_encoder();
    add_decoder();
    check_positions("encoder");
    check_positions("decoder");
    check_left_over();
  }

  const at::Tensor& parameter(const std::string& name) const { return parameters_.at(name); }

 private:
  at::Tensor read(const std::string& name, at::IntArrayRef shape) {
    used_.insert(name);
    return read_tensor(file_, name, shape);
  }

  /// Which of several tensors that are one the file holds: whoever wrote it kept one at least.
  at::Tensor read_any(std::initializer_list<const char*> names, at::IntArrayRef shape) {
    for (const char* name : names)
      if (file_.contains(name)) return read(name, shape);
    return read(*names.begin(), shape);
  }

  at::Tensor read_table(const char* own_name, std::int64_t rows) {
    const std::vector<std::int64_t> shape{rows, model_.d_model};
    if (!settings_.shared) return read(own_name, shape);
    if (!settings_.tied_output && file_.contains(own_name)) return read(own_name, shape);
    return read_any({"model.shared.weight", "model.encoder.embed_tokens.weight",
                     "model.decoder.embed_tokens.weight", "lm_head.weight"},
                    shape);
  }

  void add_tables(const MarianVocabulary& src, const MarianVocabulary& tgt) {
    const double scale =
        settings_.scale_embedding ? 1.0 : 1.0 / std::sqrt(static_cast<double>(model_.d_model));
    const auto put = [&](const char* name, const at::Tensor& table, const MarianVocabulary& words) {
      parameters_[name] = reorder_rows(table, words).index_select(1, columns_);
    };
    const at::Tensor src_table =
        read_table("model.encoder.embed_tokens.weight", settings_.src_rows);
    const at::Tensor tgt_table =
        read_table("model.decoder.embed_tokens.weight", settings_.tgt_rows);
    put("src_embedding.weight", src_table * scale, src);
    put("tgt_embedding.weight", tgt_table * scale, tgt);
    put("output.weight",
        settings_.tied_output ? tgt_table : read("lm_head.weight", tgt_table.sizes()), tgt);
    at::Tensor bias = at::zeros({tgt.size()});
    if (file_.contains("final_logits_bias"))
      bias = reorder_rows(read("final_logits_bias", {1, settings_.tgt_rows}).view({-1}), tgt);
    bias.select(0, kPadId).fill_(kNoProbability);
    parameters_["output.bias"] = bias;
  }

  void add_norm(const std::string& name, const std::string& marian) {
    for (const char* part : {".weight", ".bias"})
      parameters_[name + part] = read(marian + part, {model_.d_model}).index_select(0, columns_);
  }

  /// Projections from the residual stream, one below the other.
  void add_reading(const std::string& name, const std::vector<std::string>& marian,
                   std::int64_t out) {
    std::vector<at::Tensor> weights;
    std::vector<at::Tensor> biases;
    for (const std::string& part : marian) {
      weights.push_back(read(part + ".weight", {out, model_.d_model}).index_select(1, columns_));
      biases.push_back(read(part + ".bias", {out}));
    }
    parameters_[name + ".weight"] = at::cat(weights);
    parameters_[name + ".bias"] = at::cat(biases);
  }

  /// A projection to the residual stream.
  void add_writing(const std::string& name, const std::string& marian, std::int64_t in) {
    parameters_[name + ".weight"] =
        read(marian + ".weight", {model_.d_model, in}).index_select(0, columns_);
    parameters_[name + ".bias"] =
        read(marian + ".bias", {model_.d_model}).index_select(0, columns_);
  }

  /// What layers of both kinds have.
  void add_common(const std::string& name, const std::string& marian) {
    const std::string self = marian + ".self_attn";
    add_reading(name + ".self_attention.query_key_value",
                {self + ".q_proj", self + ".k_proj", self + ".v_proj"}, model_.d_model);
    add_writing(name + ".self_attention.output", self + ".out_proj", model_.d_model);
    add_norm(name + ".self_attention_residual.norm", marian + ".self_attn_layer_norm");
    add_reading(name + ".feed_forward.inner", {marian + ".fc1"}, model_.ffn_size);
    add_writing(name + ".feed_forward.outer", marian + ".fc2", model_.ffn_size);
    add_norm(name + ".feed_forward_residual.norm", marian + ".final_layer_norm");
  }

  void add_encoder() {
    for (std::int64_t layer = 0; layer < model_.encoder_layers; ++layer)
      add_common(fmt::format("encoder.layers.{}", layer),
                 fmt::format("model.encoder.layers.{}", layer));
  }

  void add_decoder() {
    for (std::int64_t layer = 0; layer < model_.decoder_layers; ++layer) {
      const std::string name = fmt::format("decoder.layers.{}", layer);
      const std::string marian = fmt::format("model.decoder.layers.{}", layer);
      const std::string cross = marian + ".encoder_attn";
      add_common(name, marian);
      add_reading(name + ".cross_attention.query", {cross + ".q_proj"}, model_.d_model);
      add_reading(name + ".cross_attention.key_value", {cross + ".k_proj", cross + ".v_proj"},
                  model_.d_model);
      add_writing(name + ".cross_attention.output", cross + ".out_proj", model_.d_model);
      add_norm(name + ".cross_attention_residual.norm", cross + "_layer_norm");
    }
  }

  /// Older files hold the positions, too; heed computes them.
  void check_positions(const char* side) {
    const std::string name = fmt::format("model.{}.embed_positions.weight", side);
    if (!file_.contains(name)) return;
    const auto shape = file_.shape(name);
    const std::int64_t rows = shape.empty() ? 0 : shape[0];
    const at::Tensor positions = read(name, {rows, model_.d_model}).index_select(1, columns_);
    const at::Tensor difference = positions - sinusoidal_positions(0, rows, model_.d_model);
    if (rows > 0 && !(difference.abs().max().item<float>() < kPositionTolerance))
      fail(fmt::format("tensor '{}' is no table of sinusoidal positions", name));
  }

  void check_left_over() const {
    static const std::set<std::string> kCopies{
        "model.shared.weight", "model.encoder.embed_tokens.weight",
        "model.decoder.embed_tokens.weight", "lm_head.weight"};
    for (const std::string& name : file_.names())
      if (!used_.contains(name) && !kCopies.contains(name))
        fail(fmt::format("holds '{}', which the model of its config.json has no place for", name));
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(fmt::format("{}: {}", file_.path().string(), why));
  }

  const SafetensorsFile& file_;
  const MarianSettings& settings_;
  const TransformerConfig& model_;
  at::Tensor columns_;
  std::map<std::string, at::Tensor> parameters_;
  std::set<std::string> used_;
};

}  // namespace

void import_marian_weights(const SafetensorsFile& file, const MarianSettings& settings,
                           const MarianVocabulary& src, const MarianVocabulary& tgt,
                           TransformerModel& model) {
  const MarianWeights weights(file, settings, src, tgt);
  for (const ParameterSpec& spec : model.layout().specs())
    ParameterLayout::view(model.values(), spec).copy_(weights.parameter(spec.name));
}

}  // namespace heed
