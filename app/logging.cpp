#include "app/logging.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include "app/progress.h"

namespace heed {
namespace {

using StderrSink = spdlog::sinks::ansicolor_stderr_sink_mt;

class StatusAwareSink : public StderrSink {
 public:
  void log(const spdlog::details::log_msg& message) override {
    clear_status();
    StderrSink::log(message);
  }
};

}  // namespace

void set_up_logging(const std::string& level) {
  auto logger = std::make_shared<spdlog::logger>("heed", std::make_shared<StatusAwareSink>());
  logger->set_pattern("%H:%M:%S %^%l%$ %v");
  logger->set_level(spdlog::level::from_str(level == "warn" ? "warning" : level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace heed
