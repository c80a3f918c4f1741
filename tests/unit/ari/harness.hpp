// A PBX in virtual time with ARI on it: requests go straight to the table, events to a list.
#pragma once

#include <nlohmann/json.hpp>

#include "asterism/model/operations.hpp"
#include "interfaces/ari/service.hpp"
#include "support/test_pbx.hpp"

namespace asterism::ari::testing {

using Object = nlohmann::ordered_json;

/// Collects what an application is sent.
class Listener final : public EventSocket {
  public:
    bool send(std::shared_ptr<const std::string> event) override {
        texts.push_back(*event);
        return true;
    }
    [[nodiscard]] std::vector<std::string> types() const {
        std::vector<std::string> all;
        for (const auto& text : texts) all.push_back(Object::parse(text)["type"]);
        return all;
    }
    /// The last event of a type; null if there was none.
    [[nodiscard]] Object last(const std::string& type) const {
        for (auto at = texts.rbegin(); at != texts.rend(); ++at) {
            auto parsed = Object::parse(*at);
            if (parsed["type"] == type) return parsed;
        }
        return nullptr;
    }
    [[nodiscard]] std::size_t count(const std::string& type) const {
        std::size_t n = 0;
        for (const auto& one : types()) n += one == type ? 1U : 0U;
        return n;
    }
    std::vector<std::string> texts;
};

struct Harness {
    Harness() {
        pbx.pbx.entity_id = "02:fc:00:00:00:01";
        add_applications();
        service = std::make_unique<Service>(pbx.pbx, router);
        Config config;
        config.users.push_back({.name = "ari", .password = "aripw", .acl = nullptr});
        service->apply(std::move(config));
    }
    ~Harness() { service->applications.detach(app); }
    Harness(const Harness&) = delete;
    Harness& operator=(const Harness&) = delete;

    void listen(const std::string& name = "app", bool all = false) { service->applications.attach(name, all, app); }

    /// `target`: "POST /channels?endpoint=...".
    Reply request(const std::string& target, const std::string& body = {}) {
        using http::Method;
        const auto blank = target.find(' ');
        const std::string verb = target.substr(0, blank);
        const Method method = verb == "GET"    ? Method::get
                              : verb == "POST" ? Method::post
                              : verb == "PUT"  ? Method::put
                                               : Method::del;
        std::string path = target.substr(blank + 1);
        http::Params query;
        if (const auto question = path.find('?'); question != std::string::npos) {
            http::parse_params(std::string_view(path).substr(question + 1), query);
            path.resize(question);
        }
        auto got = std::make_shared<std::optional<Reply>>();
        service->execute(service->config().users.front(), method, path, query, body.empty() ? "" : "application/json",
                         body, [got](Reply&& reply) { *got = std::move(reply); });
        pbx.loop.run();
        Reply none;
        none.status = 0;
        return got->value_or(none);
    }
    int status(const std::string& target, const std::string& body = {}) { return request(target, body).status; }
    Object json(const std::string& target, const std::string& body = {}) {
        return Object::parse(request(target, body).text(), nullptr, false);
    }

    /// The few that the tests' dialplans name.
    void add_applications() {
        using dialplan::AppResult;
        pbx.applications.add(
            {.name = "Answer", .synopsis = "", .syntax = "", .run_now = [](Channel& channel, std::string_view) {
                 answer(channel);
                 return AppResult::go_on();
             }});
        pbx.applications.add(
            {.name = "Set", .synopsis = "", .syntax = "", .run_now = [](Channel& channel, std::string_view data) {
                 const auto equals = data.find('=');
                 channel.set_variable(data.substr(0, equals), data.substr(equals + 1));
                 return AppResult::go_on();
             }});
        pbx.applications.add({.name = "Wait",
                              .synopsis = "",
                              .syntax = "",
                              .run = [](Channel& channel, std::string data) -> Task<AppResult> {
                                  const auto how = co_await wait(channel, std::chrono::seconds(std::stoi(data)));
                                  co_return how.end == End::hangup ? AppResult::hang_up() : AppResult::go_on();
                              }});
    }

    TestPbx pbx;
    http::Router router;
    Listener app;
    std::unique_ptr<Service> service;
};

}  // namespace asterism::ari::testing
