// Actions that make and move calls: Originate, BlindTransfer.
#include <charconv>

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/whole.hpp"
#include "core.hpp"
#include "find.hpp"
#include "variable_list.hpp"

namespace asterism::ami {

namespace {

using features::OriginateRequest;
using features::OriginateResult;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Whether `data` calls a function that reaches outside the PBX, as Set(FILE(...)=...) does.
bool names_dangerous_function(const dialplan::Functions& functions, std::string_view data) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    for (auto open = data.find('('); open != std::string_view::npos; open = data.find('(', open + 1)) {
        const auto before = data.substr(0, open);
        const auto* function = functions.find(before.substr(before.find_last_not_of(letters) + 1));
        if (function && (function->dangerous_read || function->dangerous_write)) return true;
    }
    return false;
}

/// Whether the session may run this application with this data on a channel: what reaches outside the PBX, or runs
/// what may, needs the class system.
bool application_allowed(Exchange& x, std::string_view name, std::string_view data) {
    if (x.session().may(cls::system)) return true;
    const auto* application = x.pbx().applications ? x.pbx().applications->find(name) : nullptr;
    if (application && application->dangerous) return false;
    return !x.pbx().functions || !names_dangerous_function(*x.pbx().functions, data);
}

/// The error to answer; empty: `made` is good.
std::string_view read_request(Exchange& x, OriginateRequest& made) {
    auto& pbx = x.pbx();
    auto channel = x.get("Channel"), exten = x.get("Exten"), context = x.get("Context");
    auto priority_text = x.get("Priority"), application = x.get("Application"), timeout = x.get("Timeout");
    if (channel.empty()) return "Channel not specified";
    int priority = 0;
    if (!priority_text.empty()) {
        if (const auto number = parse_whole<int>(priority_text)) {
            priority = *number;
        } else {
            dialplan::Plan::Query query{context, exten, {}, x.core().loop().clock().wall()};
            auto found = pbx.dialplan ? pbx.dialplan->plan()->find_label(query, priority_text) : dialplan::Found{};
            if (!found) return "Invalid priority";
            priority = found.priority->number;
        }
    }
    if (!timeout.empty()) {
        // A number too large for anything is a long time, as Asterisk takes it.
        constexpr long longest = 86'400'000;
        long ms = 0;
        auto [end, error] = std::from_chars(timeout.data(), timeout.data() + timeout.size(), ms);
        if (error == std::errc::result_out_of_range || ms > longest) ms = longest;
        if (error == std::errc::invalid_argument || ms < 0) return "Invalid timeout";
        made.timeout = std::chrono::milliseconds(ms);
    }
    if (!features::parse_destination(channel)) return "Invalid channel";
    made.destination = channel;
    if (auto caller = x.get("CallerID"); !caller.empty()) made.caller_id = parse_caller_id(caller);
    auto codecs = x.get("Codecs");
    while (!codecs.empty()) {
        auto comma = codecs.find(',');
        if (auto one = trimmed(codecs.substr(0, comma)); !one.empty()) made.formats.emplace_back(one);
        codecs = comma == std::string_view::npos ? std::string_view() : codecs.substr(comma + 1);
    }
    made.uniqueid = x.get("ChannelId");
    made.other_uniqueid = x.get("OtherChannelId");
    constexpr std::size_t longest = 149;
    if (made.uniqueid.size() > longest || made.other_uniqueid.size() > longest) {
        return "Uniqueid length exceeds maximum of 149";
    }
    made.account_code = x.get("Account");
    made.early_media = x.request().is_true("EarlyMedia");
    made.failed_extension = true;
    for (const auto& [name, value] : x.session().user()->variables) made.variables.emplace_back(name, value);
    for (auto list : x.request().all("Variable"))
        for (auto& one : variable_list(list)) made.variables.push_back(std::move(one));
    if (!application.empty()) {
        if (!application_allowed(x, application, x.get("Data")))
            return "Originate Access Forbidden: app or data blacklisted";
        made.application = application;
        made.data = x.get("Data");
    } else if (!exten.empty() && !context.empty() && priority > 0) {
        dialplan::Plan::Query query{context, exten, {}, x.core().loop().clock().wall()};
        if (!pbx.dialplan || !pbx.dialplan->plan()->exists(query, priority)) return "Extension does not exist.";
        made.location = Location{std::string(context), std::string(exten), priority};
    } else {
        return "Originate with 'Exten' requires 'Context' and 'Priority'";
    }
    return {};
}

/// features::originate, unless a channel has the asked for id already.
bool start(Pbx& pbx, OriginateRequest made, std::function<void(const OriginateResult&)> done) {
    for (const auto& id : {made.uniqueid, made.other_uniqueid}) {
        if (!id.empty() && pbx.channels->uniqueid_taken(id)) return false;
    }
    return features::originate(pbx, std::move(made), std::move(done)).has_value();
}

/// The event that ends an asynchronous Originate, whatever became of the session that asked.
void publish_response(Pbx& pbx, OriginateResponse event, const OriginateRequest& asked, const OriginateResult& result) {
    event.success = result.answered;
    event.reason = result.reason;
    event.channel = result.channel.empty() ? asked.destination : result.channel;
    event.uniqueid = result.answered ? result.uniqueid : std::string();
    event.caller_number = result.caller_number;
    event.caller_name = result.caller_name;
    pbx.bus->publish(std::move(event));
}

void originate_async(Exchange& x, OriginateRequest made) {
    OriginateResponse event;
    event.action_id = x.request().action_id();
    event.application = made.application;
    event.data = made.data;
    if (made.location) {
        event.context = made.location->context;
        event.exten = made.location->exten;
    }
    x.success("Originate successfully queued");
    auto& pbx = x.pbx();
    auto asked = std::make_shared<OriginateRequest>(made);
    auto caller = made.caller_id;
    bool started = start(pbx, std::move(made), [&pbx, event, asked](const OriginateResult& result) {
        publish_response(pbx, event, *asked, result);
    });
    if (!started) {
        OriginateResult result;
        if (caller) {
            result.caller_number = caller->number.text;
            result.caller_name = caller->name.text;
        }
        publish_response(pbx, event, *asked, result);
    }
}

Task<void> originate_and_wait(Exchange& x, OriginateRequest made) {
    // The call goes on when the client leaves meanwhile: what it reports to is then nobody's.
    auto box = std::make_shared<Mailbox<bool>>(x.core().loop());
    bool started =
        start(x.pbx(), std::move(made), [box](const OriginateResult& result) { box->send(result.answered); });
    if (!started) {
        x.error("Originate failed");
        co_return;
    }
    if (co_await box->next()) {
        x.success("Originate successfully queued");
    } else {
        x.error("Originate failed");
    }
}

Task<void> originate(Exchange& x) {
    OriginateRequest made;
    if (auto problem = read_request(x, made); !problem.empty()) {
        x.error(problem);
        co_return;
    }
    if (x.request().is_true("Async")) {
        originate_async(x, std::move(made));
        co_return;
    }
    co_await originate_and_wait(x, std::move(made));
}

void blind_transfer(Exchange& x) {
    auto name = x.get("Channel"), context = x.get("Context");
    std::string exten(x.get("Exten"));
    if (name.empty()) return x.error("No channel specified");
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error("Channel specified does not exist");
    auto& pbx = x.pbx();
    std::string where(context.empty() ? std::string_view(channel->location().context) : context);
    auto* bridge = channel->bridge() && pbx.bridges ? pbx.bridges->find(channel->bridge()) : nullptr;
    auto* peer = bridge ? bridge->peer_of(*channel) : nullptr;
    if (!peer) return x.error("Transfer Invalid");
    dialplan::Plan::Query query{where, exten, {}, x.core().loop().clock().wall()};
    if (!pbx.dialplan || !pbx.dialplan->plan()->exists(query)) return x.error("Transfer Invalid");
    BlindTransfer event;
    event.transferer = channel->snapshot();
    event.transferee = peer->snapshot();
    event.bridge = bridge->snapshot();
    event.context = where;
    event.exten = exten;
    event.result = "Success";
    x.success("Transfer succeeded");
    pbx.bus->publish(std::move(event));
    auto id = channel->id();
    peer->set_variable("BLINDTRANSFER", channel->name());
    peer->redirect({where, exten, 1});
    if (auto* still = pbx.channels->find(id)) still->request_hangup(Cause::normal_clearing);
}

}  // namespace

Actions call_actions() {
    return {
        {.name = "Originate",
         .privilege = cls::originate,
         .params = "Channel*,Exten,Context,Priority,Application,Data,Timeout,CallerID,Variable,Account,EarlyMedia,"
                   "Async,Codecs,ChannelId,OtherChannelId,PreDialGoSub",
         .synopsis = "Call a party and connect it with an extension or an application.",
         .wait = originate},
        {"BlindTransfer", cls::call, "Channel*,Context,Exten", "Send the other side of a call elsewhere.",
         blind_transfer},
    };
}

}  // namespace asterism::ami
