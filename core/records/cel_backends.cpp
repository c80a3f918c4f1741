// Where channel events go: the manager event CEL, and files by cel_custom.conf.
#include "core/records/cel_backends.hpp"

#include <fmt/format.h>

#include <ctime>

#include "asterism/config/options.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/records/cdr.hpp"
#include "core/records/record_scope.hpp"
#include "core/records/writer.hpp"

namespace asterism::records {

namespace {

class Manager final : public CelBackend {
  public:
    Manager(Pbx& pbx, bool show_user_defined) : pbx_(pbx), show_user_defined_(show_user_defined) {}
    [[nodiscard]] std::string_view name() const override { return "Manager Event Logging"; }
    void write(const CelRecord& record) override {
        if (!pbx_.bus->wanted(EventKind::generic)) return;
        const ChannelSnapshot& c = *record.channel;
        const bool hidden_name = show_user_defined_ && record.type == CelType::user_defined;
        GenericEvent event;
        event.name = "CEL";
        event.event_class = "call";
        auto& h = event.headers;
        h.emplace_back("EventName", hidden_name ? "USER_DEFINED" : std::string(record.name()));
        h.emplace_back("AccountCode", c.account_code);
        h.emplace_back("CallerIDnum", c.caller_number);
        h.emplace_back("CallerIDname", c.caller_name);
        h.emplace_back("CallerIDani", c.caller_ani);
        h.emplace_back("CallerIDrdnis", c.caller_rdnis);
        h.emplace_back("CallerIDdnid", c.caller_dnid);
        h.emplace_back("Exten", c.exten);
        h.emplace_back("Context", c.context);
        h.emplace_back("Channel", c.name);
        h.emplace_back("Application", c.application);
        h.emplace_back("AppData", c.application_data);
        h.emplace_back("EventTime", Cdr::time_text(record.time));
        h.emplace_back("AMAFlags", std::string(ama_text(c.ama_flags)));
        h.emplace_back("UniqueID", c.uniqueid);
        h.emplace_back("LinkedID", c.linkedid);
        if (!c.tenant_id.empty()) h.emplace_back("TenantID", c.tenant_id);
        h.emplace_back("Userfield", c.user_field);
        h.emplace_back("Peer", record.peer);
        h.emplace_back("PeerAccount", c.peer_account);
        if (hidden_name) h.emplace_back("UserDefType", record.user_name);
        h.emplace_back("Extra", record.extra);
        pbx_.bus->publish(std::move(event));
    }

  private:
    Pbx& pbx_;
    bool show_user_defined_;
};

std::string when(WallTime time, const std::string& format) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
    if (format.empty()) return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
    const std::time_t seconds = static_cast<std::time_t>(us / 1'000'000);
    std::tm t{};
    localtime_r(&seconds, &t);
    std::string text(256, '\0');
    text.resize(std::strftime(text.data(), text.size(), format.c_str(), &t));
    return text;
}

class Custom final : public CelBackend {
  public:
    Custom(Pbx& pbx, std::vector<Mapping> files, const CelEngine& engine)
        : pbx_(pbx), files_(std::move(files)), engine_(engine), writer_(*pbx.loop) {}
    [[nodiscard]] std::string_view name() const override { return "CEL Custom CSV Logging"; }
    void write(const CelRecord& record) override {
        RecordScope scope(
            pbx_, [&](std::string_view name) { return variable(record, name); },
            [&](std::string_view name, std::string_view args) { return function(*record.channel, name, args); });
        for (const auto& [file, text] : files_) {
            std::string line;
            text.substitute(scope, line);
            writer_.append(pbx_.settings->log_dir + "/cel-custom/" + file, line + '\n');
        }
    }

  private:
    std::optional<std::string> variable(const CelRecord& record, std::string_view name) const {
        if (name == "eventtype") return std::string(record.name());
        if (name == "eventenum") return std::to_string(static_cast<int>(record.type) + 1);
        if (name == "eventtime") return when(record.time, engine_.settings().date_format);
        if (name == "eventextra") return record.extra;
        if (name == "userdeftype") return record.user_name;
        if (name == "BRIDGEPEER") return record.peer;
        return std::nullopt;
    }
    static std::optional<std::string> function(const ChannelSnapshot& c, std::string_view name, std::string_view item) {
        const auto is = [item](std::string_view other) { return config::equal_nocase(item, other); };
        if (name == "CALLERID") {
            if (is("name")) return c.caller_name;
            if (is("num") || is("number")) return c.caller_number;
            if (is("all")) return fmt::format("\"{}\" <{}>", c.caller_name, c.caller_number);
            if (is("ani") || is("ani-num")) return c.caller_ani;
            if (is("rdnis")) return c.caller_rdnis;
            if (is("dnid")) return c.caller_dnid;
            return std::nullopt;
        }
        if (name != "CHANNEL") return std::nullopt;
        if (is("exten")) return c.exten;
        if (is("context")) return c.context;
        if (is("channame") || is("name")) return c.name;
        if (is("appname")) return c.application;
        if (is("appdata")) return c.application_data;
        if (is("amaflags")) return std::to_string(c.ama_flags);
        if (is("accountcode")) return c.account_code;
        if (is("peeraccount")) return c.peer_account;
        if (is("uniqueid")) return c.uniqueid;
        if (is("linkedid")) return c.linkedid;
        if (is("userfield")) return c.user_field;
        if (is("tenantid")) return c.tenant_id;
        if (is("language")) return c.language;
        return std::nullopt;
    }

    Pbx& pbx_;
    std::vector<Mapping> files_;
    const CelEngine& engine_;
    LineWriter writer_;
};

}  // namespace

std::unique_ptr<CelBackend> cel_manager_backend(Pbx& pbx, bool show_user_defined) {
    return std::make_unique<Manager>(pbx, show_user_defined);
}
std::unique_ptr<CelBackend> cel_custom_backend(Pbx& pbx, std::vector<Mapping> files, const CelEngine& engine) {
    return std::make_unique<Custom>(pbx, std::move(files), engine);
}

}  // namespace asterism::records
