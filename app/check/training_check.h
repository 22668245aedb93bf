#pragma once

#include "data/parallel_corpus.h"

namespace heed {

/// Looks through the text ahead of training and warns of what is wrong with it, a line for each
/// kind; never an error. Text that isn't in plain files can be read only once and is left alone.
void warn_of_faults(const ParallelFiles& train, const ParallelFiles& dev);

}  // namespace heed
