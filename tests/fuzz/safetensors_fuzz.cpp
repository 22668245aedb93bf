#include <cmath>
#include <cstring>
#include <span>
#include <vector>

#include "model/safetensors_file.h"
#include "model/safetensors_format.h"
#include "model/safetensors_writer.h"
#include "tests/fuzz/fuzz_target.h"

namespace heed {
namespace {

using Values = std::shared_ptr<const float>;

/// Reads every value, and asks for what is not there.
std::vector<NamedValues> read_all(const SafetensorsFile& file, std::vector<Values>& kept) {
  std::vector<NamedValues> tensors;
  for (const std::string& name : file.names()) {
    const std::span<const std::int64_t> shape = file.shape(name);
    kept.push_back(file.values(name, shape));
    float sum = 0;
    for (std::size_t i = 0; i < count_of(shape); ++i) sum += kept.back().get()[i];
    require_property(sum == sum || std::isnan(sum), "values can be read");
    tensors.push_back({name, {shape.begin(), shape.end()}, kept.back().get()});
    std::vector<std::int64_t> longer(shape.begin(), shape.end());
    longer.push_back(1);
    require_property(!reads(file.path(), [&] { file.values(name, longer); }),
                     "another shape is refused");
  }
  return tensors;
}

/// What was read, written and read again, is the same.
void check_round_trip(const SafetensorsFile& file, std::span<const NamedValues> tensors) {
  const std::filesystem::path path = file_of("", "written");
  write_safetensors(path, tensors, file.metadata());
  const SafetensorsFile again(path);
  require_property(again.names() == file.names(), "the names are kept");
  require_property(again.metadata() == file.metadata(), "the metadata are kept");
  for (const NamedValues& tensor : tensors) {
    const Values values = again.values(tensor.name, tensor.shape);
    const std::size_t bytes = count_of(tensor.shape) * sizeof(float);
    require_property(bytes == 0 || std::memcmp(values.get(), tensor.values, bytes) == 0,
                     "the values are kept");
  }
}

void run(std::string_view input) {
  const std::filesystem::path path = file_of(input);
  reads(path, [&] {
    const SafetensorsFile file(path);
    std::vector<Values> kept;
    const std::vector<NamedValues> tensors = read_all(file, kept);
    check_round_trip(file, tensors);
  });
}

const FuzzRegistration kRegistration("safetensors", run);

}  // namespace
}  // namespace heed
