#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "tests/support/killed_run.h"
#include "tests/support/run_events.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::vector<std::string> kShort{"--set", "training.max_updates=12", "--set",
                                      "validation.every=4"};

void flip_a_bit(const fs::path& path) {
  std::string bytes = read_file(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_file(path, bytes);
}

TEST(Resume, ADamagedCheckpointIsLeftOutForTheOneBeforeIt) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("whole", kShort).exit_code, 0);
  const fs::path last = fs::read_symlink(toy.path() / "whole/last");
  for (const char* file :
       {"model.safetensors", "training.safetensors", "training.json", "config.toml", "joint.spm"}) {
    fs::remove_all(toy.path() / "run");
    fs::copy(toy.path() / "whole", toy.path() / "run",
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    flip_a_bit(toy.path() / "run" / last / file);
    const ProgramResult resumed = toy.train("run", kShort);
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_THAT(resumed.err, HasSubstr(fmt::format("update-00000012: {} is damaged", file)));
    EXPECT_THAT(resumed.err, HasSubstr("resumed from update 8"));
    expect_same_run(toy, "whole", "run");
  }
}

TEST(Resume, ADamagedModelTranslatesWithAWarning) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run", kShort).exit_code, 0);
  const std::vector<std::string> translate{"translate", "--model", "run/last"};
  EXPECT_EQ(run_heed(toy.path(), translate, "ba ko\n").err, "");
  flip_a_bit(toy.path() / "run/last/model.safetensors");
  const ProgramResult damaged = run_heed(toy.path(), translate, "ba ko\n");
  EXPECT_EQ(damaged.exit_code, 0);
  EXPECT_THAT(damaged.err, HasSubstr("model.safetensors is damaged"));
}

TEST(Resume, WithoutAWholeCheckpointItSaysSo) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run", kShort).exit_code, 0);
  for (const fs::directory_entry& entry : fs::directory_iterator(toy.path() / "run/checkpoints"))
    fs::remove(entry.path() / "model.safetensors");
  const ProgramResult result = toy.train("run", kShort);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("none of its checkpoints is whole"));
}

/// Starts a training without end in `run`, runs `script` once it has logged an update, with $child
/// being the training, and waits for both.
ProgramResult train_without_end(const ToyRun& toy, const std::string& script,
                                const std::string& starter = "") {
  write_file(toy.path() / "wrapper.sh",
             starter +
                 " \"$@\" & child=$!\n"
                 "until grep -qs '\"update\"' run/log.jsonl; do sleep 0.02; done\n" +
                 script + "\nwait $child\n");
  return run_heed(toy.path(),
                  {"train", "toy.toml", "--run", "run", "--set", "training.max_updates=1000000",
                   "--set", "validation.every=1000000"},
                  "", "timeout 100 sh wrapper.sh");
}

TEST(Resume, TwoTrainingsOnOneFolderAreRefused) {
  const ToyRun toy;
  const ProgramResult first = train_without_end(
      toy, fmt::format("{} train toy.toml --run run >second.out 2>&1; echo $? >second.status\n"
                       "kill -TERM $child",
                       HEED_BINARY));
  EXPECT_EQ(first.exit_code, 128 + 15) << first.err;
  EXPECT_EQ(read_file(toy.path() / "second.status"), "1\n");
  EXPECT_THAT(read_file(toy.path() / "second.out"), HasSubstr("is being trained in by process"));
}

TEST(Resume, TerminatedItSavesAndTheSameCommandGoesOnToTheSameBits) {
  const ToyRun toy;
  const ProgramResult stopped = train_without_end(toy, "kill -TERM $child");
  EXPECT_EQ(stopped.exit_code, 128 + 15);
  EXPECT_THAT(stopped.err, HasSubstr("the same command goes on"));
  const auto state = nlohmann::json::parse(read_file(toy.path() / "run/last/training.json"));
  const std::vector<std::string> some_more{
      "--resume", "--set",
      fmt::format("training.max_updates={}", state.at("update").get<int>() + 7), "--set",
      "validation.every=1000000"};
  ASSERT_EQ(toy.train("run", some_more).exit_code, 0);
  ASSERT_EQ(toy.train("whole", some_more).exit_code, 0);
  EXPECT_EQ(toy.weights("whole"), toy.weights("run"));
  EXPECT_EQ(toy.moments("whole"), toy.moments("run"));
  EXPECT_EQ(timeless_log(toy.path() / "whole"), timeless_log(toy.path() / "run"));
}

