#include "data/descriptor_buffer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace heed {

WriteError::WriteError(const std::string& name, int code)
    : std::runtime_error(fmt::format("{}: cannot write: {}", name, std::strerror(code))),
      code_(code) {}

DescriptorBuffer::DescriptorBuffer(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {
  setp(block_.data(), block_.data() + block_.size());
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type c) {
  write_out();
  if (!traits_type::eq_int_type(c, traits_type::eof())) sputc(traits_type::to_char_type(c));
  return traits_type::not_eof(c);
}

int DescriptorBuffer::sync() {
  write_out();
  return 0;
}

void DescriptorBuffer::write_out() {
  const char* next = pbase();
  const char* const end = pptr();
  setp(block_.data(), block_.data() + block_.size());
  while (next != end && failure_ == 0) {
    const ssize_t count = ::write(descriptor_, next, static_cast<std::size_t>(end - next));
    if (count >= 0)
      next += count;
    else if (errno != EINTR)
      failure_ = errno;
  }
  if (failure_ != 0) throw WriteError(name_, failure_);
}

}  // namespace heed
