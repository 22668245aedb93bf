#include "app/align/attention_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/attribution/agreement.h"
#include "data/line_breaks.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

// Weights come as float: seven digits say all there is, and the file stays small.
double rounded(double value) {
  return std::round(value * 1e6) / 1e6;
}

Json matrix_to_json(int rows, int columns, const std::vector<float>& values) {
  Json matrix = Json::array();
  auto value = values.begin();
  for (int row = 0; row < rows; ++row) {
    Json& of_row = matrix.emplace_back(Json::array());
    for (int column = 0; column < columns; ++column) {
      of_row.push_back(rounded(static_cast<double>(*value++)));
    }
  }
  return matrix;
}

Json agreement_to_json(const Agreement& agreement) {
  const auto correlation = agreement.mean_correlation();
  return {{"methods",
           {attribution_method_name(agreement.first), attribution_method_name(agreement.second)}},
          {"rank_correlation", correlation ? Json(rounded(*correlation)) : Json()},
          {"same_strongest", agreement.same_strongest},
          {"target_units", agreement.units}};
}

Json places_to_json(const std::vector<Link>& links) {
  Json places = Json::array();
  for (const Link& link : links) places.push_back({link.src, link.tgt});
  return places;
}

// Log-probabilities: four digits say all there is to see.
double shortened(double log_prob) {
  return std::round(log_prob * 1e4) / 1e4;
}

Json candidate_to_json(const StepCandidate& candidate) {
  Json json{{"piece", candidate.piece},
            {"probability", rounded(std::exp(candidate.log_prob))},
            {"log_probability", shortened(candidate.total_log_prob)},
            {"rank", candidate.rank},
            {"hypothesis", candidate.origin},
            {"fate", fate_name(candidate.fate)}};
  if (candidate.fate == StepCandidate::Fate::kKept) json["place"] = candidate.place;
  if (candidate.is_output) json["output"] = true;
  return json;
}

Json decoding_to_json(const DecodingTrace& decoding) {
  Json steps = Json::array();
  for (const auto& step : decoding.steps) {
    Json candidates = Json::array();
    for (const StepCandidate& candidate : step) candidates.push_back(candidate_to_json(candidate));
    steps.push_back(std::move(candidates));
  }
  return {{"beam_size", decoding.beam_size},
          {"length_penalty", decoding.length_penalty},
          {"steps", std::move(steps)}};
}

}  // namespace

Json describe_record(const AttentionRecord& record) {
  Json json;
  json["line"] = record.line;
  json["source"] = record.src_text;
  json["target"] = record.tgt_text;
  json["unit"] = unit_kind_name(record.unit_kind);
  json["source_units"] = record.src_units;
  json["target_units"] = record.tgt_units;
  json["target_input_units"] = column_units(record, AttentionKind::kDecoderSelf);
  if (record.log_probability) json["log_probability"] = rounded(*record.log_probability);
  if (!record.link_source.empty()) json["link_source"] = record.link_source;
  json["links"] = Json::array();
  for (const Link& link : record.links) {
    json["links"].push_back({link.src, link.tgt, rounded(link.probability)});
  }
  if (!record.gold_possible.empty()) {
    json["gold_sure"] = places_to_json(record.gold_sure);
    json["gold_possible"] = places_to_json(record.gold_possible);
  }
  for (const Agreement& agreement : compare_attributions(record)) {
    json["attribution_agreement"].push_back(agreement_to_json(agreement));
  }
  if (record.pieces) {
    json["pieces"] = {{"source", record.pieces->src_pieces},
                      {"target", record.pieces->tgt_pieces},
                      {"source_units", record.pieces->src_units_of_piece},
                      {"target_units", record.pieces->tgt_units_of_piece}};
  }
  if (!record.decoding.steps.empty()) json["decoding"] = decoding_to_json(record.decoding);
  return json;
}

Json attributions_to_json(const std::vector<AttributionMatrix>& attributions) {
  Json methods = Json::array();
  for (const AttributionMatrix& matrix : attributions) {
    methods.push_back({{"method", attribution_method_name(matrix.method)},
                       {"scores", matrix_to_json(matrix.rows, matrix.columns, matrix.scores)}});
  }
  return methods;
}

void write_attention_json(std::ostream& out, const AttentionRecord& record) {
  check_record(record);
  Json json = describe_record(record);
  json["attention"] = Json::array();
  for (const AttentionMatrix& matrix : record.matrices) {
    Json entry;
    entry["kind"] = attention_kind_name(matrix.kind);
    entry["layer"] = matrix.layer;
    entry["head"] = matrix.head;
    entry["weights"] = matrix_to_json(matrix.rows, matrix.columns, matrix.weights);
    json["attention"].push_back(std::move(entry));
  }
  if (!record.attributions.empty()) json["attribution"] = attributions_to_json(record.attributions);
  out << json_on_one_line(json.dump(-1, ' ', false, Json::error_handler_t::replace)) << '\n';
}

}  // namespace heed
