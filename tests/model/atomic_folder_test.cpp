#include "model/atomic_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace heed {
namespace {

namespace fs = std::filesystem;

class AtomicFolderTest : public testing::Test {
 protected:
  AtomicFolderTest()
      : root_(fs::path(testing::TempDir()) / ("heed_" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~AtomicFolderTest() override { fs::remove_all(root_); }

  static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  static std::string read(const fs::path& path) {
    std::ifstream file(path);
    std::string text;
    std::getline(file, text);
    return text;
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(root_), fs::directory_iterator()));
  }

  fs::path root_;
};

TEST_F(AtomicFolderTest, AppearsOnlyAtCommit) {
  {
    AtomicFolder folder(root_ / "deep" / "model");
    write(folder.path() / "file", "new");
    EXPECT_FALSE(fs::exists(root_ / "deep" / "model"));
    folder.commit();
  }
  EXPECT_EQ(read(root_ / "deep" / "model" / "file"), "new");
}

TEST_F(AtomicFolderTest, LeavesNothingWithoutCommit) {
  {
    AtomicFolder folder(root_ / "model");
    write(folder.path() / "file", "new");
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(AtomicFolderTest, ReplacesTheFormerFolderWhole) {
  for (const char* text : {"first", "second"}) {
    AtomicFolder folder(root_ / "model");
    write(folder.path() / "file", text);
    write(folder.path() / text, text);
    folder.commit();
  }
  EXPECT_EQ(read(root_ / "model" / "file"), "second");
  EXPECT_FALSE(fs::exists(root_ / "model" / "first"));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFolderTest, ATrailingSlashMeansTheSameFolder) {
  for (const char* text : {"first", "second"}) {
    AtomicFolder folder(root_ / "model" / "");
    write(folder.path() / "file", text);
    folder.commit();
  }
  EXPECT_EQ(read(root_ / "model" / "file"), "second");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFolderTest, FailsWhereItCantBeMade) {
  write(root_ / "file", "x");
  EXPECT_THROW(AtomicFolder(root_ / "file" / "model"), std::runtime_error);
}

TEST_F(AtomicFolderTest, WhatStandsInTheWayStaysWhenTheNewOneCantBePut) {
  AtomicFolder folder(root_ / "model");
  write(folder.path() / "file", "new");
  fs::remove_all(folder.path());
  write(root_ / "model", "a file");
  EXPECT_THROW(folder.commit(), std::runtime_error);
  EXPECT_EQ(read(root_ / "model"), "a file");
}

TEST_F(AtomicFolderTest, ALinkIsReplaced) {
  fs::create_directories(root_ / "a");
  fs::create_directories(root_ / "b");
  replace_symlink(root_ / "last", "a");
  replace_symlink(root_ / "last", "b");
  EXPECT_EQ(fs::read_symlink(root_ / "last"), "b");
  EXPECT_EQ(entries(), 3U);
}

}  // namespace
}  // namespace heed
