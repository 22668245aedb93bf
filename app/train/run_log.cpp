#include "app/train/run_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <ctime>
#include <stdexcept>

#include "model/atomic_folder.h"

namespace heed {

RunLog::RunLog(const std::filesystem::path& path, std::uintmax_t keep_bytes) : path_(path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size > keep_bytes) std::filesystem::resize_file(path, keep_bytes);
  if (keep_bytes > (error ? 0 : size))
    spdlog::warn("{}: a part of it is lost, the run had logged {} bytes", path.string(),
                 keep_bytes);
  out_.open(path, std::ios::app | std::ios::binary);
  if (!out_) throw std::runtime_error(fmt::format("{}: can't be written", path.string()));
}

void RunLog::write(const std::string& event, nlohmann::ordered_json fields) {
  nlohmann::ordered_json line{
      {"event", event},
      {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))}};
  line.update(fields);
  out_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n' << std::flush;
  if (!out_) throw std::runtime_error(fmt::format("{}: can't be written", path_.string()));
}

std::uintmax_t RunLog::size() const {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path_, error);
  return error ? 0 : size;
}

void RunLog::sync() const {
  sync_to_disk(path_);
}

}  // namespace heed
