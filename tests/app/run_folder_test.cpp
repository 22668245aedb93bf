#include "app/train/run_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "app/train/run_lock.h"
#include "data/checksums.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RunFolderTest : public ::testing::Test {
 protected:
  /// A checkpoint of nothing but its state, validated unless `validated` says otherwise.
  TrainingState add(std::int64_t update, std::int64_t best, bool is_validated = true,
                    std::int64_t skipped = 0, double score = 0.0) const {
    TrainingState state;
    state.update = update;
    state.best_update = best;
    state.score = score != 0.0 ? score : update == best ? static_cast<double>(best) : 0.0;
    state.validated_update = is_validated ? update : 0;
    state.skipped_in_a_row = skipped;
    fs::create_directories(run_.checkpoint(update));
    state.save(run_.checkpoint(update) / kStateFile);
    write_checksums(run_.checkpoint(update));
    return state;
  }

  void damage(std::int64_t update) const {
    std::ofstream(run_.checkpoint(update) / kStateFile, std::ios::app) << " ";
  }

  std::vector<std::int64_t> updates() const {
    std::set<std::int64_t> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(run_.path() / "checkpoints"))
      found.insert(std::stoll(entry.path().filename().string().substr(7)));
    return {found.begin(), found.end()};
  }

  fs::path link(const char* name) const { return fs::read_symlink(run_.path() / name).filename(); }

  TemporaryFolder temporary_;
  RunFolder run_{temporary_.path() / "run"};
};

TEST_F(RunFolderTest, StartsFromNothing) {
  EXPECT_FALSE(run_.find_checkpoint());
  EXPECT_FALSE(run_.find_good_checkpoint());
}

TEST_F(RunFolderTest, TheNewestThatIsWholeIsTaken) {
  for (const std::int64_t update : {5, 10, 100'000'000}) add(update, 5);
  EXPECT_EQ(run_.find_checkpoint()->state.update, 100'000'000);
  damage(100'000'000);
  EXPECT_EQ(run_.find_checkpoint()->state.update, 10);
  fs::remove(run_.checkpoint(10) / kChecksumFile);
  EXPECT_EQ(run_.find_checkpoint()->state.update, 5);
}

TEST_F(RunFolderTest, WithoutAWholeOneItSaysWhatIsWrong) {
  add(5, 5);
  damage(5);
  EXPECT_THAT(error_message([this] { run_.find_checkpoint(); }),
              HasSubstr("training.json is damaged"));
}

TEST_F(RunFolderTest, KeepsLastBestAndTheRecent) {
  for (const std::int64_t update : {5, 10, 15, 20}) add(update, 5);
  run_.settle(add(25, 5), {.recent = 2});
  EXPECT_THAT(updates(), ElementsAre(5, 20, 25));
  EXPECT_EQ(link("last"), "update-00000025");
  EXPECT_EQ(link("best"), "update-00000005");
  run_.settle(add(30, 30), {.recent = 0});
  EXPECT_THAT(updates(), ElementsAre(30));
  EXPECT_EQ(link("best"), "update-00000030");
}

TEST_F(RunFolderTest, KeepsAsManyOfTheBestAsItIsTold) {
  const std::vector<double> scores{30.0, 33.0, 31.0, 32.0};
  TrainingState state;
  for (std::int64_t i = 0; i < 4; ++i)
    state = add(5 * i + 5, 10, true, 0, scores[static_cast<std::size_t>(i)]);
  run_.settle(state, {.recent = 0, .best = 3});
  EXPECT_THAT(updates(), ElementsAre(10, 15, 20));
  run_.settle(state, {.recent = 0, .best = 1});
  EXPECT_THAT(updates(), ElementsAre(10, 20));  // 20 is the last
}

TEST_F(RunFolderTest, OneThatWasNotValidatedIsKeptAsTheLastOnly) {
  add(5, 5);
  run_.settle(add(7, 5, /*is_validated=*/false), {.recent = 1});
  EXPECT_THAT(updates(), ElementsAre(5, 7));
  run_.settle(add(9, 5, /*is_validated=*/false), {.recent = 1});
  EXPECT_THAT(updates(), ElementsAre(5, 9));
  run_.settle(add(10, 10), {.recent = 1});
  EXPECT_THAT(updates(), ElementsAre(10));
}

TEST_F(RunFolderTest, TheNewestGoodOneIsKeptToReturnTo) {
  add(5, 15);
  add(10, 15, true, /*skipped=*/3);
  run_.settle(add(15, 15, true, /*skipped=*/8), {.recent = 0});
  EXPECT_THAT(updates(), ElementsAre(5, 15));
  EXPECT_EQ(run_.find_good_checkpoint()->state.update, 5);
  run_.remove_after(5);
  EXPECT_THAT(updates(), ElementsAre(5));
}

TEST_F(RunFolderTest, ABestOneThatIsGoneIsNotPointedTo) {
  add(5, 5);
  run_.settle(add(10, 5), {.recent = 0});
  fs::remove_all(run_.checkpoint(5));
  run_.settle(add(15, 5), {.recent = 0});
  EXPECT_FALSE(fs::is_symlink(run_.path() / "best"));
}

TEST_F(RunFolderTest, SweepsWhatAKilledRunLeft) {
  add(5, 5);
  fs::create_directories(run_.path() / "checkpoints" / ".update-00000010.77.tmp" / "deep");
  fs::create_directories(run_.path() / "checkpoints" / ".update-00000010.77.old");
  fs::create_symlink("x", run_.path() / ".last.77.link");
  std::ofstream(run_.cache() / ".heed-0123.tmp") << "x";
  std::ofstream(run_.cache() / ".mine") << "x";
  run_.sweep();
  EXPECT_THAT(updates(), ElementsAre(5));
  EXPECT_FALSE(fs::is_symlink(run_.path() / ".last.77.link"));
  EXPECT_FALSE(fs::exists(run_.cache() / ".heed-0123.tmp"));
  EXPECT_TRUE(fs::exists(run_.cache() / ".mine"));
}

TEST_F(RunFolderTest, TakesOneTrainingAtATime) {
  const std::string first_error = error_message([this] {
    const RunLock lock(run_.path());
    const RunLock second(run_.path());
  });
  EXPECT_THAT(first_error, HasSubstr(fmt::format("process {} on ", ::getpid())));
  const RunLock again(run_.path());
}

}  // namespace
}  // namespace heed
