#include "common/logging.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "common/near_match.h"

namespace drover {

const std::vector<std::string>& LogLevels() {
  static const auto* const levels =
      new std::vector<std::string>{"debug", "info", "warning", "error", "off"};
  return *levels;
}

absl::Status InitLogging(absl::string_view role, absl::string_view level) {
  const std::vector<std::string>& known = LogLevels();
  const std::string name(level);
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    return absl::InvalidArgumentError(UnknownName("log level", level, known));
  }
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>(std::string(role), std::move(sink));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %L %n: %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(name));
  logger->flush_on(spdlog::level::trace);  // a killed process has said all it had to say
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
}

}  // namespace drover
