#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace heed {

/// Lines [begin, end) of a text, counted from 0.
struct LineRange {
  std::size_t begin = 0;
  std::size_t end = static_cast<std::size_t>(-1);
  bool operator==(const LineRange&) const = default;
};

/// What one pass over a file tells of its lines.
struct LineIndex {
  struct Mark {
    std::size_t line = 0;    // from 0
    std::size_t offset = 0;  // of its first byte
  };
  std::size_t lines = 0;
  /// One in about a megabyte, in order; none of gzip, which is read from its beginning.
  std::vector<Mark> marks;
};

/// Reads `path` through, as LineReader does.
LineIndex index_lines(const std::filesystem::path& path);

/// Reads a file line by line: plain text, or gzip (recognised by its magic bytes; several members
/// one after the other are one text). Only '\n' ends a line, and one '\r' before it is dropped;
/// text after the last '\n' is a line too. Bytes are passed on as they are, valid UTF-8 or not.
///
/// It never waits for more input than the next line needs, so a pipe can be answered line by line.
///
/// Errors are std::runtime_error naming the file: missing, a folder, unreadable; a gzip stream that
/// is truncated, damaged, or followed by anything but further members and zero bytes.
class LineReader {
 public:
  /// `path` "-" is standard input.
  explicit LineReader(const std::filesystem::path& path);
  /// The lines `range` of a file (not standard input), which count on as in the whole. `index` is
  /// that of the file.
  LineReader(const std::filesystem::path& path, const LineIndex& index, const LineRange& range);
  ~LineReader();
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;

  /// Stores the next line, without its end, in `line`; false at the end of the input.
  bool next(std::string& line);

  /// From now on a longer line gives its first `max_bytes` only, and no more of it is held.
  void limit_lines(std::size_t max_bytes);

  /// Of the line returned last, counted from 1; before the first the number of lines ahead of it.
  std::size_t line_number() const;

  /// Whether a '\r' was dropped from the line returned last.
  bool dropped_carriage_return() const;

  /// The path as given, or "stdin": what messages call this input.
  const std::string& name() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// All lines of `path`, which is anything LineReader reads.
std::vector<std::string> read_lines(const std::filesystem::path& path);

}  // namespace heed
