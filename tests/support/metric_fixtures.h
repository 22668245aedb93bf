#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace heed {

/// A file that scripts/make_metric_fixtures.py wrote.
inline nlohmann::json read_metric_fixture(const std::string& name) {
  const auto path = std::filesystem::path(HEED_SOURCE_DIR) / "tests/fixtures/metrics" / name;
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

/// The scores of one metric, summed over the segments of a fixture's corpus, as the command does.
template <class Metric>
auto corpus_statistics(const Metric& metric, const nlohmann::json& corpus) {
  const auto hypotheses = corpus.at("hypotheses").get<std::vector<std::string>>();
  const auto files = corpus.at("references").get<std::vector<std::vector<std::string>>>();
  decltype(metric.statistics({}, {})) sum;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    std::vector<std::string> references;
    for (const std::vector<std::string>& file : files) references.push_back(file.at(i));
    sum += metric.statistics(hypotheses[i], references);
  }
  return sum;
}

}  // namespace heed
