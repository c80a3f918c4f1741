// A scenario from its beginning to its end.
#include "core/simulator/simulation.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <set>

#include <fmt/format.h>

#include "asterism/config/map_source.hpp"
#include "asterism/config/options.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/model/operations.hpp"

namespace asterism::simulator {

namespace {

/// More priorities than this in one scenario run in circles.
constexpr std::size_t max_priorities = 25'000;
/// Turns of the loop without time passing: as many as that many priorities could need, and some more.
constexpr std::size_t max_turns = 2'000'000;
constexpr std::size_t max_trace = 20'000;
constexpr const char* assumed_dir = "/assumed-prompts";

void set_timezone(const std::string& zone) {
    // A simulation is alone in its process but for others that come after it: each sets what it needs.
    if (zone.empty())
        ::unsetenv("TZ");
    else
        ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
}

media::SoundDirs sounds_of(const Scenario& scenario, const config::Settings& settings) {
    media::SoundDirs where;
    where.fallback_language = settings.default_language;
    where.assumed_dir = assumed_dir;
    if (scenario.given.assume_prompts)
        where.assumed.emplace_back("*");
    else
        where.dirs = {settings.sounds_dir() + "/custom", settings.sounds_dir()};
    for (const auto& [name, length] : scenario.given.prompts) where.assumed.push_back(name);
    return where;
}

}  // namespace

Simulation::Simulation(const Scenario& scenario, const Setup& setup) : scenario_(scenario), setup_(setup) {
    result_.name = scenario.name;
    result_.origin = scenario.origin;
    const char* zone = std::getenv("TZ");
    zone_before_ = zone ? std::optional<std::string>(zone) : std::nullopt;
    set_timezone(scenario.given.timezone.empty() ? zone_before_.value_or("") : scenario.given.timezone);
    auto where = sounds_of(scenario, setup.settings);
    sound_dirs_ = where.dirs;
    world_ = std::make_unique<World>(std::move(where));
    tasks_ = std::make_unique<TaskScope>(world_->loop);
    log::set_backend(this);
}

Simulation::~Simulation() {
    tasks_.reset();
    events_.end();
    world_->media.on_start = nullptr;
    world_->media.on_end = nullptr;
    world_.reset();
    log::set_backend(nullptr);
    set_timezone(zone_before_.value_or(""));
}

Millis Simulation::now() const { return std::chrono::duration_cast<Millis>(world_->loop.now() - start_); }

void Simulation::problem(config::Origin origin, std::string text) {
    line({}, {}, "! " + text);
    if (result_.differences.size() < 100)
        result_.differences.push_back(origin.line > 0 ? origin.text() + ": " + text : text);
}

void Simulation::line(const std::string& channel, std::string place, std::string text) {
    if (result_.trace.size() >= max_trace) return;
    result_.trace.push_back({now(), channel, std::move(place), std::move(text)});
}

void Simulation::write(const log::Record& record) {
    using log::Level;
    if (record.level != Level::warning && record.level != Level::error) return;
    warned_ = true;
    logged_.emplace_back(record.text);
    std::string who;
    for (const ChannelId id : world_ ? world_->channels.ids() : std::vector<ChannelId>()) {
        const Channel* channel = world_->channels.find(id);
        if (channel && record.call && channel->call() == record.call && who.empty()) who = channel->name();
    }
    line(who, {}, (record.level == Level::error ? "error: " : "warning: ") + std::string(record.text));
}

Result Simulation::run() {
    start_ = world_->loop.now();
    if (!set_up()) return std::move(result_);
    calls_to_come_ = scenario_.calls.size();
    callers_.resize(scenario_.calls.size());
    for (std::size_t i = 0; i < scenario_.calls.size(); ++i) tasks_->spawn(call_in(scenario_.calls[i], i));
    (void)run_calls();
    for (const auto& [id, story] : stories_) {
        Channel* channel = world_->channels.find(id);
        if (channel && !story.ended) finish(*channel);
    }
    compare();
    return std::move(result_);
}

bool Simulation::set_up() {
    set_clock();
    if (!result_.differences.empty()) return false;
    world_->settings = setup_.settings;
    world_->pbx.started = world_->pbx.reloaded = world_->loop.clock().wall();
    for (const auto& [path, value] : scenario_.given.database) {
        const auto slash = path.find('/', path.starts_with('/') ? 1 : 0);
        const std::string_view family = std::string_view(path).substr(path.starts_with('/') ? 1 : 0);
        if (slash == std::string::npos ||
            !world_->db.put(family.substr(0, family.find('/')), family.substr(family.find('/') + 1), value))
            problem(scenario_.origin, "database: '" + path + "' is no family/key");
    }
    if (setup_.furnish) setup_.furnish(*world_, scenario_, *this);
    install_scripted(*world_, scenario_, *this);
    add_technologies();
    if (!load_dialplan()) return false;
    for (const auto& [name, value] : scenario_.given.globals) dialplan::set_global(world_->pbx, name, value);
    events_ = world_->bus.subscribe([this](const Event& event) { happened(event); });
    world_->media.length_of_file = [this](const std::string& path) -> std::optional<Millis> {
        const auto at = scenario_.given.prompts.find(prompt_name(path));
        return at == scenario_.given.prompts.end() ? std::nullopt : std::optional(at->second);
    };
    world_->media.on_start = [this](const media::FakeEngine::Op& op) { media_began(op); };
    world_->media.on_end = [this](const media::FakeEngine::Op& op) { media_ended(op); };
    return true;
}

void Simulation::set_clock() {
    const std::string text = scenario_.given.clock.empty() ? "2026-01-05 12:00:00" : scenario_.given.clock;  // a Monday
    std::tm local{};
    int used = 0;
    const int fields = std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[ T]%2d:%2d%n", &local.tm_year, &local.tm_mon,
                                   &local.tm_mday, &local.tm_hour, &local.tm_min, &used);
    int seconds_used = 0;
    if (fields == 5 && text[static_cast<std::size_t>(used)] == ':')
        std::sscanf(text.c_str() + used, ":%2d%n", &local.tm_sec, &seconds_used);
    if (fields != 5 || static_cast<std::size_t>(used + seconds_used) != text.size() || local.tm_mon < 1 ||
        local.tm_mon > 12 || local.tm_mday < 1 || local.tm_mday > 31 || local.tm_hour > 23 || local.tm_min > 59 ||
        local.tm_sec > 60 || local.tm_year < 1970 || local.tm_hour < 0 || local.tm_min < 0) {
        problem(scenario_.origin, "clock: '" + text + "' is no time like 2026-11-23 10:00");
        return;
    }
    local.tm_year -= 1900;
    local.tm_mon -= 1;
    local.tm_isdst = -1;
    world_->loop.set_wall(std::chrono::system_clock::from_time_t(std::mktime(&local)));
}

