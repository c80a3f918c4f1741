#include "asterism/ami/manager.hpp"

#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "commands.hpp"
#include "core.hpp"
#include "http.hpp"
#include "tcp.hpp"

namespace asterism::ami {

struct Manager::Parts {
    Parts(Pbx& pbx, boost::asio::io_context& io, Hooks hooks, Limits limits)
        : functions(pbx.functions), core(pbx, std::move(hooks), limits), tcp(core, io) {
        add_commands(core);
        if (functions) functions->add(client_function());
    }
    ~Parts() {
        if (functions) functions->remove("AMI_CLIENT");
        remove_commands(core);
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    dialplan::Functions* functions;
    Core core;
    TcpServer tcp;
    http::Router* router = nullptr;
    std::unique_ptr<HttpFront> http;

    dialplan::Function client_function() {
        return {.name = "AMI_CLIENT",
                .synopsis = "how many sessions a manager user has",
                .syntax = "AMI_CLIENT(loginname,field)",
                .parameters = {{"loginname", "name in manager.conf"}, {"field", "sessions"}},
                .read = [this](dialplan::FunctionCall& call) -> std::optional<std::string> {
                    const dialplan::Arguments args(call.args, ',', 2);
                    if (args.has(0) && args[1] == "sessions") return std::to_string(core.sessions_of(args[0]));
                    log::warning("AMI_CLIENT needs a user of manager.conf and 'sessions'");
                    return std::nullopt;
                },
                .module = "manager"};
    }

    void route() {
        bool wanted = router && core.config().general.enabled && core.config().general.web_enabled;
        if (wanted && !http) http = std::make_unique<HttpFront>(core, *router);
        if (!wanted) http.reset();
    }
};

Manager::Manager(Pbx& pbx, boost::asio::io_context& io, Hooks hooks, Limits limits)
    : parts_(std::make_unique<Parts>(pbx, io, std::move(hooks), limits)) {}

Manager::Manager(Pbx& pbx, boost::asio::io_context& io, Hooks hooks) : Manager(pbx, io, std::move(hooks), Limits{}) {}

Manager::~Manager() = default;

bool Manager::configure(const config::File& file, config::Report& report) {
    config::Report own;
    auto made = ManagerConfig::from(file, own);
    bool good = own.ok();
    if (good && made.general.tls_enabled) own.warning({}, "manager.conf: tlsenable: TLS is not served yet");
    if (good && made.general.enabled) {
        if (auto listening = parts_->tcp.listen(made.general.bind); !listening) {
            own.error(
                {}, fmt::format("manager.conf: cannot listen on {}: {}", made.general.bind.text(), listening.error()));
            good = false;
        }
    }
    report.append(own);
    if (!good) return false;
    if (!made.general.enabled) parts_->tcp.close();
    parts_->core.configure(std::move(made));
    parts_->route();
    return true;
}

void Manager::serve_http(http::Router& router) {
    parts_->router = &router;
    parts_->route();
}

std::uint16_t Manager::port() const { return parts_->tcp.port(); }

const Manager::Stats& Manager::stats() const { return parts_->core.stats(); }

std::vector<Manager::SessionInfo> Manager::sessions() const {
    std::vector<SessionInfo> all;
    for (const auto* session : parts_->core.sessions()) {
        all.push_back({.user = session->user() ? session->user()->name : std::string(),
                       .remote = session->addresses().remote,
                       .http = session->kind() == Session::Kind::http,
                       .queued_bytes = session->queued_bytes()});
    }
    return all;
}

std::vector<Manager::ActionInfo> Manager::actions() const {
    std::vector<ActionInfo> rows;
    for (const auto* action : parts_->core.all()) {
        rows.push_back({action->name, privilege_text(action->privilege), action->params, action->synopsis});
    }
    return rows;
}

}  // namespace asterism::ami
