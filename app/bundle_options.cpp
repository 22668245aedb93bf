#include "app/bundle_options.h"

#include "app/device.h"

namespace heed {

namespace {

ModelBundle load(const std::string& path, const ModelOptions& options) {
  return ModelBundle::load(path, choose_device(options.device), options.direction());
}

}  // namespace

ModelBundle load_bundle(const ModelOptions& options) {
  return load(options.path(), options);
}

std::vector<ModelBundle> load_bundles(const ModelOptions& options) {
  std::vector<ModelBundle> bundles;
  for (const std::string& path : options.models) bundles.push_back(load(path, options));
  return bundles;
}

std::size_t worker_count(const ModelOptions& options, const ModelBundle& bundle) {
  return bundle.model->device().is_cpu() ? options.threads : 1;
}

}  // namespace heed
