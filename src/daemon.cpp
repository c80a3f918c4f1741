#include "src/daemon.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "asterism/config/options.hpp"
#include "asterism/events/events.hpp"
#include "asterism/runtime/logger.hpp"
#include "src/build_info.hpp"
#include "src/module_table.hpp"
#include "src/parts.hpp"
#include "src/process_setup.hpp"

namespace asterism {

namespace {

/// How long channels may take to hang up when the daemon is told to stop now.
constexpr Duration hangup_patience = 500ms;

std::string bare_module(std::string_view name) {
    if (name.ends_with(".so")) name.remove_suffix(3);
    return std::string(name);
}

}  // namespace

Daemon::Daemon(AsioLoop& loop, log::Logger& logger, config::Settings settings, ServiceManager service)
    : loop_(loop),
      logger_(logger),
      settings_(std::move(settings)),
      service_(std::move(service)),
      config_(config_parts(logger, fmt::format("Asterisk {} (Asterism {})", settings_.reported_version, version()))),
      signals_(loop.context()),
      patience_(loop),
      watchdog_(loop) {}

Daemon::~Daemon() = default;

// ---- start ----

std::expected<void, std::string> Daemon::boot() {
    listen_to_signals();
    parts_ = std::make_unique<Parts>(loop_, settings_, *this);
    Parts& parts = *parts_;
    control_ = std::make_unique<cli::ControlServer>(loop_, loop_.context(), *parts.cli, &logger_);
    auto opened = control_->open({.path = settings_.control_socket(),
                                  .permissions = settings_.control_permissions,
                                  .owner = settings_.control_owner,
                                  .group = settings_.control_group,
                                  .version = settings_.reported_version});
    if (!opened) return opened;
    if (auto written = write_pid_file(settings_.pid_file()); !written) log::warning("{}", written.error());

    read_modules_conf();
    for (const auto& part : config_) load_part(part);
    config::DiskSource disk;
    config::Report report;
    parts.pjsip->load(disk, report);
    report.log();
    parts.pjsip->start();

    hangups_ = parts.bus.subscribe([this](const Event&) { calls_changed(); });
    hangups_.want_all(false);
    hangups_.want(EventKind::channel_hangup, true);

    parts.pbx.fully_booted = true;
    parts.bus.publish(SystemEvent{{}, "FullyBooted", {}});
    for (auto& then : std::exchange(waiting_for_boot_, {})) loop_.defer(std::move(then));
    parts.watch_spool();
    log::verbose(0, "Asterisk Ready.");
    service_.notify("READY=1\nSTATUS=Ready");
    feed_watchdog();
    return {};
}

void Daemon::load_part(const ConfigPart& part) {
    config::DiskSource disk;
    config::Report report;
    // A file that is not there is an empty one; only one that is there can be wrong.
    const bool there = std::filesystem::exists(settings_.etc_dir + "/" + part.file);
    const auto file = there ? config::read(disk, part.file, settings_.read_options(), report) : std::nullopt;
    if (!there || file) part.apply(*parts_, file ? &*file : nullptr, report);
    report.log();
    if (!report.ok()) log::error("{} has errors: nothing in it is used", part.file);
}

bool Daemon::booted() const { return parts_ && parts_->pbx.fully_booted; }

void Daemon::when_booted(std::function<void()> then) {
    if (booted())
        loop_.defer(std::move(then));
    else
        waiting_for_boot_.push_back(std::move(then));
}

void Daemon::run() { loop_.run(); }

void Daemon::feed_watchdog() {
    const auto interval = service_.watchdog();
    if (!interval) return;
    service_.notify("WATCHDOG=1");
    watchdog_.start(*interval / 3, [this] { feed_watchdog(); });
}

// ---- signals ----

void Daemon::listen_to_signals() {
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGXFSZ}) signals_.add(number);
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (error) return;
        signalled(number);
        if (!ending_) listen_to_signals();
    });
}

void Daemon::signalled(int number) {
    switch (number) {
        case SIGHUP:
            log::notice("SIGHUP: reading the configuration again");
            reload("", [](ReloadResult) {});
            break;
        case SIGUSR1:
        case SIGXFSZ:  // a log file has reached the limit of the file size
            logger_.rotate();
            break;
        default: log::notice("Signal {}: stopping", number); stop(StopKind::now, false);
    }
}

