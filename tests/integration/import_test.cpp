#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/marian_folder.h"
#include "tests/support/run_heed.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

TEST(Import, AnImportedModelWorksAtOnce) {
  const TemporaryFolder folder;
  MarianFolder hf;
  hf.vocabulary.erase("ß");
  hf.vocabulary[">>deu<<"] = 6;
  hf.write(folder);
  const ProgramResult imported = run_heed(folder.path(), {"import", ".", "model"});
  EXPECT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_EQ(imported.out, "");
  const std::string info = run_heed_well(folder.path(), {"info", "model"});
  EXPECT_THAT(info, HasSubstr("en to de"));
  EXPECT_THAT(info, HasSubstr("one of: >>deu<<\n"));
  const std::string out =
      run_heed_well(folder.path(), {"translate", "--model", "model"}, ">>deu<< ab c\na\n");
  EXPECT_EQ(lines_of(out).size(), 2U);
  for (const char* command : {"score", "align"})
    EXPECT_EQ(
        lines_of(run_heed_well(folder.path(), {command, "--model", "model"}, "ab c\tcd\n")).size(),
        1U);
  EXPECT_EQ(run_heed(folder.path(), {"import", ".", "model"}).exit_code, 2);
}

/// The interpreter that has transformers: $HEED_TRANSFORMERS_PYTHON, else python3.
std::string transformers_python() {
  const char* named = std::getenv("HEED_TRANSFORMERS_PYTHON");
  return shell_quoted(named == nullptr ? "python3" : named);
}

TEST(SlowImport, EqualsTransformers) {
  const std::string python = transformers_python();
  if (std::system((python + " -c 'import torch, transformers, sentencepiece' 2>/dev/null").c_str()))
    GTEST_SKIP() << "needs Python with torch, transformers and sentencepiece; name one in "
                    "HEED_TRANSFORMERS_PYTHON";
  const std::string script = HEED_SOURCE_DIR "/scripts/compare_with_transformers.py";
  EXPECT_EQ(
      std::system(
          fmt::format("{} {} {}", python, shell_quoted(script), shell_quoted(HEED_BINARY)).c_str()),
      0);
}

}  // namespace
}  // namespace heed
