#include "app/evaluate/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace heed {
namespace {

std::string bleu_details(const BleuScore& bleu) {
  const double ratio = bleu.reference_length == 0 ? 0.0
                                                  : static_cast<double>(bleu.hypothesis_length) /
                                                        static_cast<double>(bleu.reference_length);
  return fmt::format(
      " {:.1f}/{:.1f}/{:.1f}/{:.1f} (BP = {:.3f} ratio = {:.3f} hyp_len = {} ref_len = {})",
      bleu.precisions[0], bleu.precisions[1], bleu.precisions[2], bleu.precisions[3],
      bleu.brevity_penalty, ratio, bleu.hypothesis_length, bleu.reference_length);
}

std::string metric_line(const MetricReport& metric, const MetricResult& result) {
  std::string line = fmt::format("{:<7} = {:.2f}", metric.name, result.score);
  // sacreBLEU prints no interval around nothing either.
  if (result.interval && result.interval->mean > 0.0) {
    line +=
        fmt::format(" (μ = {:.2f} ± {:.2f})", result.interval->mean, result.interval->half_width);
  }
  if (result.bleu) line += bleu_details(*result.bleu);
  return line + "  " + metric.signature + "\n";
}

std::string paired_line(const MetricReport& metric) {
  std::string line = fmt::format("{:<7} {:+.2f}", metric.name, metric.paired->difference);
  if (metric.paired->bootstrap_p) {
    line += fmt::format("  p = {:.4f} (paired bootstrap)", *metric.paired->bootstrap_p);
  }
  if (metric.paired->randomization_p) {
    line +=
        fmt::format("  p = {:.4f} (approximate randomization)", *metric.paired->randomization_p);
  }
  return line + "\n";
}

nlohmann::ordered_json to_json(const MetricReport& metric, const MetricResult& result) {
  nlohmann::ordered_json json = {{"name", metric.name}, {"score", result.score}};
  if (result.interval) {
    json["confidence_mean"] = result.interval->mean;
    json["confidence_half_width"] = result.interval->half_width;
  }
  if (result.bleu) {
    json["precisions"] = result.bleu->precisions;
    json["brevity_penalty"] = result.bleu->brevity_penalty;
    json["hypothesis_length"] = result.bleu->hypothesis_length;
    json["reference_length"] = result.bleu->reference_length;
  }
  json["signature"] = metric.signature;
  return json;
}

nlohmann::ordered_json to_json(const std::string& metric_name, const PairedResult& paired) {
  nlohmann::ordered_json json = {{"name", metric_name}, {"difference", paired.difference}};
  if (paired.bootstrap_p) json["bootstrap_p"] = *paired.bootstrap_p;
  if (paired.randomization_p) json["randomization_p"] = *paired.randomization_p;
  return json;
}

}  // namespace

std::string report_as_text(std::span<const SystemOutput> systems,
                           std::span<const MetricReport> metrics) {
  std::string text;
  for (std::size_t i = 0; i < systems.size(); ++i) {
    if (systems.size() > 1) text += systems[i].name + "\n";
    for (const MetricReport& metric : metrics) text += metric_line(metric, metric.systems[i]);
    if (systems.size() > 1) text += "\n";
  }
  if (systems.size() < 2) return text;
  text += fmt::format(
      "{} less {}, and how probable so large a difference is if both are equally good\n",
      systems[0].name, systems[1].name);
  for (const MetricReport& metric : metrics) text += paired_line(metric);
  return text;
}

std::string report_as_json(std::span<const SystemOutput> systems,
                           std::span<const MetricReport> metrics) {
  nlohmann::ordered_json json;
  for (std::size_t i = 0; i < systems.size(); ++i) {
    nlohmann::ordered_json system = {{"name", systems[i].name}};
    for (const MetricReport& metric : metrics) {
      system["metrics"].push_back(to_json(metric, metric.systems[i]));
    }
    json["systems"].push_back(system);
  }
  for (const MetricReport& metric : metrics) {
    if (metric.paired) json["paired"].push_back(to_json(metric.name, *metric.paired));
  }
  // A file name may be any bytes; JSON may not.
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace heed
