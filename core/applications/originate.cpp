// Originate: a call of its own, from the dialplan.
#include <memory>

#include "asterism/dialplan/gosub.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// ORIGINATE_STATUS of OriginateResponse's reason.
const char* status_of(const features::OriginateResult& result) {
    if (result.answered) return "SUCCESS";
    switch (result.reason) {
        case 1: return "HANGUP";
        case 3: return "RINGING";
        case 5: return "BUSY";
        case 8: return "CONGESTION";
        default: return "FAILED";
    }
}

/// "a=1^b=2": variables of the new channel.
std::vector<std::pair<std::string, std::string>> parse_variables(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> result;
    for (auto pair : functions::split(text, '^')) {
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos)
            result.emplace_back(functions::trim(pair.substr(0, equals)), pair.substr(equals + 1));
    }
    return result;
}

std::optional<features::OriginateRequest> parse_request(const Arguments& args, const OptionLetters& options) {
    features::OriginateRequest request;
    request.destination = args[0];
    const auto kind = functions::lower(args[1]);
    if (kind == "app") {
        request.application = args[2];
        request.data = args[3];
    } else if (kind == "exten") {
        Location where;
        where.context = args[2];
        where.exten = args.has(3) ? args[3] : "s";
        where.priority = std::max(to_int(args[4]), 1);
        request.location = std::move(where);
    } else {
        log::error("Incorrect type, it should be 'app' or 'exten': {}", args[1]);
        return std::nullopt;
    }
    if (const auto time = parse_time(args[5]); time && *time > Duration::zero()) request.timeout = *time;
    if (options.has('c') || options.has('n'))
        request.caller_id = PartyId::of(options.argument('n'), options.argument('c'));
    if (options.has('v')) request.variables = parse_variables(options.argument('v'));
    for (auto format : functions::split(options.argument('C'), '&')) request.formats.emplace_back(format);
    return request;
}

Task<AppResult> originate_(Channel& channel, std::string data) {
    const Arguments args(data, ',', 7);
    const OptionLetters options(args[6]);
    if (args.size() < 3 || !args.has(0)) {
        log::error("Incorrect number of arguments");
        channel.set_variable("ORIGINATE_STATUS", "FAILED");
        co_return AppResult::hang_up();
    }
    auto request = parse_request(args, options);
    if (!request) {
        channel.set_variable("ORIGINATE_STATUS", "FAILED");
        co_return AppResult::go_on();
    }
    request->originator = channel.id();
    if (options.has('B')) (void)co_await dialplan::run_gosub(channel, std::string(options.argument('B')));

    auto& pbx = channel.pbx();
    auto result = std::make_shared<Mailbox<features::OriginateResult>>(*pbx.loop);
    const auto made = features::originate(pbx, std::move(*request),
                                          [waiting = std::weak_ptr(result)](const features::OriginateResult& how) {
                                              if (auto box = waiting.lock()) box->send(how);
                                          });
    if (!made) {
        channel.set_variable("ORIGINATE_STATUS", "FAILED");
        co_return AppResult::go_on();
    }
    if (options.has('a')) {
        channel.set_variable("ORIGINATE_STATUS", "SUCCESS");
        co_return AppResult::go_on();
    }
    const auto how = co_await result->next();
    channel.set_variable("ORIGINATE_STATUS", status_of(how));
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

}  // namespace

void add_originate_application(dialplan::Applications& all) {
    all.add({.name = "Originate",
             .synopsis = "make a call beside the present one",
             .syntax = "Originate(tech_data,type,arg1[,arg2[,arg3[,timeout[,options]]]])",
             .parameters = {{"tech_data", "whom to call: PJSIP/alice"},
                            {"type", "app or exten: what runs when it answers"},
                            {"arg1", "application, or context"},
                            {"arg2", "its arguments, or extension"},
                            {"arg3", "priority"},
                            {"timeout", "seconds; 30"},
                            {"options",
                             "a: goes on at once; B(place): a subroutine first; c(number) and n(name): "
                             "caller; C(codecs); v(a=1^b=2): variables. ORIGINATE_STATUS tells"}},
             .run = originate_,
             .module = "app_originate",
             .dangerous = true});
}

}  // namespace asterism::applications
