// /asterisk/logging
#include <algorithm>
#include <array>

#include "asterisk_ops.hpp"
#include "asterism/pbx.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/logger.hpp"
#include "service.hpp"

namespace asterism::ari {

namespace {

log::Logger* require_logger(Call& call, Reply& reply) {
    Process* process = call.service.pbx.process;
    if (process != nullptr) return &process->logger();
    reply.error(503, "The system is starting");
    return nullptr;
}

/// In the order in which Asterisk numbers its levels.
std::string levels_text(const log::Logger& logger, std::uint32_t levels) {
    using log::Level;
    static constexpr std::array order{Level::debug,   Level::trace, Level::notice,  Level::warning, Level::error,
                                      Level::verbose, Level::dtmf,  log::level_fax, Level::security};
    const auto custom = logger.custom_levels();
    std::string text;
    const auto add = [&](Level level) {
        if ((levels >> static_cast<unsigned>(level) & 1U) != 0) text += log::level_name(level, custom) + " ";
    };
    for (const Level level : order) add(level);
    for (std::size_t i = 0; i < custom.size(); ++i) {
        add(static_cast<Level>(log::first_custom_level + static_cast<unsigned>(i)));
    }
    return text;
}

/// Runs on the pool: files are opened and renamed. `work` answers.
void on_disk(Call& call, std::function<void(Reply&)> work) {
    auto later = std::make_shared<Reply>();
    call.service.pbx.loop->blocking([later, work = std::move(work)] { work(*later); },
                                    [later, done = call.later()] { done(std::move(*later)); });
}

}  // namespace

void list_log_channels(Call& call, Reply& reply) {
    const log::Logger* logger = require_logger(call, reply);
    if (logger == nullptr) return;
    Json json;
    json.begin_list();
    // The last one of logger.conf first.
    auto channels = logger->channels();
    std::ranges::reverse(channels);
    for (const auto& channel : channels) {
        json.begin().put("channel", channel.path).put("type", channel.type);
        json.put("status", channel.enabled ? "Enabled" : "Disabled");
        json.put("configuration", levels_text(*logger, channel.levels)).end();
    }
    reply.json(json.end_list().take());
}

void add_log(Call& call, Reply& reply) {
    log::Logger* logger = require_logger(call, reply);
    if (logger == nullptr) return;
    for (const auto& channel : logger->channels()) {
        if (channel.name == call.text("logChannelName")) {
            reply.error(409, "Configuration Failed: the channel exists already");
            return;
        }
    }
    on_disk(call, [logger, config = log::parse_channel(call.text("logChannelName"), call.text("configuration"),
                                                       logger->custom_levels())](Reply& later) {
        if (logger->add_channel(config)) {
            later.no_content();
        } else {
            later.error(409, "Log channel could not be created");
        }
    });
}

void delete_log(Call& call, Reply& reply) {
    log::Logger* logger = require_logger(call, reply);
    if (logger == nullptr) return;
    on_disk(call, [logger, name = call.text("logChannelName")](Reply& later) {
        if (logger->remove_channel(name)) {
            later.no_content();
        } else {
            later.error(404, "Log channel does not exist");
        }
    });
}

void rotate_log(Call& call, Reply& reply) {
    log::Logger* logger = require_logger(call, reply);
    if (logger == nullptr) return;
    on_disk(call, [logger, name = call.text("logChannelName")](Reply& later) {
        if (logger->rotate(name)) {
            later.no_content();
        } else {
            later.error(404, "Log channel does not exist");
        }
    });
}

}  // namespace asterism::ari