// ---- stop ----

void Daemon::stop(StopKind kind, bool restart) {
    if (ending_) return;
    stop_kind_ = kind;
    restart_ = restart;
    if (kind == StopKind::now) {
        loop_.defer([this] { shut_down(); });  // whoever asked gets an answer first
        return;
    }
    log::verbose(0, "{} {} when the calls have ended", restart ? "Restarting" : "Stopping",
                 kind == StopKind::gracefully ? "gracefully" : "conveniently");
    calls_changed();
}

bool Daemon::abort_stop() {
    if (!stop_kind_ || ending_) return false;
    stop_kind_.reset();
    restart_ = false;
    control_->stop_aborted();
    return true;
}

void Daemon::calls_changed() {
    if (!stop_kind_ && !ending_) return;
    // Later: the channel whose end was published is not out of the registry yet.
    loop_.post([this] {
        if (!parts_ || parts_->channels.size() > 0) return;
        if (ending_)
            finish();
        else if (stop_kind_)
            shut_down();
    });
}

void Daemon::shut_down() {
    if (ending_ || !stop_kind_) return;
    ending_ = true;
    service_.notify("STOPPING=1");
    const bool gracefully = *stop_kind_ != StopKind::now;
    parts_->bus.publish(
        SystemEvent{{},
                    "Shutdown",
                    {{"Shutdown", gracefully ? "Cleanly" : "Uncleanly"}, {"Restart", restart_ ? "True" : "False"}}});
    for (const ChannelId id : parts_->channels.ids()) {
        if (Channel* channel = parts_->channels.find(id)) channel->request_hangup(Cause::normal_clearing);
    }
    patience_.start(hangup_patience, [this] { finish(); });
    calls_changed();
}

void Daemon::finish() {
    if (!parts_) return;
    patience_.cancel();
    watchdog_.cancel();
    boost::system::error_code ignored;
    signals_.cancel(ignored);
    control_->close(restart_ ? "Asterisk is restarting" : "Asterisk is ending");
    // One more turn: what this one has written (the answer to "core stop now", AMI's Shutdown) goes out.
    loop_.post([this] {
        hangups_.end();
        control_.reset();
        parts_->db.flush();
        parts_.reset();
        std::error_code error;
        std::filesystem::remove(settings_.pid_file(), error);
        loop_.stop();
    });
}

// ---- reload ----

struct Daemon::Reload {
    std::vector<std::string> modules;  // still to be done, by their first name
    std::function<void(ReloadResult)> done;
    ReloadResult result = ReloadResult::done;
};

void Daemon::reload(std::string_view module, std::function<void(ReloadResult)> done) {
    const auto answer = [&](ReloadResult result) { loop_.defer([done = std::move(done), result] { done(result); }); };
    if (reloading_) return answer(ReloadResult::in_progress);
    auto job = std::make_shared<Reload>();
    const std::string name = bare_module(module);
    const bool all = name.empty() || name == "core";
    for (const auto& part : config_) {
        if (all || std::ranges::find(part.modules, name) != part.modules.end())
            job->modules.push_back(part.modules.front());
    }
    // Not chan_pjsip: in Asterisk that module has nothing to read again.
    if (all || name.starts_with("res_pjsip") || name == "res_rtp_asterisk") {
        job->modules.emplace_back("res_pjsip");
    }
    if (job->modules.empty()) {
        if (name == "app_playback") return answer(ReloadResult::done);  // its say.conf is not read here
        return answer(this->module(name) ? ReloadResult::not_needed : ReloadResult::no_such_module);
    }
    job->done = std::move(done);
    reloading_ = true;
    if (all) service_.reloading();
    reload_next(std::move(job));
}

