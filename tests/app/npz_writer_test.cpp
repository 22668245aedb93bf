#include "app/align/npz_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/align/attention_npz.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::uint32_t read_number(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes.at(at + i))) << (8 * i);
  }
  return value;
}

// Reads an archive as a ZIP reader does: from the directory at its end. Checks what is said twice.
std::map<std::string, std::string> read_archive(const std::string& bytes) {
  std::map<std::string, std::string> entries;
  const std::size_t end = bytes.size() - 22;
  EXPECT_EQ(bytes.substr(end, 4), "PK\x05\x06");
  const std::uint32_t count = read_number(bytes, end + 10, 2);
  std::size_t line = read_number(bytes, end + 16, 4);
  EXPECT_EQ(line + read_number(bytes, end + 12, 4), end);
  for (std::uint32_t i = 0; i < count; ++i) {
    EXPECT_EQ(bytes.substr(line, 4), "PK\x01\x02");
    const std::size_t name_size = read_number(bytes, line + 28, 2);
    const std::string name = bytes.substr(line + 46, name_size);
    const std::size_t size = read_number(bytes, line + 24, 4);
    const std::size_t local = read_number(bytes, line + 42, 4);
    EXPECT_EQ(bytes.substr(local, 4), "PK\x03\x04");
    EXPECT_EQ(bytes.substr(local + 4, 26), bytes.substr(line + 6, 26)) << name;
    EXPECT_EQ(bytes.substr(local + 30, name_size), name);
    const std::string body = bytes.substr(local + 30 + name_size, size);
    const auto* data = reinterpret_cast<const Bytef*>(body.data());
    EXPECT_EQ(read_number(bytes, line + 16, 4), crc32_z(0, data, body.size())) << name;
    EXPECT_TRUE(entries.emplace(name, body).second) << name;
    line += 46 + name_size;
  }
  EXPECT_EQ(line, end);
  return entries;
}

struct Array {
  std::string header;
  std::vector<float> values;
};

