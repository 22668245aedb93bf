#pragma once

#include <cstddef>

#include "app/model_bundle.h"
#include "app/model_options.h"

namespace heed {

/// The model that was named, with its network on the device that was chosen.
ModelBundle load_bundle(const ModelOptions& options);

/// Workers: on a GPU one, else as many threads as were asked for, 0 being one a core.
std::size_t worker_count(const ModelOptions& options, const ModelBundle& bundle);

}  // namespace heed
