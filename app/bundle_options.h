#pragma once

#include <cstddef>
#include <vector>

#include "app/model_bundle.h"
#include "app/model_options.h"

namespace heed {

/// The models that were named, with their networks on the device that was chosen.
std::vector<ModelBundle> load_bundles(const ModelOptions& options);

/// The same of the one model that was named.
ModelBundle load_bundle(const ModelOptions& options);

/// Workers: on a GPU one, else as many threads as were asked for, 0 being one a core.
std::size_t worker_count(const ModelOptions& options, const ModelBundle& bundle);

}  // namespace heed
