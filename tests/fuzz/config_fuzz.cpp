#include "app/config/config_file.h"
#include "tests/fuzz/fuzz_target.h"

namespace heed {
namespace {

/// A configuration that was read can be written, and is the same when it is read again.
void check_round_trip(const RunConfig& config) {
  const std::string text = format_config(config);
  const RunConfig again = read_config(file_of(text, "written"));
  require_property(format_config(again) == text, "what is written reads the same");
}

void run(std::string_view input) {
  const std::filesystem::path path = file_of(input);
  RunConfig config;
  if (reads(path, [&] { config = read_config(path); })) check_round_trip(config);
}

const FuzzRegistration kRegistration("config", run);

}  // namespace
}  // namespace heed
