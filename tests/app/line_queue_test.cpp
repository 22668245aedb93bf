#include "app/translate/line_queue.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

std::vector<std::string> drain(LineQueue& queue, std::size_t block) {
  std::vector<std::string> all;
  for (auto lines = queue.take(block); !lines.empty(); lines = queue.take(block)) {
    EXPECT_LE(lines.size(), block);
    all.insert(all.end(), lines.begin(), lines.end());
  }
  return all;
}

TEST(LineQueue, GivesEveryLineInOrderWhateverItsCapacity) {
  const TemporaryFolder folder;
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    expected.push_back(i % 7 == 0 ? "" : std::to_string(i));
    text += expected.back() + "\n";
  }
  const auto path = folder.write("in", text);
  for (const std::size_t capacity : {1u, 10u, 10000u}) {
    LineQueue queue(LineReader(path), capacity);
    EXPECT_EQ(drain(queue, 64), expected);
  }
}

TEST(LineQueue, PassesTheReadersErrorOnAfterTheLinesBeforeIt) {
  const TemporaryFolder folder;
  const auto path = folder.write("in.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\0garbage", 17));
  LineQueue queue(LineReader(path), 10);
  EXPECT_THROW(drain(queue, 4), std::runtime_error);
}

TEST(LineQueue, CanBeAbandoned) {
  const TemporaryFolder folder;
  const auto path = folder.write("in", std::string(1000, '\n'));
  LineQueue queue(LineReader(path), 2);
  EXPECT_EQ(queue.take(1).size(), 1u);
}

TEST(LineQueue, LongLinesComeInSmallBlocks) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 20; ++i) text += std::string(LineQueue::kBytesAtOnce / 4, 'x') + "\n";
  LineQueue queue(LineReader(folder.write("in", text)), 100);
  std::size_t lines = 0;
  for (auto block = queue.take(100); !block.empty(); block = queue.take(100)) {
    EXPECT_LE(block.size(), 4U);
    lines += block.size();
  }
  EXPECT_EQ(lines, 20U);
}

}  // namespace
}  // namespace heed