void Daemon::reload_next(std::shared_ptr<Reload> job) {
    if (!parts_ || job->modules.empty()) return reload_ended(std::move(job));
    const std::string module = job->modules.front();
    job->modules.erase(job->modules.begin());
    const auto ended = [this, job, module](bool ok) {
        if (!ok) job->result = ReloadResult::error;
        if (!parts_) return;
        parts_->bus.publish(SystemEvent{{}, "Reload", {{"Module", module}, {"Status", ok ? "0" : "1"}}});
        reload_next(job);
    };
    if (module == "res_pjsip") {
        parts_->pjsip->reload(ended);
        return;
    }
    const auto part = std::ranges::find_if(config_, [&](const auto& p) { return p.modules.front() == module; });
    struct Read {
        std::optional<config::File> file;
        config::Report report;
        bool there = false;
    };
    auto read = std::make_shared<Read>();
    loop_.blocking(
        [read, name = part->file, options = settings_.read_options()] {
            config::DiskSource disk;
            read->there = std::filesystem::exists(options.directory + "/" + name);
            if (read->there) read->file = config::read(disk, name, options, read->report);
        },
        [this, read, part, ended] {
            if (!parts_) return;
            loop_.working_on("reload");
            if (!read->there || read->file) part->apply(*parts_, read->file ? &*read->file : nullptr, read->report);
            read->report.log();
            if (!read->report.ok()) log::error("{} has errors: nothing was changed", part->file);
            ended(read->report.ok());
        });
}

void Daemon::reload_ended(std::shared_ptr<Reload> job) {
    reloading_ = false;
    if (parts_) parts_->pbx.reloaded = loop_.clock().wall();
    service_.notify("READY=1");
    loop_.defer([job] { job->done(job->result); });
}

// ---- what it is made of ----

std::vector<ModuleInfo> Daemon::all_modules() const {
    std::set<std::string, std::less<>> named;
    if (parts_) {
        for (const auto* application : parts_->applications.all()) named.insert(application->module);
        for (const auto* function : parts_->functions.all()) named.insert(function->module);
    }
    std::vector<ModuleInfo> all;
    for (const auto& row : module_table()) {
        const std::string name(row.name);
        if (!row.always && !named.contains(bare_module(row.name))) continue;
        all.push_back({name, std::string(row.description), row.use_count, !not_running_.contains(name),
                       std::string(row.support_level)});
    }
    return all;
}

std::vector<ModuleInfo> Daemon::modules() const {
    auto all = all_modules();
    std::erase_if(all, [](const ModuleInfo& info) { return !info.running; });
    return all;
}

std::optional<ModuleInfo> Daemon::module(std::string_view name) const {
    const std::string bare = bare_module(name);
    for (auto& info : all_modules()) {
        if (bare_module(info.name) == bare) return std::move(info);
    }
    return std::nullopt;
}

bool Daemon::set_running(std::string_view name, bool running) {
    const auto found = module(name);
    // Asterisk loads by file name only.
    if (!found || found->running == running || (running && !name.ends_with(".so"))) return false;
    if (!running && (found->use_count > 0 || !found->name.ends_with(".so"))) return false;
    if (running)
        not_running_.erase(found->name);
    else
        not_running_.insert(found->name);
    return true;
}

void Daemon::read_modules_conf() {
    config::DiskSource disk;
    config::Report report;
    if (!std::filesystem::exists(settings_.etc_dir + "/modules.conf")) return;
    const auto file = config::read(disk, "modules.conf", settings_.read_options(), report);
    report.log();
    const config::Section* section = file ? file->find("modules") : nullptr;
    if (!section) return;
    const std::string* autoload = section->last("autoload");
    const bool all = autoload && config::parse_bool(*autoload).value_or(false);
    std::set<std::string> loaded, refused;
    for (const auto& line : section->variables) {
        if (line.is("noload"))
            refused.insert(bare_module(line.value));
        else if (!line.is("autoload"))
            loaded.insert(bare_module(line.value));
    }
    for (const auto& info : all_modules()) {
        const std::string bare = bare_module(info.name);
        if (info.name.ends_with(".so") && (refused.contains(bare) || (!all && !loaded.contains(bare)))) {
            not_running_.insert(info.name);
        }
    }
}

std::string Daemon::own_version() const { return std::string(version()); }
BuildInfo Daemon::build() const { return build_info(); }

}  // namespace asterism
