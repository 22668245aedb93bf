#include <algorithm>
#include <fstream>

#include "app/import/marian_settings.h"
#include "app/import/marian_vocabulary.h"
#include "tests/fuzz/fuzz_target.h"

namespace heed {
namespace {

constexpr std::int64_t kRows = 16;

void check_settings(std::string_view input) {
  const std::filesystem::path folder = file_of(input, "config.json").parent_path();
  reads(folder, [&] {
    const MarianSettings settings = read_marian_settings(folder);
    require_property(settings.src_rows >= 0 && settings.tgt_rows >= 0 && settings.pad_id >= 0 &&
                         settings.eos_id >= 0,
                     "numbers are not negative");
    require_property(settings.config.search.max_length >= 1, "a translation has some length");
  });
}

void check_vocabulary(std::string_view input) {
  const std::filesystem::path path = file_of(input, "vocab.json");
  reads(path, [&] {
    const MarianVocabulary vocabulary = read_marian_vocabulary(path, kRows, std::nullopt);
    require_property(vocabulary.pieces.size() == vocabulary.rows.size(), "a row has its piece");
    require_property(vocabulary.size() == kRows + 1, "each row has its id, and so has heed's pad");
    std::vector<std::int64_t> rows = vocabulary.rows;
    std::sort(rows.begin(), rows.end());
    require_property(std::adjacent_find(rows.begin(), rows.end()) == rows.end(),
                     "no row has two ids");
    require_property(rows.front() >= MarianVocabulary::kNoRow && rows.back() < kRows,
                     "rows are in the table");
  });
}

void run(std::string_view input) {
  check_settings(input);
  check_vocabulary(input);
}

const FuzzRegistration kRegistration("marian_json", run);

}  // namespace
}  // namespace heed
