// CURL and CURLOPT: texts from web servers.
#include <algorithm>
#include <array>

#include "asterism/dialplan/raw_arguments.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/loop.hpp"
#include "core/functions/fetcher.hpp"
#include "core/functions/hash.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;
using OptionList = std::vector<std::pair<std::string, std::string>>;

constexpr std::array<std::string_view, 29> keys{
    "cookie",         "conntimeout",    "dnstimeout",    "followlocation", "ftptext",     "ftptimeout",
    "header",         "httpauth",       "httpheader",    "httptimeout",    "maxredirs",   "proxy",
    "proxytype",      "proxyport",      "proxyuserpwd",  "referer",        "useragent",   "userpwd",
    "ssl_verifypeer", "ssl_verifyhost", "ssl_cainfo",    "ssl_capath",     "ssl_cert",    "ssl_certtype",
    "ssl_key",        "ssl_keytype",    "ssl_keypasswd", "hashcompat",     "failurecodes"};

/// What CURLOPT() has set: on a channel, or for all that have not.
struct CurlOptions : ChannelExtra {
    OptionList all;
    void set(const std::string& key, std::string_view value) {
        if (key != "httpheader") std::erase_if(all, [&](const auto& entry) { return entry.first == key; });
        if (!value.empty()) all.emplace_back(key, value);
    }
    [[nodiscard]] bool has(std::string_view key) const {
        return std::ranges::any_of(all, [key](const auto& entry) { return entry.first == key; });
    }
};

struct Curl {
    std::shared_ptr<Fetcher> fetcher;
    CurlOptions everywhere{};

    /// The channel's, and the others where it has none.
    [[nodiscard]] OptionList options(Channel* channel) const {
        const auto* own = channel ? channel->find_extra<CurlOptions>() : nullptr;
        OptionList list;
        for (const auto& entry : everywhere.all)
            if (!own || !own->has(entry.first)) list.push_back(entry);
        if (own) list.insert(list.end(), own->all.begin(), own->all.end());
        return list;
    }
};

std::string option_of(const OptionList& options, std::string_view key) {
    std::string value;
    for (const auto& [name, text] : options)
        if (name == key) value += (value.empty() ? "" : "\n") + text;
    return value;
}

/// Waits for the answer; nothing if the channel is hung up before.
Task<std::optional<FetchResult>> fetch(Fetcher& fetcher, const FunctionCall& call, FetchRequest request) {
    Mailbox<ChannelSignal> box(*call.pbx.loop);
    std::optional<Observation> observation;
    if (call.channel) observation.emplace(*call.channel, box, false);
    std::optional<FetchResult> result;
    const auto transfer = fetcher.fetch(std::move(request), [&](FetchResult got) {
        result = std::move(got);
        box.send({.channel = {}, .kind = ChannelSignal::Kind::media});
    });
    while (!result) {
        const auto signal = co_await box.next();
        using enum ChannelSignal::Kind;
        if (signal.kind == hangup || signal.kind == interrupted || signal.kind == ended) break;
    }
    co_return result;
}

