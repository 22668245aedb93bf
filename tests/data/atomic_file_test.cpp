#include "data/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::size_t count_files(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
}

TEST(AtomicFile, ReplacesOnlyOnCommit) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("file", "old");
  AtomicFile file(path);
  file.stream() << "new";
  file.stream().flush();
  EXPECT_EQ(read_bytes(path), "old");
  file.commit();
  EXPECT_EQ(read_bytes(path), "new");
  EXPECT_EQ(count_files(folder), 1U);
}

TEST(AtomicFile, LeavesNothingWithoutCommit) {
  const TemporaryFolder folder;
  { AtomicFile(folder / "file").stream() << "text"; }
  EXPECT_EQ(count_files(folder), 0U);
}

TEST(AtomicFile, MovedFileIsCommittedOnce) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "file");
  first.stream() << "text";
  AtomicFile second = std::move(first);
  second.commit();
  EXPECT_EQ(read_bytes(folder / "file"), "text");
  EXPECT_EQ(count_files(folder), 1U);
}

TEST(AtomicFile, KeepsEveryByte) {
  const TemporaryFolder folder;
  const std::string bytes("\0\r\n\xFF", 4);
  write_file_atomically(folder / "file", bytes);
  EXPECT_EQ(read_bytes(folder / "file"), bytes);
  write_file_atomically(folder / "file", "");
  EXPECT_EQ(read_bytes(folder / "file"), "");
}

TEST(AtomicFile, FollowsALink) {
  const TemporaryFolder folder;
  folder.write("target", "old");
  fs::create_symlink("target", folder / "link");
  write_file_atomically(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_bytes(folder / "target"), "new");
}

TEST(AtomicFile, FollowsALinkToAFileThatIsYetToCome) {
  const TemporaryFolder folder;
  fs::create_symlink("target", folder / "link");
  write_file_atomically(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_bytes(folder / "target"), "new");
}

TEST(AtomicFile, WritesToADeviceDirectly) {
  write_file_atomically("/dev/null", "text");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(AtomicFile, TakesTheLongestNames) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write_file_atomically(folder / name, "text");
  EXPECT_EQ(read_bytes(folder / name), "text");
}

TEST(AtomicFile, NamesTheFileThatCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_message([&] { AtomicFile file(folder / "none/file"); }),
              HasSubstr((folder / "none/file").string() + ": cannot create: No such file"));
  EXPECT_THAT(error_message([&] { AtomicFile file(folder.path()); }), HasSubstr("Is a directory"));
}

TEST(AtomicFile, ReportsAFullDisk) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this system";
  AtomicFile file("/dev/full");
  EXPECT_THAT(error_message([&] { file.stream() << std::string(1 << 20, 'x'); }),
              HasSubstr("/dev/full: cannot write: No space left"));
  EXPECT_THAT(error_message([&] { file.commit(); }), HasSubstr("/dev/full: cannot write"));
}

TEST(AtomicFile, APartIsKeptBesideTheTarget) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("file", "old");
  AtomicFile file(path);
  file.stream() << "finished";
  EXPECT_EQ(file.commit_part(), fs::path(path.string() + kPartSuffix));
  EXPECT_EQ(read_bytes(path), "old");
  EXPECT_EQ(read_bytes(path.string() + kPartSuffix), "finished");
  EXPECT_EQ(count_files(folder), 2U);
  EXPECT_EQ(AtomicFile("/dev/null").commit_part(), std::nullopt);
}

TEST(AtomicFile, TemporariesCanBeRemovedWithoutTheirOwners) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("file", "old");
  AtomicFile first(path);
  AtomicFile second(folder / "second");
  EXPECT_EQ(count_files(folder), 3U);
  remove_temporaries();
  EXPECT_EQ(count_files(folder), 1U);
  EXPECT_EQ(read_bytes(path), "old");
  EXPECT_THROW(first.commit(), std::runtime_error);
  AtomicFile third(folder / "third");
  third.commit();
  remove_temporaries();
  EXPECT_EQ(count_files(folder), 2U);
}

}  // namespace
}  // namespace heed
