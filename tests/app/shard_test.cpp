#include "app/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "app/errors.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

TEST(Shard, IsReadStrictly) {
  EXPECT_EQ(parse_shard("2/4"), (Shard{2, 4}));
  EXPECT_EQ(parse_shard("1/1"), (Shard{1, 1}));
  for (const std::string text :
       {"0/4", "5/4", "a/b", "1/0", "0/0", "", "/", "2", "/3", "2/", "1/2/3", "-1/2", "+1/2",
        " 1/2", "1/2 ", "1.0/2", "0x1/2", "1/99999999999999999999999"}) {
    EXPECT_THROW(parse_shard(text), UsageError) << text;
    EXPECT_THAT(error_message([&] { parse_shard(text); }), HasSubstr("--shard " + text + ":"));
  }
}

TEST(Shard, PartsAreContiguousAndBalanced) {
  for (std::size_t lines = 0; lines < 30; ++lines) {
    for (std::size_t count = 1; count < 35; ++count) {
      std::size_t next = 0;
      for (std::size_t index = 1; index <= count; ++index) {
        const LineRange range = shard_range({index, count}, lines);
        EXPECT_EQ(range.begin, next);
        next = range.end;
        EXPECT_GE(range.end - range.begin, lines / count);
        EXPECT_LE(range.end - range.begin, (lines + count - 1) / count);
      }
      EXPECT_EQ(next, lines);
    }
  }
}

TEST(Shard, DoesNotOverflow) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(shard_range({kMost, kMost}, 10), (LineRange{10, 10}));
  EXPECT_EQ(shard_range({3, 3}, kMost).end, kMost);
}

TEST(Shard, FilesAreCutAtTheSameLines) {
  const TemporaryFolder folder;
  const std::vector<std::string> files{folder.write("a", "1\n2\n3\n4\n5\n").string(),
                                       folder.write("b", "1\n2\n3\n4\n5").string()};
  ShardedInput input = open_shard(files, Shard{2, 3});
  ASSERT_EQ(input.readers.size(), 2U);
  EXPECT_EQ(input.lines_after, 1U);
  for (LineReader& reader : input.readers) {
    std::string line;
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, "3");
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(reader.line_number(), 4U);
    EXPECT_FALSE(reader.next(line));
  }
}

TEST(Shard, NeedsFilesOfOneLength) {
  const TemporaryFolder folder;
  const std::vector<std::string> files{folder.write("a", "1\n2\n").string(),
                                       folder.write("b", "1\n").string()};
  EXPECT_THAT(error_message([&] {
                open_shard(files, Shard{1, 3});
              }),
              ::testing::AllOf(HasSubstr("a has 2 lines"), HasSubstr("b has 1")));
}

TEST(Shard, StandardInputCannotBeCounted) {
  const std::vector<std::string> files{"-"};
  EXPECT_THROW(open_shard(files, Shard{1, 2}), UsageError);
  EXPECT_THAT(error_message([&] { open_shard(files, Shard{1, 2}); }), HasSubstr("name a file"));
  const std::vector<std::string> device{"/dev/null"};
  EXPECT_THROW(open_shard(device, Shard{1, 2}), UsageError);
}

}  // namespace
}  // namespace heed
