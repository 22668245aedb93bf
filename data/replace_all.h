#pragma once

#include <string>
#include <string_view>

namespace heed {

/// `text` with every `from`, which is not empty, turned into `to`, from left to right; what was put
/// in is not looked at again. Its time is linear also where a line of megabytes is full of them.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

}  // namespace heed
