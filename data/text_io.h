#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace heed {

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
  ~LineReader();
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;

  /// Stores the next line, without its end, in `line`; false at the end of the input.
  bool next(std::string& line);

  /// Of the line returned last, counted from 1; 0 before the first.
  std::size_t line_number() const;

  /// The path as given, or "stdin": what messages call this input.
  const std::string& name() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// All lines of `path`, which is anything LineReader reads.
std::vector<std::string> read_lines(const std::filesystem::path& path);

}  // namespace heed
