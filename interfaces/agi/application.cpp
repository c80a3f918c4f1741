// The dialplan applications AGI, DeadAGI and EAGI.
#include "asterism/dialplan/application.hpp"

#include <climits>
#include <optional>

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/runtime/log.hpp"
#include "interfaces/agi/agi.hpp"
#include "interfaces/agi/async_link.hpp"
#include "interfaces/agi/environment.hpp"
#include "interfaces/agi/programs.hpp"
#include "interfaces/agi/session.hpp"

namespace asterism::agi {
namespace {

using dialplan::AppResult;

/// So that scripts need not know where this PBX is installed.
ProcessEnvironment process_environment(const config::Settings& s) {
    return {{"AST_CONFIG_DIR", s.etc_dir},
            {"AST_CONFIG_FILE", s.etc_dir + "/asterisk.conf"},
            {"AST_MODULE_DIR", s.module_dir},
            {"AST_SPOOL_DIR", s.spool_dir},
            {"AST_MONITOR_DIR", s.monitor_dir()},
            {"AST_VAR_DIR", s.var_lib_dir},
            {"AST_DATA_DIR", s.data_dir},
            {"AST_LOG_DIR", s.log_dir},
            {"AST_AGI_DIR", s.agi_dir},
            {"AST_KEY_DIR", s.key_dir},
            {"AST_RUN_DIR", s.run_dir}};
}

Task<LinkResult> open_async(Channel& channel) { co_return make_async_link(channel); }

Task<LinkResult> open(Linker& linker, Channel& channel, const Target& target, const std::vector<std::string>& arguments,
                      bool audio) {
    if (target.kind == Target::Kind::async) return open_async(channel);
    if (target.kind == Target::Kind::fast) return linker.connect(target);
    const auto& settings = *channel.pbx().settings;
    auto path = target.script.starts_with('/') ? target.script : settings.agi_dir + "/" + target.script;
    return linker.spawn(std::move(path), arguments, process_environment(settings), audio);
}

AppResult finish(Channel& channel, Outcome outcome) {
    channel.set_variable("AGISTATUS", to_string(outcome));
    return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

/// Descriptor 3 of an EAGI script: what the party says, for as long as this lives. A tap, so that nothing that the
/// script asks for disturbs it.
class Ears {
  public:
    /// `link` outlives it.
    Ears(Channel& channel, media::CodecId codec, Link& link) : engine_(*channel.pbx().media) {
        tap_ = engine_.open_tap(channel.leg(), {.spy_in = true}, {});
        out_ = engine_.open_stream({.codec = codec}, {}, [&link](const media::StreamEvent& event) {
            if (event.kind == media::StreamEvent::Kind::media && event.bytes) link.write_audio(*event.bytes);
        });
        engine_.connect(tap_, out_);
        engine_.stream(out_, {.kind = media::StreamCommand::Kind::start});
    }
    Ears(const Ears&) = delete;
    Ears& operator=(const Ears&) = delete;
    ~Ears() {
        engine_.close(tap_);
        engine_.close(out_);
    }

  private:
    media::Engine& engine_;
    media::LegId tap_, out_;
};

/// EAGI_AUDIO_FORMAT, or signed linear at 8 kHz.
media::CodecId audio_format(const Channel& channel) {
    const auto* wanted = channel.variable("EAGI_AUDIO_FORMAT");
    if (!wanted || wanted->empty()) return media::CodecId::slin;
    const auto codec = media::codec_by_name(*wanted);
    if (codec && media::stream_frame_bytes(*codec) > 0 && media::stream_frame_bytes(*codec) <= PIPE_BUF) return *codec;
    log::warning("EAGI_AUDIO_FORMAT '{}' on {} cannot be given to a script; it gets slin", *wanted, channel.name());
    return media::CodecId::slin;
}

enum class Sound : std::uint8_t { none, heard };

Task<AppResult> run(Linker& linker, std::shared_ptr<const Debugging> debugging, Channel& channel, std::string data,
                    Sound sound) {
    const bool audio = sound == Sound::heard;
    const dialplan::Arguments words(data);
    if (!words.has(0)) {
        log::warning("AGI requires an argument (script)");
        co_return AppResult::hang_up();
    }
    const std::vector<std::string> arguments(words.all().begin() + 1, words.all().end());
    const auto target = parse_target(words[0]);
    if (!target) {
        log::warning("AGI '{}': {}", words[0], target.error());
        co_return finish(channel, Outcome::failure);
    }
    if (audio && (channel.hangup_requested() || channel.in_afterlife() || !channel.leg())) {
        log::error("EAGI needs a call, and {} has hung up; AGI does not", channel.name());
        co_return finish(channel, Outcome::failure);
    }
    if (audio && target->kind != Target::Kind::file)
        log::warning("EAGI '{}': only a local script has a descriptor for audio", words[0]);
    const auto& settings = *channel.pbx().settings;
    auto link = co_await open(linker, channel, *target, arguments, audio);
    if (!link) {
        log::warning("AGI '{}' on {} failed: {}", words[0], channel.name(), link.error().text);
        co_return finish(channel, link.error().not_found ? Outcome::not_found : Outcome::failure);
    }
    log::verbose(3, "<{}> Launched AGI Script {}", channel.name(), words[0]);
    Outcome outcome = Outcome::failure;
    {
        Link& wire = **link;
        Session session(channel, std::move(*link),
                        debugging);  // its end closes the link, before the dialplan sees AGISTATUS
        std::optional<Ears> ears;
        if (audio && target->kind == Target::Kind::file && channel.leg())
            ears.emplace(channel, audio_format(channel), wire);
        outcome = co_await session.run(environment(channel, *target, arguments, settings.reported_version, audio));
    }
    log::verbose(3, "<{}> AGI Script {} completed, returning {}", channel.name(), words[0], to_string(outcome));
    co_return finish(channel, outcome);
}

}  // namespace

void add_applications(Pbx& pbx, Linker& linker) {
    const std::vector<dialplan::Parameter> parameters{
        {"command", "a file of astagidir or with its path, agi://host[:port][/script[?query]], or agi:async"},
        {"args", "passed to a file as arguments, and in the environment as agi_arg_1 and so on"},
    };
    const auto debugging = std::make_shared<Debugging>();
    add_console_commands(pbx, debugging);
    const auto call = [&linker, debugging](Channel& channel, std::string data) {
        return run(linker, debugging, channel, std::move(data), Sound::none);
    };
    const auto call_with_sound = [&linker, debugging](Channel& channel, std::string data) {
        return run(linker, debugging, channel, std::move(data), Sound::heard);
    };
    pbx.applications->add({.name = "AGI",
                           .synopsis = "let a script control the channel",
                           .syntax = "AGI(command[,arg1[,...]])",
                           .parameters = parameters,
                           .run = call,
                           .module = "res_agi",
                           .dangerous = true});
    pbx.applications->add({.name = "DeadAGI",
                           .synopsis = "AGI, which runs on channels that have hung up too",
                           .syntax = "DeadAGI(command[,arg1[,...]])",
                           .parameters = parameters,
                           .run = call,
                           .module = "res_agi",
                           .dangerous = true});
    pbx.applications->add({.name = "EAGI",
                           .synopsis = "AGI for a local script that hears the caller",
                           .syntax = "EAGI(command[,arg1[,...]])",
                           .parameters = {{"command",
                                           "a file of astagidir or with its path; what the caller says is "
                                           "its descriptor 3, signed linear at 8 kHz unless "
                                           "EAGI_AUDIO_FORMAT names another codec"},
                                          parameters[1]},
                           .run = call_with_sound,
                           .module = "res_agi",
                           .dangerous = true});
    add_mp3_player(pbx, linker);
    add_external_ivr(pbx, linker);
}

}  // namespace asterism::agi
