#pragma once

#include <filesystem>

namespace heed {

/// Held by the one training that writes into a run's folder: two would mix their checkpoints. It
/// ends with the process, however that ends.
class RunLock {
 public:
  /// Takes the file `lock` of `folder`. Throws std::runtime_error when another process has it,
  /// telling which, or when the folder can't be written.
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace heed
