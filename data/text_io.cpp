#include "data/text_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace heed {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 16;
constexpr std::size_t kMarkDistance = std::size_t{1} << 20;  // bytes between marks of an index
constexpr unsigned char kGzipMagic[] = {0x1F, 0x8B};
constexpr int kGzipWindowBits =
    15 + 16;  // the largest window; + 16 is zlib's flag for gzip headers

/// The bytes of a file or of standard input, in blocks.
class ByteSource {
 public:
  explicit ByteSource(const std::filesystem::path& path)
      : name_(path == "-" ? "stdin" : path.string()),
        descriptor_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail(std::strerror(errno));
    struct stat status {};
    if (fstat(descriptor_, &status) == 0 && S_ISDIR(status.st_mode)) {
      close_descriptor();
      fail("it is a folder");
    }
  }
  ~ByteSource() { close_descriptor(); }
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Reads what there is, at most `capacity` bytes, waiting for the first; 0 at the end.
  std::size_t read_some(unsigned char* bytes, std::size_t capacity) {
    for (;;) {
      const ssize_t count = ::read(descriptor_, bytes, capacity);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) fail(std::strerror(errno));
    }
  }

  void seek(std::size_t offset) {
    if (lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) < 0) fail(std::strerror(errno));
  }

  const std::string& name() const { return name_; }

  [[noreturn]] void fail(const char* reason) const {
    throw std::runtime_error(fmt::format("{}: cannot read: {}", name_, reason));
  }

 private:
  void close_descriptor() {
    if (descriptor_ > STDIN_FILENO) close(descriptor_);
  }

  std::string name_;
  int descriptor_;
};

/// The text of a byte source: what it holds, or unpacked when that is gzip.
class TextSource {
 public:
  explicit TextSource(const std::filesystem::path& path) : bytes_(path) {}
  ~TextSource() {
    if (is_gzip_) inflateEnd(&stream_);
  }
  TextSource(const TextSource&) = delete;
  TextSource& operator=(const TextSource&) = delete;

  /// Appends at least one byte to `text`; false at the end.
  bool append_to(std::string& text) {
    if (!is_started_) start();
    if (is_gzip_) return append_unpacked(text);
    if (begin_ == end_ && !refill()) return false;
    text.append(reinterpret_cast<const char*>(block_.data() + begin_), end_ - begin_);
    begin_ = end_;
    return true;
  }

  /// Before anything is read: goes on from byte `offset` of plain text.
  void seek(std::size_t offset) {
    bytes_.seek(offset);
    is_started_ = true;
  }

  /// Known after the first `append_to`.
  bool is_gzip() const { return is_gzip_; }
  const std::string& name() const { return bytes_.name(); }

 private:
  // Reads no more than it takes to tell gzip from text: a terminal may have sent a single byte.
  void start() {
    is_started_ = true;
    while (end_ < 2 && (end_ == 0 || block_[0] == kGzipMagic[0])) {
      const std::size_t count = bytes_.read_some(block_.data() + end_, block_.size() - end_);
      if (count == 0) break;
      end_ += count;
    }
    if (end_ < 2 || std::memcmp(block_.data(), kGzipMagic, 2) != 0) return;
    if (inflateInit2(&stream_, kGzipWindowBits) != Z_OK) bytes_.fail("zlib could not start");
    is_gzip_ = true;
  }

  bool refill() {
    begin_ = 0;
    end_ = bytes_.read_some(block_.data(), block_.size());
    return end_ > 0;
  }

  bool append_unpacked(std::string& text) {
    const std::size_t old_size = text.size();
    while (text.size() == old_size) {
      if (is_member_done_ && !start_next_member()) return false;
      if (begin_ == end_ && !has_pending_output_ && !refill()) {
        bytes_.fail("the gzip data is truncated");
      }
      unpack_block(text);
    }
    return true;
  }

  // Behind the last member some writers (tape, block devices) leave zero bytes.
  bool start_next_member() {
    for (;;) {
      while (begin_ < end_ && block_[begin_] == 0) ++begin_;
      if (begin_ < end_) break;
      if (!refill()) return false;
    }
    inflateReset(&stream_);
    is_member_done_ = false;
    return true;
  }