bool Simulation::load_dialplan() {
    config::Report report;
    std::optional<config::File> file;
    if (!scenario_.given.dialplan.empty()) {
        config::MapSource source;
        source.files["/dialplan"] = scenario_.given.dialplan;
        file = config::read(source, "dialplan", {.directory = "/"}, report);
    } else {
        config::DiskSource source;
        auto options = setup_.settings.read_options();
        if (!scenario_.given.config.empty()) options.directory = scenario_.given.config;
        file = config::read(source, "extensions.conf", options, report);
    }
    if (file) dialplan::load(world_->pbx, *file, report);
    load_music();
    for (const auto& finding : report.findings()) {
        if (finding.severity == config::Finding::Severity::error)
            problem({}, finding.text());
        else
            line({}, {}, "warning: " + finding.text());
    }
    return file.has_value() && report.ok();
}

/// The classes of musiconhold.conf, all with the same music that nobody hears, and `default`.
void Simulation::load_music() {
    config::DiskSource source;
    config::Report report;
    auto options = setup_.settings.read_options();
    if (!scenario_.given.config.empty()) options.directory = scenario_.given.config;
    config::File made;
    const auto add = [&made](const std::string& name) {
        config::Section section{.name = name};
        section.variables = {{.name = "mode", .value = "playlist", .origin = {}},
                             {.name = "entry", .value = std::string(assumed_dir) + "/music.sln", .origin = {}}};
        made.add(std::move(section));
    };
    add("default");
    if (scenario_.given.dialplan.empty()) {
        const auto file = config::read(source, "musiconhold.conf", options, report);
        for (const auto& section : file ? file->sections() : std::vector<config::Section>()) add(section.name);
    }
    world_->music = MusicClasses(made, {});
}

