#include "app/warning_limit.h"

namespace heed {

WarningLimit::~WarningLimit() {
  if (count_ > kNamed) spdlog::warn("{}: {} in all", what_, count_);
}

}  // namespace heed
