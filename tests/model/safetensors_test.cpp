#include "model/safetensors.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <random>
#include <sstream>

#include "model/transformer_model.h"
#include "tests/support/aten_ops.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::size_t kLengthBytes = 8;

std::string fixture(const std::string& name) {
  return std::string(HEED_SOURCE_DIR) + "/tests/fixtures/model/" + name;
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

/// A whole file of this header and data.
std::string pack(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes + header + data;
}

class SafetensorsTest : public testing::Test {
 protected:
  SafetensorsTest()
      : path_(testing::TempDir() + "/heed_" + std::to_string(::getpid()) + ".safetensors") {}
  ~SafetensorsTest() override { std::filesystem::remove(path_); }

  SafetensorsFile open(const std::string& bytes) const {
    std::filesystem::remove(path_);  // truncating a file would wait for the disk
    std::ofstream(path_, std::ios::binary) << bytes;
    return SafetensorsFile(path_);
  }

  void expect_refused(const std::string& bytes, const std::string& why) const {
    EXPECT_THAT([&] { open(bytes); }, ThrowsMessage<std::runtime_error>(testing::AllOf(
                                          HasSubstr(path_.string()), HasSubstr(why))));
  }

  /// Opens and reads everything. Only std::runtime_error may come out; returns whether it did.
  bool is_refused(const std::string& bytes) const {
    try {
      const SafetensorsFile file = open(bytes);
      for (const std::string& name : file.names())
        read_tensor(file, name, file.shape(name)).sum().item<float>();
      return false;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path_.string()));
      return true;
    }
  }

  std::filesystem::path path_;
};

/// What make_reference_values.py puts into both of its files, in its order.
std::vector<std::pair<std::string, at::Tensor>> known_tensors() {
  const float infinity = std::numeric_limits<float>::infinity();
  return {{"b.matrix", at::arange(6, at::kFloat).view({2, 3})},
          {"a.scalar", at::full({}, -1.5)},
          {"empty", at::zeros({0, 4})},
          {"名前 \"quoted\"", at::tensor({infinity, -0.0F, 1e-40F})}};
}

const std::map<std::string, std::string> kKnownMetadata = {{"format", "pt"}, {"note", "über"}};

const char* bytes_of(const at::Tensor& tensor) {
  return static_cast<const char*>(tensor.const_data_ptr());
}

void expect_known(const SafetensorsFile& file) {
  EXPECT_EQ(file.metadata(), kKnownMetadata);
  EXPECT_EQ(file.names().size(), 4U);
  for (const auto& [name, expected] : known_tensors()) {
    ASSERT_TRUE(file.contains(name)) << name;
    const at::Tensor actual = read_tensor(file, name, expected.sizes());
    EXPECT_TRUE(std::equal(bytes_of(actual), bytes_of(actual) + actual.nbytes(), bytes_of(expected),
                           bytes_of(expected) + expected.nbytes()))
        << name;
  }
}

TEST_F(SafetensorsTest, ReadsWhatPythonWrote) {
  expect_known(SafetensorsFile(fixture("written_by_python.safetensors")));
}

TEST_F(SafetensorsTest, WritesWhatPythonReads) {
  // The script packed these bytes by hand and read them with the Python package.
  write_safetensors(path_, known_tensors(), kKnownMetadata);
  EXPECT_EQ(read_bytes(path_), read_bytes(fixture("as_heed_writes.safetensors")));
  expect_known(SafetensorsFile(path_));
}

TEST_F(SafetensorsTest, DataStartsAlignedAndHeaderLengthIsLittleEndian) {
  for (std::size_t name_length = 1; name_length < 20; ++name_length) {
    write_safetensors(path_, {{std::string(name_length, 'x'), at::ones({3})}}, {});
    const std::string bytes = read_bytes(path_);
    std::uint64_t length = 0;
    for (std::size_t byte = 0; byte < kLengthBytes; ++byte)
      length |= std::uint64_t{static_cast<unsigned char>(bytes[byte])} << (8 * byte);
    EXPECT_EQ(length % 8, 0U);
    EXPECT_EQ(bytes.size(), kLengthBytes + length + 12);
    EXPECT_EQ(bytes[kLengthBytes], '{');
  }
}

TEST_F(SafetensorsTest, StridedAndOtherDtypesAreWrittenAsPlainFloats) {
  const at::Tensor matrix = at::arange(6, at::kDouble).view({2, 3});
  write_safetensors(path_, {{"t", matrix.t()}, {"view", matrix.select(1, 1)}}, {});
  const SafetensorsFile file(path_);
  EXPECT_TRUE(at::equal(read_tensor(file, "t", {3, 2}), matrix.t().to(at::kFloat)));
  EXPECT_TRUE(at::equal(read_tensor(file, "view", {2}), at::tensor({1.0F, 4.0F})));
}

