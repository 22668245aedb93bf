#include "data/text_io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "data/random.h"
#include "tests/support/error_message.h"
#include "tests/support/gzip.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LineReaderTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines_of(std::string_view contents) {
    return read_lines(folder_.write("file", contents));
  }
  std::string error_of(std::string_view contents) {
    return error_message([&] { lines_of(contents); });
  }

  TemporaryFolder folder_;
};

TEST_F(LineReaderTest, OnlyNewlineEndsALine) {
  EXPECT_THAT(lines_of("a\nb\r\n\n\v\f\u2028\u0085 \rc\nlast"),
              ElementsAre("a", "b", "", "\v\f\u2028\u0085 \rc", "last"));
}

TEST_F(LineReaderTest, DropsOneCarriageReturnBeforeANewlineOnly) {
  EXPECT_THAT(lines_of("a\r\r\nb\r"), ElementsAre("a\r", "b\r"));
}

TEST_F(LineReaderTest, EndsOfFiles) {
  EXPECT_THAT(lines_of(""), IsEmpty());
  EXPECT_THAT(lines_of("\n"), ElementsAre(""));
  EXPECT_THAT(lines_of("\n\n"), ElementsAre("", ""));
  EXPECT_THAT(lines_of("\x1F"), ElementsAre("\x1F"));
}

TEST_F(LineReaderTest, PassesOnAnyByte) {
  const std::string bytes("\0\xFF\x80", 3);
  EXPECT_THAT(lines_of(bytes + "\n"), ElementsAre(bytes));
}

TEST_F(LineReaderTest, CountsLines) {
  LineReader reader(folder_.write("file", "a\nb"));
  std::string line;
  EXPECT_EQ(reader.line_number(), 0U);
  EXPECT_TRUE(reader.next(line));
  EXPECT_EQ(reader.line_number(), 1U);
  EXPECT_TRUE(reader.next(line));
  EXPECT_FALSE(reader.next(line));
  EXPECT_FALSE(reader.next(line));
  EXPECT_EQ(reader.line_number(), 2U);
  EXPECT_EQ(reader.name(), (folder_ / "file").string());
}

TEST_F(LineReaderTest, LinesLongerThanABlock) {
  const std::string long_line(1'000'003, 'x');
  EXPECT_THAT(lines_of(long_line + "\ny\n" + long_line), ElementsAre(long_line, "y", long_line));
}

TEST_F(LineReaderTest, ReadsGzip) {
  EXPECT_THAT(lines_of(gzip("a\nb\n")), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of(gzip("")), IsEmpty());
}

// Blocks of 64 KiB that unpack to far more, to exactly one block, and to one byte more than a
// block.
TEST_F(LineReaderTest, ReadsGzipOfAnySize) {
  for (const std::size_t size : {65535, 65536, 65537, 131072, 5'000'000}) {
    const std::string text(size, 'x');
    EXPECT_THAT(lines_of(gzip(text)), ElementsAre(text));
  }
}

