// logger.conf read into what the log backend takes.
#pragma once

#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/runtime/logger.hpp"

namespace asterism {

/// `file` may be null (there is no logger.conf): then the console gets notices, warnings and errors.
[[nodiscard]] log::LoggerConfig logger_config(const config::File* file, const config::Settings& settings,
                                              config::Report& report);

}  // namespace asterism
