#include "app/check/check_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace heed {
namespace {

constexpr std::size_t kPairsThatTell = 1000;

std::string_view remedy_name(Remedy remedy) {
  constexpr std::array<std::string_view, 4> kNames = {"none", "by-hand", "repair", "drop"};
  return kNames[static_cast<std::size_t>(remedy)];
}

std::string_view advice(FindingKind kind, TextRole role) {
  if (!is_fault(kind, role)) return "a note";
  if (traits_of(kind).remedy == Remedy::kByHand) return "--fix can't mend it: look there";
  if (role != TextRole::kTrain) return "--fix leaves dev and test text as it is";
  return traits_of(kind).remedy == Remedy::kDrop ? "--fix drops the pair" : "--fix repairs it";
}

bool has_findings(const TextFindings& text) {
  for (const FindingGroup& group : text.groups)
    if (group.count > 0) return true;
  return false;
}

std::string group_as_text(FindingKind kind, const FindingGroup& group, TextRole role) {
  std::string text =
      fmt::format("  {:>9}  {} ({})\n", group.count, traits_of(kind).title, advice(kind, role));
  for (const Place& place : group.places) text += fmt::format("{:13}{}\n", "", describe(place));
  if (!group.places.empty() && group.count > group.places.size())
    text += fmt::format("{:13}and {} more\n", "", group.count - group.places.size());
  return text;
}

std::string text_as_text(const TextFindings& text) {
  std::string report = fmt::format("{}: {} pairs in {}", role_name(text.role), text.pairs,
                                   fmt::join(text.files, ", "));
  const bool is_strange = text.pairs >= kPairsThatTell && !text.has_evidence;
  if (!has_findings(text) && !is_strange) return report + ": clean\n";
  report += '\n';
  for (std::size_t i = 0; i < kNumFindingKinds; ++i)
    if (text.groups[i].count > 0)
      report += group_as_text(static_cast<FindingKind>(i), text.groups[i], text.role);
  if (is_strange)
    report +=
        "             nothing (lengths, ends, numbers, names) shows that line n of one side "
        "translates line n of the other\n";
  return report;
}

nlohmann::ordered_json place_as_json(const Place& place) {
  nlohmann::ordered_json json{{"file", place.file}, {"line", place.line}, {"note", place.note}};
  if (!place.other_file.empty())
    json["as"] = {{"file", place.other_file}, {"line", place.other_line}};
  return json;
}

nlohmann::ordered_json findings_as_json(const TextFindings& text) {
  auto findings = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < kNumFindingKinds; ++i) {
    const FindingGroup& group = text.groups[i];
    if (group.count == 0) continue;
    const auto kind = static_cast<FindingKind>(i);
    auto places = nlohmann::ordered_json::array();
    for (const Place& place : group.places) places.push_back(place_as_json(place));
    findings.push_back({{"kind", traits_of(kind).name},
                        {"count", group.count},
                        {"is_fault", is_fault(kind, text.role)},
                        {"remedy", remedy_name(traits_of(kind).remedy)},
                        {"places", std::move(places)}});
  }
  return findings;
}

nlohmann::ordered_json slips_as_json(const TextFindings& text) {
  auto slips = nlohmann::ordered_json::array();
  for (const Slip& slip : text.slips)
    slips.push_back({{"src_file", slip.src_file},
                     {"tgt_file", slip.tgt_file},
                     {"src_line", slip.src_line},
                     {"offset_before", slip.before},
                     {"offset_after", slip.after},
                     {"is_related", slip.is_related}});
  return slips;
}

}  // namespace

std::string describe(const Place& place) {
  std::string text = fmt::format("{}:{}", place.file, place.line);
  if (place.other_file == place.file)
    text += fmt::format(" (as line {})", place.other_line);
  else if (!place.other_file.empty())
    text += fmt::format(" (as {}:{})", place.other_file, place.other_line);
  return place.note.empty() ? text : text + ": " + place.note;
}

std::string check_report_as_text(std::span<const TextFindings> texts) {
  std::string report;
  for (const TextFindings& text : texts) report += text_as_text(text);
  return report;
}

nlohmann::ordered_json check_report_as_json(std::span<const TextFindings> texts) {
  std::size_t faults = 0;
  auto list = nlohmann::ordered_json::array();
  for (const TextFindings& text : texts) {
    faults += fault_count(text);
    list.push_back({{"text", role_name(text.role)},
                    {"files", text.files},
                    {"pairs", text.pairs},
                    {"bad_pairs", text.bad_pairs},
                    {"looks_parallel", text.has_evidence},
                    {"findings", findings_as_json(text)},
                    {"slips", slips_as_json(text)}});
  }
  return {{"faults", faults}, {"texts", std::move(list)}};
}

}  // namespace heed