TEST_F(SafetensorsTest, ATensorOutlivesItsFile) {
  write_safetensors(path_, {{"x", at::full({1000}, 3.0)}}, {});
  at::Tensor tensor = read_tensor(SafetensorsFile(path_), "x", {1000});
  std::filesystem::remove(path_);
  EXPECT_EQ(tensor.sum().item<float>(), 3000.0F);
}

TEST_F(SafetensorsTest, TensorsInAnotherOrderThanTheirNamesAreRead) {
  const SafetensorsFile file =
      open(pack(R"({"late":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                R"("early":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                std::string("\0\0\x80\x3f\0\0\0\x40", 8)));
  EXPECT_THAT(file.names(), ElementsAre("late", "early"));
  EXPECT_EQ(read_tensor(file, "early", {1}).item<float>(), 1.0F);
  EXPECT_EQ(read_tensor(file, "late", {1}).item<float>(), 2.0F);
}

TEST_F(SafetensorsTest, UnalignedDataIsRead) {
  for (const char* spaces : {"", " ", "  ", "   "}) {
    const SafetensorsFile file =
        open(pack(std::string(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})") + spaces,
                  std::string("\0\0\x80\x3f", 4)));
    EXPECT_EQ(read_tensor(file, "x", {1}).item<float>(), 1.0F);
  }
}

TEST_F(SafetensorsTest, NamesTheTensorThatIsMissingOrOfAnotherShape) {
  write_safetensors(path_, {{"x", at::ones({2, 3})}}, {});
  const SafetensorsFile file(path_);
  EXPECT_THAT(
      [&] {
        read_tensor(file, "y", {2, 3});
      },
      ThrowsMessage<std::runtime_error>(HasSubstr("'y'")));
  EXPECT_THAT(
      [&] {
        read_tensor(file, "x", {3, 2});
      },
      ThrowsMessage<std::runtime_error>(HasSubstr("[2, 3], expected [3, 2]")));
}

TEST_F(SafetensorsTest, FailsWhereThereIsNoFileOrNoFolder) {
  EXPECT_THROW(SafetensorsFile("no/such/file"), std::runtime_error);
  EXPECT_THROW(SafetensorsFile(testing::TempDir()), std::runtime_error);
  EXPECT_THROW(write_safetensors("no/such/folder/x", known_tensors(), {}), std::runtime_error);
}

TEST_F(SafetensorsTest, TruncatedAtEveryLengthIsRefused) {
  const std::string whole = read_bytes(fixture("written_by_python.safetensors"));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_TRUE(is_refused(whole.substr(0, length))) << length;
  EXPECT_TRUE(is_refused(whole + '\0'));
  EXPECT_FALSE(is_refused(whole));
}

TEST_F(SafetensorsTest, RandomMutationsAreRefusedOrRead) {
  const std::string whole = read_bytes(fixture("written_by_python.safetensors"));
  const std::string alphabet = "0123456789-+.eE\"[]{}:,\\ntfu \0\xff\x80";
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    for (std::size_t change = 0; change < 1 + random() % 4; ++change) {
      const std::size_t place = random() % (bytes.size() - 24);  // length and header
      const char byte = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0:
          bytes[place] = byte;
          break;
        case 1:
          bytes.insert(place, 1, byte);
          break;
        default:
          bytes.erase(place, 1);
      }
    }
    refused += is_refused(bytes) ? 1 : 0;
  }
  EXPECT_GT(refused, 1000);
}

TEST_F(SafetensorsTest, HostileHeadersAreRefused) {
  const std::string data(8, '\0');
  expect_refused("", "truncated");
  expect_refused(std::string(8, '\xff'), "18446744073709551615 bytes");
  expect_refused(pack("", data), "not a JSON object");
  expect_refused(pack("not JSON", data), "not a JSON object");
  expect_refused(pack("[1, 2]", data), "not a JSON object");
  expect_refused(pack("{\"\xff\": {}}", data), "not a JSON object");
  expect_refused(pack(std::string(1'000'000, '['), data), "nested too deep");
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  expect_refused(pack(R"({"x": {"dtype": )" + deep + "}}", data), "nested too deep");
  expect_refused(pack(R"({"x": 1})", data), "malformed header");
  expect_refused(pack(R"({"x": {}})", data), "malformed header");
  expect_refused(pack(R"({"__metadata__": {"a": 1}})", data), "malformed header");
  expect_refused(pack("{}", data), "holds 8 bytes");
  std::string claims_more = pack("{}", "");
  claims_more[0] = 100;
  expect_refused(claims_more, "100 bytes");
}