TEST_F(LineReaderTest, ReadsIncompressibleGzip) {
  SplitMix64 random(1);
  std::string text(300'000, ' ');
  for (char& c : text) c = static_cast<char>('a' + random.uniform_below(26));
  EXPECT_THAT(lines_of(gzip(text + "\nend")), ElementsAre(text, "end"));
}

TEST_F(LineReaderTest, MembersOfAGzipFileAreOneText) {
  EXPECT_THAT(lines_of(gzip("a\nb") + gzip("") + gzip("c\nd")), ElementsAre("a", "bc", "d"));
}

TEST_F(LineReaderTest, ZeroBytesMayFollowGzip) {
  EXPECT_THAT(lines_of(gzip("a\n") + std::string(70'000, '\0')), ElementsAre("a"));
}

TEST_F(LineReaderTest, NothingElseMayFollowGzip) {
  EXPECT_THAT(error_of(gzip("a\n") + "more"), HasSubstr("the gzip data is damaged"));
}

TEST_F(LineReaderTest, EveryTruncationOfGzipIsAnError) {
  const std::string packed = gzip("some text\nand more of it\n");
  for (std::size_t size = 2; size < packed.size(); ++size) {
    EXPECT_THAT(error_of(std::string_view(packed).substr(0, size)), HasSubstr("truncated")) << size;
  }
}

TEST_F(LineReaderTest, TruncatedSecondMemberIsAnError) {
  const std::string packed = gzip("text\n");
  EXPECT_THAT(error_of(packed + packed.substr(0, packed.size() - 1)), HasSubstr("truncated"));
}

// A flipped bit is an error, or it lies where gzip keeps things that do not matter (the header).
TEST_F(LineReaderTest, DamagedGzipNeverGivesOtherText) {
  const std::string text = "some text\nand more of it\n";
  const std::string packed = gzip(text);
  for (std::size_t bit = 16; bit < 8 * packed.size(); ++bit) {
    std::string damaged = packed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    std::vector<std::string> lines;
    const std::string error = error_message([&] { lines = lines_of(damaged); });
    if (error.empty()) {
      EXPECT_THAT(lines, ElementsAre("some text", "and more of it")) << bit;
    } else {
      EXPECT_THAT(error, HasSubstr("file: cannot read: the gzip data is")) << bit;
    }
  }
}

TEST_F(LineReaderTest, RandomBytesBehindTheMagicAreAnError) {
  SplitMix64 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string bytes = "\x1F\x8B";
    for (int i = 0; i < 100; ++i) bytes += static_cast<char>(random.next());
    EXPECT_NE(error_of(bytes), "");
  }
}

TEST_F(LineReaderTest, NamesWhatCannotBeRead) {
  EXPECT_THAT(error_message([&] { LineReader reader(folder_ / "none"); }),
              HasSubstr("none: cannot read: No such file"));
  EXPECT_THAT(error_message([&] { LineReader reader(folder_.path()); }),
              HasSubstr("it is a folder"));
}

class LineIndexTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines_of(const std::filesystem::path& path, const LineRange& range) {
    LineReader reader(path, index_lines(path), range);
    EXPECT_EQ(reader.line_number(), range.begin);
    std::vector<std::string> lines;
    for (std::string line; reader.next(line);) lines.push_back(line);
    EXPECT_EQ(reader.line_number(), range.begin + lines.size());
    return lines;
  }

  TemporaryFolder folder_;
};

TEST_F(LineIndexTest, CountsWhatTheReaderGives) {
  for (const std::string text : {"", "\n", "a", "a\n", "\n\nb", "a\r\n\r\n", "\x1F", "\x1F\n"}) {
    const auto path = folder_.write("file", text);
    EXPECT_EQ(index_lines(path).lines, read_lines(path).size()) << text;
    const auto packed = folder_.write("packed", gzip(text));
    EXPECT_EQ(index_lines(packed).lines, read_lines(path).size()) << text;
  }
}

TEST_F(LineIndexTest, AnyRangeIsReadAsInTheWhole) {
  const auto path = folder_.write("file", "a\n\nc\r\nd");
  const auto packed = folder_.write("packed", gzip("a\n\nc\r\nd"));
  const std::vector<std::string> lines = read_lines(path);
  for (std::size_t begin = 0; begin <= lines.size(); ++begin) {
    for (std::size_t end = begin; end <= lines.size(); ++end) {
      const auto first = lines.begin() + static_cast<std::ptrdiff_t>(begin);
      const std::vector<std::string> expected(first,
                                              lines.begin() + static_cast<std::ptrdiff_t>(end));
      EXPECT_EQ(lines_of(path, {begin, end}), expected);
      EXPECT_EQ(lines_of(packed, {begin, end}), expected);
    }
  }
}

// Lines up to longer than the distance of marks, empty ones too.
TEST_F(LineIndexTest, MarksAreWhereLinesBegin) {
  SplitMix64 random(3);
  std::string text;
  std::vector<std::string> lines;
  for (int i = 0; i < 40; ++i) {
    const std::size_t size =
        i == 20 ? 3'000'000 : random.uniform_below(2) * random.uniform_below(400'000);
    lines.push_back(std::to_string(i) + std::string(size, 'x'));
    text += lines.back() + "\n";
  }
  const auto path = folder_.write("file", text);
  const LineIndex index = index_lines(path);
  EXPECT_GT(index.marks.size(), 3U);
  for (const LineIndex::Mark& mark : index.marks) {
    ASSERT_LE(mark.offset, text.size());
    EXPECT_EQ(text[mark.offset - 1], '\n');
    EXPECT_EQ(static_cast<std::size_t>(std::count(
                  text.begin(), text.begin() + static_cast<std::ptrdiff_t>(mark.offset), '\n')),
              mark.line);
  }
  for (std::size_t line = 0; line < lines.size(); ++line)
    EXPECT_EQ(lines_of(path, {line, line + 1}), std::vector{lines[line]});
}

/// Standard input replaced by a pipe.
class PipedInput {
 public:
  PipedInput() : saved_(dup(STDIN_FILENO)) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    write_end_ = ends[1];
  }
  ~PipedInput() {
    finish();
    dup2(saved_, STDIN_FILENO);
    close(saved_);
  }
  PipedInput(const PipedInput&) = delete;
  PipedInput& operator=(const PipedInput&) = delete;

  void send(std::string_view bytes) const {
    EXPECT_EQ(write(write_end_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void finish() {
    if (write_end_ >= 0) close(write_end_);
    write_end_ = -1;
  }

 private:
  int saved_;
  int write_end_;
};

TEST(StandardInput, GivesALineBeforeTheNextIsSent) {
  PipedInput input;
  LineReader reader("-");
  EXPECT_EQ(reader.name(), "stdin");
  std::string line;
  for (const std::string sent : {"a", "", "\x1F", "longer"}) {
    input.send(sent + "\n");
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, sent);
  }
  input.send("end");
  input.finish();
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line, "end");
  EXPECT_FALSE(reader.next(line));
}

TEST(StandardInput, MayBeGzipThatComesByteByByte) {
  PipedInput input;
  for (const char byte : gzip("a\nb\n")) input.send(std::string_view(&byte, 1));
  input.finish();
  EXPECT_THAT(read_lines("-"), ElementsAre("a", "b"));
}

TEST(LineReader, HoldsNoMoreOfALineThanItsLimit) {
  const TemporaryFolder folder;
  const std::string text =
      "ab\n" + std::string(1'000'000, 'x') + "\r\nabcd\nabcde\n" + std::string(200'000, 'y');
  for (const std::string& contents : {text, gzip(text)}) {
    LineReader reader(folder.write("file", contents));
    reader.limit_lines(4);
    std::vector<std::string> lines;
    for (std::string line; reader.next(line);) lines.push_back(line);
    EXPECT_EQ(lines, (std::vector<std::string>{"ab", "xxxx", "abcd", "abcd", "yyyy"}));
    EXPECT_EQ(reader.line_number(), 5U);
  }
}

}  // namespace
}  // namespace heed