bool Simulation::run_calls() {
    VirtualLoop& loop = world_->loop;
    const TimePoint until = start_ + scenario_.given.limit;
    for (;;) {
        std::size_t turns = 0;
        while (loop.turn()) {
            if (++turns < max_turns && priorities_ < max_priorities) continue;
            stuck("runs in circles");
            return false;
        }
        if (calls_to_come_ == 0 && world_->channels.size() == 0) return true;
        if (loop.skip_to_next(until)) continue;
        stuck(loop.timers().next() ? "is not over" : "goes on for ever: nobody hangs up");
        return false;
    }
}

void Simulation::stuck(const char* why) {
    for (const ChannelId id : world_->channels.ids()) {
        Channel* channel = world_->channels.find(id);
        if (!channel || std::ranges::find(callers_, id) == callers_.end()) continue;
        const Location& at = channel->location();
        problem(scenario_.origin,
                fmt::format("after {} the call {}: {} is at {},{},{} in {}({})", span_text(now()), why, channel->name(),
                            at.context, at.exten, at.priority, channel->application(), channel->application_data()));
        return;
    }
    problem(scenario_.origin, fmt::format("after {} the scenario {}", span_text(now()), why));
}

void Simulation::compare() {
    Texts& out = result_.differences;
    for (const Step* step : undone_) {
        const std::string what = step->press.empty() ? "say: " + step->say : "press: " + step->press;
        const std::string waited = !step->after.empty()    ? " (it waited for " + step->after + ")"
                                   : !step->during.empty() ? " (it waited for " + step->during + ")"
                                                           : "";
        out.push_back(step->origin.text() + ": there was no time to " + what + waited);
    }
    for (std::size_t i = 0; i < scenario_.calls.size(); ++i) {
        const auto found = differences(scenario_.calls[i], stories_[callers_[i]], logged_, result_.checks);
        out.insert(out.end(), found.begin(), found.end());
    }
    const auto of_all = [&](const std::vector<Wanted>& wanted, const char* what, auto&& value) {
        const auto found = differences(wanted, what, value, result_.checks);
        out.insert(out.end(), found.begin(), found.end());
    };
    of_all(scenario_.globals, "global ", [this](const std::string& name) -> std::optional<std::string> {
        const std::string* value = world_->globals.find(name);
        return value ? std::optional(*value) : std::nullopt;
    });
    of_all(scenario_.database, "database ", [this](const std::string& path) {
        const std::string_view bare = std::string_view(path).substr(path.starts_with('/') ? 1 : 0);
        const auto slash = bare.find('/');
        return slash == std::string_view::npos ? std::nullopt
                                               : world_->db.get(bare.substr(0, slash), bare.substr(slash + 1));
    });
    if (scenario_.no_warnings) {
        ++result_.checks;
        if (warned_) out.push_back("no_warnings: " + logged_.front());
    }
}

Result play(const Scenario& scenario, const Setup& setup) { return Simulation(scenario, setup).run(); }

namespace {

/// "PJSIP/alice-00000001" without its number, unless there were two of the name.
std::map<std::string, std::string> short_names(const std::vector<TraceLine>& trace) {
    std::map<std::string, std::string> names;
    std::map<std::string, std::size_t> used;
    const auto base = [](const std::string& name) { return name.substr(0, name.rfind('-')); };
    for (const auto& line : trace) {
        if (!line.channel.empty() && names.try_emplace(line.channel, line.channel).second) ++used[base(line.channel)];
    }
    for (auto& [name, shown] : names) {
        if (used[base(name)] == 1) shown = base(name);
    }
    return names;
}

}  // namespace

std::string to_text(const Result& result, bool with_trace) {
    const auto names = short_names(result.trace);
    std::string out = fmt::format("{} {}  ({})\n", result.ok() ? "ok  " : "FAIL", result.name, result.origin.text());
    std::size_t widest = 0, place = 0;
    for (const auto& line : result.trace) {
        if (!line.channel.empty()) widest = std::max(widest, std::min<std::size_t>(names.at(line.channel).size(), 28));
        place = std::max(place, std::min<std::size_t>(line.place.size(), 32));
    }
    if (with_trace) {
        for (const auto& line : result.trace) {
            out += fmt::format("  {:>5}.{:03}  {:<{}}  ", line.at.count() / 1000, line.at.count() % 1000,
                               line.channel.empty() ? line.channel : names.at(line.channel), widest);
            out += line.place.empty() ? "  " + line.text : fmt::format("{:<{}}  {}", line.place, place, line.text);
            out += '\n';
        }
    }
    for (const auto& difference : result.differences) out += "  ! " + difference + "\n";
    return out;
}

}  // namespace asterism::simulator
