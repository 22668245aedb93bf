#include "app/evaluate/alignment_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace heed {
namespace {

std::string table_line(const AlignmentResult& file, bool has_tests) {
  const AlignmentCounts& counts = file.counts;
  std::string line = fmt::format("{:6.2f}", 100 * counts.alignment_error_rate());
  if (file.interval) line += fmt::format("  {:6.2f}", 100 * file.interval->half_width);
  line += fmt::format("  {:11.2f}  {:8.2f}  {:6.2f}  {:8}", 100 * counts.precision(),
                      100 * counts.recall(), 100 * counts.f1(), counts.proposed);
  if (has_tests)
    line += file.bootstrap_p ? fmt::format("  {:6.4f}", *file.bootstrap_p) : std::string(8, ' ');
  return line + "  " + file.name + "\n";
}

nlohmann::ordered_json to_json(const AlignmentResult& file) {
  const AlignmentCounts& counts = file.counts;
  nlohmann::ordered_json json = {{"name", file.name},
                                 {"alignment_error_rate", counts.alignment_error_rate()},
                                 {"precision", counts.precision()},
                                 {"recall", counts.recall()},
                                 {"f1", counts.f1()},
                                 {"links", counts.proposed},
                                 {"sure_hits", counts.sure_hits},
                                 {"possible_hits", counts.possible_hits}};
  if (file.interval) {
    json["confidence_mean"] = file.interval->mean;
    json["confidence_half_width"] = file.interval->half_width;
  }
  if (file.bootstrap_p) json["bootstrap_p"] = *file.bootstrap_p;
  return json;
}

}  // namespace

std::string alignment_report_as_text(const AlignmentEvaluation& evaluation) {
  const AlignmentResult& first = evaluation.files.front();
  const bool has_tests = first.interval && evaluation.files.size() > 1;
  std::string text = fmt::format(" AER %{}  precision %  recall %    F1 %     links{}  file\n",
                                 first.interval ? "  ± 95 %" : "", has_tests ? "       p" : "");
  for (const AlignmentResult& file : evaluation.files) text += table_line(file, has_tests);
  return text + fmt::format("{}: {} pairs, {} sure of {} possible links\n", evaluation.gold_name,
                            evaluation.num_pairs, first.counts.sure, first.counts.possible);
}

std::string alignment_report_as_json(const AlignmentEvaluation& evaluation) {
  const AlignmentCounts& counts = evaluation.files.front().counts;
  nlohmann::ordered_json json;
  json["gold"] = {{"name", evaluation.gold_name},
                  {"pairs", evaluation.num_pairs},
                  {"sure", counts.sure},
                  {"possible", counts.possible}};
  for (const AlignmentResult& file : evaluation.files) json["alignments"].push_back(to_json(file));
  // A file name may be any bytes; JSON may not.
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace heed
