#include "data/checksums.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

class Checksums : public ::testing::Test {
 protected:
  Checksums() {
    write("a", "123456789");
    write("b", std::string(3'000'000, 'x'));
    write_checksums(folder_.path());
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name, std::ios::binary) << text;
  }

  std::string list() const {
    std::ostringstream text;
    text << std::ifstream(folder_.path() / kChecksumFile).rdbuf();
    return text.str();
  }

  TemporaryFolder folder_;
};

TEST_F(Checksums, AreCrc32InTheFormOfSfvFiles) {
  EXPECT_TRUE(list().starts_with("a CBF43926\nb ")) << list();  // the check value of CRC-32
  EXPECT_EQ(find_damage(folder_.path()), "");
}

TEST_F(Checksums, EveryFileCounts) {
  for (const char* name : {"a", "b"}) {
    const std::filesystem::path path = folder_.path() / name;
    std::filesystem::rename(path, folder_.path() / "aside");
    EXPECT_EQ(find_damage(folder_.path()), std::string(name) + " is missing");
    std::filesystem::rename(folder_.path() / "aside", path);
  }
  EXPECT_EQ(find_damage(folder_.path()), "");
}

TEST_F(Checksums, OneBitIsNoticedAndSoIsALength) {
  std::string text(3'000'000, 'x');
  text[2'345'678] ^= 1;
  write("b", text);
  EXPECT_EQ(find_damage(folder_.path()), "b is damaged");
  write("b", std::string(2'999'999, 'x'));
  EXPECT_EQ(find_damage(folder_.path()), "b is damaged");
}

TEST_F(Checksums, SomeFilesCanBeLeftOut) {
  write("a", "123456788");
  EXPECT_EQ(find_damage(folder_.path(), {"b"}), "");
  EXPECT_EQ(find_damage(folder_.path(), {"b", "a"}), "a is damaged");
}

TEST_F(Checksums, TheListItselfMustBeThereAndWhole) {
  const std::string whole = list();
  for (const std::string& text : {std::string(""), std::string("a"), std::string("../a CBF43926\n"),
                                  std::string("/etc/passwd 00000000\n"), std::string(9, '\0')}) {
    write(kChecksumFile, text);
    EXPECT_NE(find_damage(folder_.path()), "") << text;
  }
  write(kChecksumFile, whole);
  EXPECT_EQ(find_damage(folder_.path()), "");
  std::filesystem::remove(folder_.path() / kChecksumFile);
  EXPECT_EQ(find_damage(folder_.path()), "checksums.sfv is missing");
}

}  // namespace
}  // namespace heed