  void unpack_block(std::string& text) {
    const std::size_t old_size = text.size();
    text.resize(old_size + kBlockBytes);
    stream_.next_in = block_.data() + begin_;
    stream_.avail_in = static_cast<uInt>(end_ - begin_);
    stream_.next_out = reinterpret_cast<Bytef*>(text.data() + old_size);
    stream_.avail_out = static_cast<uInt>(kBlockBytes);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    begin_ = end_ - stream_.avail_in;
    text.erase(text.size() - stream_.avail_out);
    has_pending_output_ = stream_.avail_out == 0;
    is_member_done_ = status == Z_STREAM_END;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      const char* reason = stream_.msg != nullptr ? stream_.msg : "unknown format";
      bytes_.fail(fmt::format("the gzip data is damaged ({})", reason).c_str());
    }
  }

  ByteSource bytes_;
  std::array<unsigned char, kBlockBytes> block_;
  std::size_t begin_ = 0;  // of the bytes in block_ that are not used yet
  std::size_t end_ = 0;
  bool is_started_ = false;
  bool is_gzip_ = false;
  bool is_member_done_ = false;
  bool has_pending_output_ = false;  // zlib may hold text for which there was no room
  z_stream stream_{};
};

}  // namespace

LineIndex index_lines(const std::filesystem::path& path) {
  TextSource source(path);
  LineIndex index;
  std::size_t offset = 0;
  std::size_t next_mark = kMarkDistance;
  bool ends_in_line_feed = true;
  for (std::string block; source.append_to(block); block.clear()) {
    index.lines += static_cast<std::size_t>(std::count(block.begin(), block.end(), '\n'));
    const std::size_t last = block.rfind('\n');
    ends_in_line_feed = last + 1 == block.size();
    if (!source.is_gzip() && last != std::string::npos && offset >= next_mark) {
      index.marks.push_back({index.lines, offset + last + 1});
      next_mark = offset + kMarkDistance;
    }
    offset += block.size();
  }
  if (!ends_in_line_feed) ++index.lines;
  return index;
}

struct LineReader::Impl {
  explicit Impl(const std::filesystem::path& path) : source(path) {}

  TextSource source;
  std::string buffer;
  std::size_t position = 0;  // start of the next line in buffer
  std::size_t line_number = 0;
  std::size_t last_line = LineRange{}.end;  // none is read behind it
  std::size_t max_bytes = std::string::npos;
  bool dropped_carriage_return = false;

  // Size of the next line with its '\n', or of what is left at the end of the input.
  std::size_t find_line() {
    std::size_t scanned = position;
    for (;;) {
      const std::size_t end = buffer.find('\n', scanned);
      if (end != std::string::npos) return end + 1 - position;
      buffer.erase(0, std::exchange(position, 0));
      if (buffer.size() > max_bytes) buffer.resize(max_bytes);
      scanned = buffer.size();
      if (!source.append_to(buffer)) return buffer.size();
    }
  }
};

LineReader::LineReader(const std::filesystem::path& path) : impl_(std::make_unique<Impl>(path)) {}

LineReader::LineReader(const std::filesystem::path& path, const LineIndex& index,
                       const LineRange& range)
    : LineReader(path) {
  const auto behind =
      std::partition_point(index.marks.begin(), index.marks.end(),
                           [&](const LineIndex::Mark& mark) { return mark.line <= range.begin; });
  if (behind != index.marks.begin()) {
    impl_->source.seek(std::prev(behind)->offset);
    impl_->line_number = std::prev(behind)->line;
  }
  std::string skipped;
  while (impl_->line_number < range.begin && next(skipped)) continue;
  impl_->last_line = range.end;
}

LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

bool LineReader::next(std::string& line) {
  if (impl_->line_number >= impl_->last_line) return false;
  const std::size_t size = impl_->find_line();
  if (size == 0) return false;
  std::string_view text = std::string_view(impl_->buffer).substr(impl_->position, size);
  impl_->position += size;
  ++impl_->line_number;
  impl_->dropped_carriage_return = text.ends_with("\r\n");
  if (text.ends_with('\n')) text.remove_suffix(impl_->dropped_carriage_return ? 2 : 1);
  line.assign(text.substr(0, impl_->max_bytes));
  return true;
}

void LineReader::limit_lines(std::size_t max_bytes) {
  impl_->max_bytes = max_bytes;
}

std::size_t LineReader::line_number() const {
  return impl_->line_number;
}

bool LineReader::dropped_carriage_return() const {
  return impl_->dropped_carriage_return;
}

const std::string& LineReader::name() const {
  return impl_->source.name();
}

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  return lines;
}

}  // namespace heed