TEST_F(SafetensorsTest, HalfPrecisionBecomesFloat) {
  const std::string header = R"({"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},)"
                             R"("b":{"dtype":"BF16","shape":[3],"data_offsets":[6,12]}})";
  // 1, -2 and 0.5 in each; no address here is one of a float.
  const std::string data("\x00\x3c\x00\xc0\x00\x38\x80\x3f\x00\xc0\x00\x3f", 12);
  const SafetensorsFile file = open(pack(header, data));
  for (const char* name : {"h", "b"}) {
    const at::Tensor tensor = read_tensor(file, name, {3});
    ASSERT_EQ(tensor.scalar_type(), at::kFloat);
    const float* values = tensor.const_data_ptr<float>();
    EXPECT_THAT(std::vector<float>(values, values + 3), ElementsAre(1.0F, -2.0F, 0.5F)) << name;
  }
}

TEST_F(SafetensorsTest, EveryHalfPrecisionNumberIsReadAsTorchDoes) {
  const at::Tensor bits = at::arange(1 << 16, at::kInt).to(at::kShort);
  const std::string data(bytes_of(bits), static_cast<std::size_t>(bits.nbytes()));
  for (const auto& [dtype, type] : {std::pair("F16", at::kHalf), {"BF16", at::kBFloat16}}) {
    const SafetensorsFile file = open(pack(
        fmt::format(R"({{"x":{{"dtype":"{}","shape":[65536],"data_offsets":[0,131072]}}}})", dtype),
        data));
    const at::Tensor read = read_tensor(file, "x", {1 << 16});
    const at::Tensor expected = bits.view(type).to(at::kFloat);
    EXPECT_TRUE(at::equal(read.isnan(), expected.isnan())) << dtype;
    EXPECT_TRUE(at::equal(read.nan_to_num(7.0), expected.nan_to_num(7.0))) << dtype;
  }
}

TEST_F(SafetensorsTest, WritesTheNearestBfloat16) {
  at::Tensor values = at::randn({1000}, at::make_generator<at::CPUGeneratorImpl>(1));
  values[0] = std::numeric_limits<float>::quiet_NaN();
  values[1] = std::numeric_limits<float>::infinity();
  values[2] = std::numeric_limits<float>::max();  // rounds to infinity
  values[3] = 1.0F + 1.0F / 256;                  // a tie: to the even neighbour, 1
  write_safetensors(
      path_,
      std::vector<NamedValues>{{"x", {1000}, values.const_data_ptr<float>(), TensorType::kBf16}},
      {});
  const at::Tensor read = read_tensor(SafetensorsFile(path_), "x", {1000});
  const at::Tensor expected = values.to(at::kBFloat16).to(at::kFloat);
  EXPECT_TRUE(at::equal(read.nan_to_num(7.0), expected.nan_to_num(7.0)));
  EXPECT_EQ(read[3].item<float>(), 1.0F);
  EXPECT_TRUE(read[0].isnan().item<bool>());
}

TEST_F(SafetensorsTest, BytesAreWithinHalfAStepOfWhatWasWritten) {
  at::Tensor values = at::randn({7, 33}, at::make_generator<at::CPUGeneratorImpl>(1));
  values[2] *= 1e3;
  values[3].zero_();
  const at::Tensor after = at::arange(3, at::kFloat);
  write_safetensors(
      path_,
      std::vector<NamedValues>{{"m", {7, 33}, values.const_data_ptr<float>(), TensorType::kI8},
                               {"after", {3}, after.const_data_ptr<float>()}},
      {});
  const SafetensorsFile file(path_);
  EXPECT_THAT(file.names(), ElementsAre("m", "after"));
  EXPECT_EQ(file.type("m"), TensorType::kI8);
  const at::Tensor read = read_tensor(file, "m", {7, 33});
  const at::Tensor step = values.abs().amax(1, true) / 127;
  EXPECT_TRUE(((read - values).abs() <= 0.5001 * step).all().item<bool>());
  EXPECT_TRUE(at::equal(read[3], values[3]));
  EXPECT_TRUE(at::equal(read_tensor(file, "after", {3}), after));
}

TEST_F(SafetensorsTest, BytesWithoutTheirScalesAreRefused) {
  const auto entry = [](const char* name, const char* dtype, const char* shape,
                        const char* offsets) {
    return fmt::format(R"("{}":{{"dtype":"{}","shape":{},"data_offsets":{}}})", name, dtype, shape,
                       offsets);
  };
  const std::string bytes = entry("x", "I8", "[2,4]", "[0,8]");
  const std::string data(16, '\0');
  ASSERT_FALSE(
      is_refused(pack("{" + bytes + "," + entry("x.scales", "F32", "[2]", "[8,16]") + "}", data)));
  expect_refused(pack("{" + bytes + "}", std::string(8, '\0')), "'x.scales'");
  expect_refused(pack("{" + bytes + "," + entry("x.scales", "F32", "[2,1]", "[8,16]") + "}", data),
                 "'x.scales'");
  expect_refused(pack("{" + bytes + "," + entry("x.scales", "BF16", "[4]", "[8,16]") + "}", data),
                 "'x.scales'");
  expect_refused(pack("{" + entry("x", "I8", "[8]", "[0,8]") + "," +
                          entry("x.scales", "F32", "[2]", "[8,16]") + "}",
                      data),
                 "two dimensions");
}