Array read_array(const std::string& npy) {
  EXPECT_EQ(npy.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t data = 10 + read_number(npy, 8, 2);
  EXPECT_EQ(data % 64, 0U);
  EXPECT_EQ(npy.at(data - 1), '\n');
  Array array{npy.substr(10, data - 10), std::vector<float>((npy.size() - data) / sizeof(float))};
  if (!array.values.empty()) {
    std::memcpy(array.values.data(), npy.data() + data, npy.size() - data);
  }
  return array;
}

TEST(NpzWriterTest, WritesArraysThatCanBeReadBack) {
  std::ostringstream out;
  NpzWriter writer(out);
  const std::vector<float> values{1.0F, -2.5F, 0.0F, 1e-30F, 3.0F, 4.0F};
  writer.add_array("folder/matrix", std::array<std::size_t, 2>{2, 3}, values);
  writer.add_array("vector", std::array<std::size_t, 1>{6}, values);
  writer.add_array("empty", std::array<std::size_t, 2>{0, 3}, {});
  writer.add_bytes("note.json", "{\"a\": 1}");
  writer.finish();

  const auto entries = read_archive(out.str());
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries.at("note.json"), "{\"a\": 1}");
  const Array matrix = read_array(entries.at("folder/matrix.npy"));
  EXPECT_THAT(matrix.header,
              HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"));
  EXPECT_EQ(matrix.values, values);
  // A tuple of one element needs its comma in Python.
  EXPECT_THAT(read_array(entries.at("vector.npy")).header, HasSubstr("'shape': (6,), }"));
  EXPECT_TRUE(read_array(entries.at("empty.npy")).values.empty());
}

TEST(NpzWriterTest, AnEmptyArchiveIsValid) {
  std::ostringstream out;
  NpzWriter(out).finish();
  EXPECT_TRUE(read_archive(out.str()).empty());
}

TEST(NpzWriterTest, RefusesAShapeThatDoesNotFit) {
  std::ostringstream out;
  NpzWriter writer(out);
  EXPECT_THROW(writer.add_array("a", std::array<std::size_t, 1>{3}, std::vector<float>(2)),
               std::invalid_argument);
  EXPECT_TRUE(out.str().empty());
}

TEST(NpzWriterTest, RefusesWhatWouldPassItsSizeAndStaysValid) {
  std::ostringstream out;
  NpzWriter writer(out, 30 + 1 + 100 + 46 + 1 + 22);
  EXPECT_THAT([&] { writer.add_bytes("a", std::string(101, 'x')); },
              ThrowsMessage<std::runtime_error>(HasSubstr("use JSON")));
  writer.add_bytes("a", std::string(100, 'x'));
  EXPECT_THROW(writer.add_bytes("b", ""), std::runtime_error);
  writer.finish();
  EXPECT_EQ(out.str().size(), 200U);
  EXPECT_EQ(read_archive(out.str()).size(), 1U);
}

TEST(NpzWriterTest, RefusesMoreEntriesThanADirectoryCounts) {
  std::ostringstream out;
  NpzWriter writer(out);
  for (std::size_t i = 0; i < NpzWriter::kMaxEntries; ++i) writer.add_bytes(std::to_string(i), "");
  EXPECT_THROW(writer.add_bytes("one more", ""), std::runtime_error);
}

TEST(NpzWriterTest, SaysWhenTheStreamFailed) {
  std::ostringstream out;
  NpzWriter writer(out);
  out.setstate(std::ios::badbit);
  EXPECT_THROW(writer.finish(), std::runtime_error);
}

AttentionRecord make_record() {
  AttentionRecord record;
  record.line = 12;
  record.src_text = "a";
  record.tgt_text = "b c";
  record.src_units = {"a", "</s>"};
  record.tgt_units = {"b", "c", "</s>"};
  // Not in order, and layers 1 and 3 only: the array is ordered all the same.
  for (const auto& [layer, head] : {std::pair(3, 1), {1, 0}, {3, 0}, {1, 1}}) {
    const float value = static_cast<float>(10 * layer + head);
    record.matrices.push_back(
        {AttentionKind::kCross, layer, head, 3, 2, std::vector<float>(6, value)});
  }
  return record;
}

TEST(AttentionNpzTest, StacksLayersAndHeads) {
  std::ostringstream out;
  NpzWriter writer(out);
  add_attention_npz(writer, make_record());
  writer.finish();
  const auto entries = read_archive(out.str());
  ASSERT_EQ(entries.size(), 2U);
  const Array cross = read_array(entries.at("sentence_000012/cross.npy"));
  EXPECT_THAT(cross.header, HasSubstr("(2, 2, 3, 2)"));
  ASSERT_EQ(cross.values.size(), 24U);
  EXPECT_EQ(cross.values[0], 10.0F);
  EXPECT_EQ(cross.values[6], 11.0F);
  EXPECT_EQ(cross.values[12], 30.0F);
  EXPECT_EQ(cross.values[18], 31.0F);
  const auto json = nlohmann::json::parse(entries.at("sentence_000012/record.json"));
  EXPECT_EQ(json["attention"]["cross"]["layers"], (std::vector<int>{1, 3}));
  EXPECT_EQ(json["target_units"], (std::vector<std::string>{"b", "c", "</s>"}));
}

TEST(AttentionNpzTest, RefusesMissingHeadsAndWrongShapes) {
  std::ostringstream out;
  NpzWriter writer(out);
  AttentionRecord missing = make_record();
  missing.matrices.pop_back();
  EXPECT_THROW(add_attention_npz(writer, missing), std::invalid_argument);
  AttentionRecord wrong = make_record();
  wrong.src_units.insert(wrong.src_units.begin(), "x");
  EXPECT_THROW(add_attention_npz(writer, wrong), std::invalid_argument);
}

}  // namespace
}  // namespace heed