TEST(Resume, ASecondSignalEndsAtOnce) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer holds signals back";
#endif
  const ToyRun toy;
  // Stopped, it finds both when it goes on, maybe in two threads and in either order: there is no
  // time to act upon the first.
  const ProgramResult stopped = train_without_end(
      toy, "kill -STOP $child; kill -INT $child; kill -TERM $child; kill -CONT $child");
  EXPECT_THAT(stopped.exit_code, ::testing::AnyOf(128 + SIGINT, 128 + SIGTERM));
  EXPECT_EQ(stopped.err.find("interrupted"), std::string::npos) << stopped.err;
  EXPECT_EQ(toy.train("run", {"--resume", "--set", "training.max_updates=5"}).exit_code, 0);
}

TEST(Resume, AClosedTerminalSavesUnlessNohupWasAsked) {
  const ToyRun toy;
  const ProgramResult stopped = train_without_end(toy, "kill -HUP $child");
  EXPECT_EQ(stopped.exit_code, 128 + 1);
  EXPECT_THAT(stopped.err, HasSubstr("the same command goes on"));
  fs::remove_all(toy.path() / "run");
  const ProgramResult kept =
      train_without_end(toy, "kill -HUP $child; sleep 0.3; kill -TERM $child", "nohup");
  EXPECT_EQ(kept.exit_code, 128 + 15);
}

TEST(Resume, CheckpointsComeByTheClockToo) {
  const ToyRun toy;
  const ProgramResult result =
      toy.train("run", {"--set", "validation.every=1000", "--set", "training.save_minutes=0.0001",
                        "--set", "training.max_updates=60"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_GT(events_of(toy.path() / "run", "checkpoint").size(), 3U);
  // None is kept but the last: nobody can compare what was not validated.
  EXPECT_EQ(names_in(toy.path() / "run/checkpoints"), std::vector<std::string>{"update-00000060"});
}

/// On a file system of its own that is too small; larger, the run goes on in it.
class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* probe = "unshare --mount sh -c 'mount -t tmpfs tmpfs /mnt' >/dev/null 2>&1";
    if (std::system(probe) != 0) GTEST_SKIP() << "mounting is not permitted";
    ASSERT_EQ(toy_.train("whole", kShort).exit_code, 0);
    fs::create_directories(toy_.path() / "disk");
  }

  ProgramResult train_on(int kilobytes) const {
    write_file(toy_.path() / "wrapper.sh",
               fmt::format("mount -t tmpfs -o size={}k tmpfs disk\n"
                           "\"$@\"; echo $? >status; cp -a disk/run full\n"
                           "mount -o remount,size=8m disk\n"
                           "\"$@\" && cp -a disk/run run\n",
                           kilobytes));
    std::vector<std::string> arguments{"train", "toy.toml", "--run", "disk/run"};
    arguments.insert(arguments.end(), kShort.begin(), kShort.end());
    return run_heed(toy_.path(), arguments, "", "unshare --mount sh wrapper.sh");
  }

  ToyRun toy_;
};

TEST_F(FullDisk, LeavesTheLastGoodStateAndTheRunGoesOnLater) {
  for (const int kilobytes : {100, 500, 1000, 1100}) {
    SCOPED_TRACE(kilobytes);
    const ProgramResult result = train_on(kilobytes);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(read_file(toy_.path() / "status"), "1\n");
    EXPECT_THAT(result.err, HasSubstr("No space left on device"));
    if (fs::exists(toy_.path() / "full/last")) {
      EXPECT_THAT(result.err, HasSubstr("the same command goes on from there"));
      EXPECT_THAT(result.err, HasSubstr("resumed from update"));
    }
    expect_same_run(toy_, "whole", "run");
    fs::remove_all(toy_.path() / "run");
    fs::remove_all(toy_.path() / "full");
  }
}

TEST_F(FullDisk, AFolderThatCantBeWrittenIsNamed) {
  write_file(toy_.path() / "wrapper.sh",
             "mount -t tmpfs tmpfs disk\nmkdir disk/run\n"
             "mount -o remount,ro disk\nexec \"$@\"\n");
  const ProgramResult result = run_heed(toy_.path(), {"train", "toy.toml", "--run", "disk/run"}, "",
                                        "unshare --mount sh wrapper.sh");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("disk/run"));
  EXPECT_THAT(result.err, HasSubstr("Read-only file system"));
}

/// Where mounting is not permitted this stands for a full disk.
TEST(FileSizeLimit, LeavesTheLastGoodState) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run", kShort).exit_code, 0);
  const BinaryFile before = toy.weights("run");
  const std::vector<std::string> more{"train", "toy.toml",          "--run", "run", "--resume",
                                      "--set", "validation.every=4"};
  const ProgramResult result =
      run_heed(toy.path(), more, "", "sh -c 'ulimit -f 30; exec \"$@\"' -");
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("File too large"));
  EXPECT_EQ(toy.weights("run"), before);
}

}  // namespace
}  // namespace heed