TEST_F(SafetensorsTest, ShapesAndOffsetsThatDontFitAreRefused) {
  const auto header = [](const std::string& dtype, const std::string& shape,
                         const std::string& offsets) {
    return R"({"x":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets +
           "}}";
  };
  const std::string data(8, '\0');
  ASSERT_FALSE(is_refused(pack(header("\"F32\"", "[2]", "[0,8]"), data)));
  for (const char* dtype : {"\"F64\"", "\"I32\"", "\"\"", "null", "32"})
    expect_refused(pack(header(dtype, "[2]", "[0,8]"), data), "only F32, F16, BF16 and I8");
  for (const char* shape :
       {"[3]", "[-2]", "[-1,-2]", "[2.0]", "[true,2]", "[\"2\"]", "2", "null", "[[2]]", "[1e300]",
        "[4611686018427387904,2]", "[4611686018427387906]", "[9223372036854775807]",
        "[18446744073709551615]", "[36893488147419103232]", "[2147483648,2147483648,4]"})
    expect_refused(pack(header("\"F32\"", shape, "[0,8]"), data), "don't fit its shape");
  for (const char* offsets :
       {"[0]", "[]", "[0,8,8]", "[8,0]", "[0,-8]", "[-8,0]", "[0,7]", "[0,16]", "[0.0,8.0]", "null",
        "[0,18446744073709551615]", "[18446744073709551608,18446744073709551615]"})
    expect_refused(pack(header("\"F32\"", "[2]", offsets), data), "don't fit its shape");
  expect_refused(pack(header("\"F32\"", "[2]", "[8,16]"), data), "begins at byte 8");
}

TEST_F(SafetensorsTest, OverlapsGapsAndDuplicatesAreRefused) {
  const auto entry = [](const char* name, const char* offsets) {
    return std::string("\"") + name + R"(":{"dtype":"F32","shape":[1],"data_offsets":)" + offsets +
           "}";
  };
  const std::string data(8, '\0');
  ASSERT_FALSE(is_refused(pack("{" + entry("x", "[0,4]") + "," + entry("y", "[4,8]") + "}", data)));
  expect_refused(pack("{" + entry("x", "[0,4]") + "," + entry("y", "[0,4]") + "}", data),
                 "'y' begins");
  expect_refused(pack("{" + entry("x", "[0,4]") + "," + entry("y", "[8,12]") + "}", data),
                 "'y' begins");
  expect_refused(pack("{" + entry("x", "[0,4]") + "," + entry("x", "[4,8]") + "}", data),
                 "'x' twice");
  const std::string half(4, '\0');
  expect_refused(pack("{" + entry("x", "[0,4]") + "," + entry("x", "[0,4]") + "}", half),
                 "'x' twice");
}

class ModelFileTest : public SafetensorsTest {};

TEST_F(ModelFileTest, AModelComesBackBitForBit) {
  for (const TransformerConfig& config : every_variant()) {
    const TinyModel tiny(config);
    tiny.model.save(path_);
    TransformerModel loaded(config);
    loaded.load(SafetensorsFile(path_));
    EXPECT_TRUE(at::equal(loaded.values(), tiny.model.values()));
  }
}

TEST_F(ModelFileTest, NamesWhatIsMissingLeftOverOrOfAnotherShape) {
  TransformerConfig config = tiny_config();
  const TinyModel tiny(config);
  tiny.model.save(path_);
  const auto load_as = [&](const std::function<void(TransformerConfig&)>& change) {
    TransformerConfig other = tiny_config();
    change(other);
    return [this, other] { TransformerModel(other).load(SafetensorsFile(path_)); };
  };
  EXPECT_THAT(load_as([](TransformerConfig& c) { c.encoder_layers = 3; }),
              ThrowsMessage<std::runtime_error>(HasSubstr("encoder.layers.2.")));
  EXPECT_THAT(load_as([](TransformerConfig& c) { c.decoder_layers = 1; }),
              ThrowsMessage<std::runtime_error>(HasSubstr("decoder.layers.1.")));
  EXPECT_THAT(load_as([](TransformerConfig& c) { c.ffn_size = 20; }),
              ThrowsMessage<std::runtime_error>(HasSubstr("feed_forward.inner.weight")));
}

}  // namespace
}  // namespace heed
