#pragma once

#include <array>
#include <stdexcept>
#include <streambuf>
#include <string>

namespace heed {

/// "NAME: cannot write: REASON".
class WriteError : public std::runtime_error {
 public:
  WriteError(const std::string& name, int code);
  int code() const { return code_; }  // of <cerrno>

 private:
  int code_;
};

/// The buffer of a stream that writes to a file descriptor, which stays open. The write that fails
/// throws WriteError, and nothing is tried again: what was not written is dropped, and all that
/// follows fails in the same way. A stream passes the error on if its `exceptions` have badbit.
class DescriptorBuffer : public std::streambuf {
 public:
  /// `name` is what messages call it.
  DescriptorBuffer(int descriptor, std::string name);

 protected:
  int_type overflow(int_type c) override;
  int sync() override;

 private:
  void write_out();

  static constexpr std::size_t kBytes = std::size_t{1} << 16;

  int descriptor_;
  std::string name_;
  int failure_ = 0;
  std::array<char, kBytes> block_;
};

}  // namespace heed
