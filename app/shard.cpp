#include "app/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "app/errors.h"
#include "app/line_count.h"
#include "app/undone_lines.h"

namespace heed {
namespace {

std::optional<std::size_t> parse_number(std::string_view digits) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

void require_file(const std::string& file) {
  if (file == "-")
    throw UsageError(
        "--shard counts the lines ahead, which standard input does not allow; name a file");
  if (std::filesystem::exists(file) && !std::filesystem::is_regular_file(file))
    throw UsageError(
        fmt::format("--shard counts the lines ahead, which {}, a pipe or the like, does not allow; "
                    "name a file",
                    file));
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto index = parse_number(std::string_view(text).substr(0, slash));
  const auto count = slash == std::string::npos
                         ? std::nullopt
                         : parse_number(std::string_view(text).substr(slash + 1));
  if (!index || !count)
    throw UsageError(
        fmt::format("--shard {}: not I/N, as in 2/4 for the second of four parts", text));
  if (*count == 0 || *index == 0 || *index > *count)
    throw UsageError(fmt::format("--shard {}: of N parts there are 1/N to N/N, as in 2/4", text));
  return {*index, *count};
}

// Without a product, which might overflow.
LineRange shard_range(const Shard& shard, std::size_t lines) {
  const std::size_t size = lines / shard.count;
  const std::size_t longer = lines % shard.count;  // parts that have one line more: the first
  const std::size_t before = shard.index - 1;
  const std::size_t begin = size * before + std::min(before, longer);
  return {begin, begin + size + (before < longer ? 1 : 0)};
}

void add_shard_option(CLI::App& command, std::optional<Shard>& shard) {
  command
      .add_option_function<std::string>(
          "--shard", [&shard](const std::string& text) { shard = parse_shard(text); },
          "Only the I-th of N contiguous parts of the input, whose lines are counted ahead. The "
          "outputs of 1/N to N/N, one after the other, are that of the whole (to the rounding of "
          "their numbers), where lines count on. Not for standard input")
      ->type_name("I/N")
      ->group("Input");
}

namespace {

ShardedInput open_whole(std::span<const std::string> files) {
  ShardedInput input;
  for (const std::string& file : files) input.readers.emplace_back(file);
  return input;
}

ShardedInput open_part(std::span<const std::string> files, const Shard& shard) {
  ShardedInput input;
  std::vector<LineIndex> indices;
  for (const std::string& file : files) {
    require_file(file);
    indices.push_back(index_lines(file));
  }
  const std::size_t lines = indices.front().lines;
  const LineRange range = shard_range(shard, lines);
  for (std::size_t i = 0; i < files.size(); ++i) {
    require_same_lines({files.front(), lines}, {files[i], indices[i].lines});
    input.readers.emplace_back(files[i], indices[i], range);
  }
  input.lines_after = lines - range.end;
  return input;
}

}  // namespace

ShardedInput open_shard(std::span<const std::string> files, const std::optional<Shard>& shard) {
  ShardedInput input = shard ? open_part(files, *shard) : open_whole(files);
  for (LineReader& reader : input.readers) reader.limit_lines(kMostLineBytes + 1);
  return input;
}

}  // namespace heed