/// "a=1&b=2" as HASH() takes it: the values joined by commas, the names in ~ODBCFIELDS~.
std::string as_hash(Channel* channel, std::string_view body, bool plus_is_space) {
    std::string names, values;
    bool first = true;
    for (const auto pair : split(body, '&')) {
        const auto equals = pair.find('=');
        std::string value(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
        if (plus_is_space) std::ranges::replace(value, '+', ' ');
        if (!std::exchange(first, false)) {
            names += ',';
            values += ',';
        }
        names += escape_commas(uri_decode(pair.substr(0, equals)));
        values += escape_commas(uri_decode(value));
    }
    if (channel) channel->variables().set(field_names_variable, names);
    return values;
}

FetchRequest request_for(const Curl& curl, const FunctionCall& call, std::string_view url) {
    FetchRequest request{.url = std::string(trim(url)), .post = std::nullopt, .options = curl.options(call.channel)};
    return request;
}

/// Why the answer is none; empty: it is one.
std::string fault_of(const FetchResult& result, const OptionList& options) {
    if (!result.error.empty()) return result.error;
    const auto codes = option_of(options, "failurecodes");
    for (const auto code : split(codes, ','))
        if (trim(code) == std::to_string(result.status)) return "the server answered " + std::to_string(result.status);
    return {};
}

Task<Text> curl_read(std::shared_ptr<Curl> curl, FunctionCall call) {
    auto parts = dialplan::split_raw(call.args, ',', 2);
    auto request = request_for(*curl, call, parts.empty() ? std::string_view{} : parts[0]);
    if (request.url.empty()) co_return failed(call, "needs a URL");
    if (request.url.find_first_of("\r\n") != std::string::npos) co_return failed(call, "the URL has an end of line");
    if (parts.size() > 1) request.post = std::move(parts[1]);
    const auto options = request.options;
    const auto id = call.channel ? call.channel->id() : ChannelId{};
    auto result = co_await fetch(*curl->fetcher, call, std::move(request));
    if (!result) co_return std::nullopt;
    if (const auto fault = fault_of(*result, options); !fault.empty()) co_return failed(call, fault);
    auto& body = result->body;
    if (body.ends_with('\n')) body.pop_back();
    const auto compatible = lower(option_of(options, "hashcompat"));
    if (compatible == "yes" || compatible == "1" || compatible == "true" || compatible == "legacy")
        co_return as_hash(call.pbx.channels->find(id), body, compatible == "legacy");
    co_return std::move(body);
}

Task<bool> curl_write(std::shared_ptr<Curl> curl, FunctionCall call, std::string path) {
    auto request = request_for(*curl, call, call.args);
    if (request.url.empty() || path.empty()) co_return refused(call, "needs a URL and the name of a file");
    request.file = std::move(path);
    const auto options = request.options;
    const auto result = co_await fetch(*curl->fetcher, call, std::move(request));
    if (!result) co_return false;
    const auto fault = fault_of(*result, options);
    co_return fault.empty() || refused(call, fault);
}

Text option_read(const Curl& curl, FunctionCall& call) {
    const auto key = lower(call.args);
    if (std::ranges::find(keys, key) == keys.end()) return failed(call, "an unknown option");
    return option_of(curl.options(call.channel), key);
}

bool option_write(Curl& curl, FunctionCall& call, std::string_view value) {
    const auto key = lower(call.args);
    if (std::ranges::find(keys, key) == keys.end()) return refused(call, "an unknown option");
    if (value.find_first_of("\r\n") != std::string_view::npos) return refused(call, "the value has an end of line");
    auto text = key == "httpauth" || key == "proxytype" || key == "hashcompat" ? lower(value) : std::string(value);
    if (key == "httpauth" && text != "basic" && text != "digest") return refused(call, "only basic and digest");
    (call.channel ? call.channel->extra<CurlOptions>() : curl.everywhere).set(key, text);
    return true;
}

}  // namespace

void add_curl_functions(dialplan::Functions& all, std::shared_ptr<Fetcher> fetcher) {
    const auto curl = std::make_shared<Curl>(Curl{.fetcher = std::move(fetcher)});
    all.add(
        {.name = "CURL",
         .synopsis = "what a web server answers",
         .syntax = "CURL(url[,post-data])",
         .parameters = {{"url", "what is fetched; setting it to the name of a file writes it there"},
                        {"post-data", "sent by POST"}},
         .read_later = [curl](FunctionCall call) { return curl_read(curl, call); },
         .write_later = [curl](FunctionCall call, std::string path) { return curl_write(curl, call, std::move(path)); },
         .module = "func_curl",
         .dangerous_write = true});
    std::string names;
    for (const auto key : keys) names += (names.empty() ? "" : ", ") + std::string(key);
    all.add({.name = "CURLOPT",
             .synopsis = "an option of CURL, for this channel",
             .syntax = "CURLOPT(key)",
             .parameters = {{"key", names}},
             .read = [curl](FunctionCall& call) { return option_read(*curl, call); },
             .write = [curl](FunctionCall& call, std::string_view value) { return option_write(*curl, call, value); },
             .module = "func_curl"});
}

}  // namespace asterism::functions
