// The table of ARI's operations: what each takes is declared, and parsing, checking and the API's own description
// (/ari/api-docs) follow from the declaration. An operation that is not done yet is a row without a handler, and is
// answered as a resource that does not exist.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/http/message.hpp"

namespace asterism::ari {

class Service;
struct User;
class JsonBody;

enum class In : std::uint8_t { path, query, body };
/// object: any JSON; containers: an object of name and value pairs, or a list of attribute and value objects.
enum class Type : std::uint8_t { text, integer, boolean, containers, object };

struct Parameter {
    std::string_view name;
    In in = In::query;
    Type type = Type::text;
    bool required = false;
    bool multiple = false;
    std::string_view by_default{};
    std::string_view values{};   ///< "a|b|c": those allowed, for the documentation; empty: any
    std::string_view missing{};  ///< what is answered (400) when a required one isn't there; empty: the handler looks
    bool ours = false;           ///< Asterisk has no such parameter: /ari/openapi.json tells of it, /ari/api-docs not
    std::string_view bad{};      ///< what is answered (400) to a value that is not among `values`; empty: it is taken

    /// Required; without a text of its own: "Missing parameter NAME".
    constexpr Parameter must(std::string_view text = "Missing parameter") const {
        Parameter p = *this;
        p.required = true;
        p.missing = text;
        return p;
    }
    /// Required in the documentation; the handler sees to it.
    constexpr Parameter should() const { return must({}); }
    constexpr Parameter many() const {
        Parameter p = *this;
        p.multiple = true;
        return p;
    }
    constexpr Parameter or_else(std::string_view value) const {
        Parameter p = *this;
        p.by_default = value;
        return p;
    }
    constexpr Parameter among(std::string_view list, std::string_view otherwise = {}) const {
        Parameter p = *this;
        p.values = list;
        p.bad = otherwise;
        return p;
    }
    constexpr Parameter beyond() const {
        Parameter p = *this;
        p.ours = true;
        return p;
    }
};
constexpr Parameter path(std::string_view name) { return {name, In::path, Type::text, true}; }
constexpr Parameter query(std::string_view name) { return {name}; }
constexpr Parameter number(std::string_view name) { return {name, In::query, Type::integer}; }
constexpr Parameter flag(std::string_view name) { return {name, In::query, Type::boolean}; }
constexpr Parameter body(std::string_view name) { return {name, In::body, Type::containers}; }
constexpr Parameter body_object(std::string_view name) { return {name, In::body, Type::object}; }

/// What goes back: to HTTP, or into a RESTResponse.
struct Reply {
    int status = 200;
    std::string reason;        ///< empty: the usual one
    std::string headers_name;  ///< one header more (Location), or empty
    std::string headers_value;
    std::string content_type = "application/json";
    std::string body;
    std::shared_ptr<const std::string> shared;  ///< in place of `body`: an answer that is kept

    [[nodiscard]] const std::string& text() const { return shared ? *shared : body; }
    /// {"message": text}
    void error(int code, std::string_view text, std::string_view phrase = {});
    /// {"error":"Allocation failed"}, 500.
    void allocation_failed();
    void no_content() {
        status = 204;
        body.clear();
    }
    void json(std::string text, int code = 200) {
        status = code;
        body = std::move(text);
    }
    void created(std::string text, std::string location) {
        json(std::move(text), 201);
        headers_name = "Location";
        headers_value = std::move(location);
    }
};

struct Operation;

/// One request to one operation, with its parameters read and checked.
class Call {
  public:
    Call(Service& s, const User& u, const Operation& o);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();

    Service& service;
    const User& user;
    const Operation& operation;

    /// A parameter's value, its default, or empty.
    [[nodiscard]] const std::string& text(std::string_view name) const;
    /// Whether the client gave it.
    [[nodiscard]] bool given(std::string_view name) const;
    [[nodiscard]] std::int64_t integer(std::string_view name) const;
    [[nodiscard]] bool boolean(std::string_view name) const;
    /// All values of a multiple parameter.
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
    /// A variable of a containers parameter; numbers and booleans as text.
    struct Named {
        std::string name, value;
        bool report = false;  ///< report_events: the value goes into the channel's events from now on
    };
    /// The variables of a containers parameter. Nothing: it was something else.
    [[nodiscard]] std::optional<std::vector<Named>> named(std::string_view name) const;
    /// The parsed body; null without one. Include json_body.hpp to use it.
    [[nodiscard]] const JsonBody* json() const { return json_.get(); }

    /// For an operation that answers later: takes the way back; the handler's Reply is not sent. Once.
    [[nodiscard]] std::function<void(Reply&&)> later();
    [[nodiscard]] bool deferred() const { return deferred_; }
    void set_done(std::function<void(Reply&&)>* done) { done_ = done; }

    /// Fills the parameters in from path, query, form and JSON, in this order; later ones win. False: `reply` says why.
    bool read(const std::vector<std::pair<std::string, std::string>>& path_values, const http::Params& query_values,
              std::string_view content_type, std::string_view body, Reply& reply);

  private:
    struct Value {
        const Parameter* parameter;
        std::vector<std::string> texts;
        bool defaulted = false;
    };
    [[nodiscard]] const Value* find(std::string_view name) const;
    Value& slot(const Parameter& parameter);
    bool read_json(std::string_view body, Reply& reply);

    std::vector<Value> values_;
    std::unique_ptr<JsonBody> json_;
    std::function<void(Reply&&)>* done_ = nullptr;
    bool deferred_ = false;
};

struct Operation {
    http::Method method;
    std::string_view path;  ///< "/channels/{channelId}/play"
    std::string_view nickname;
    std::string_view summary;
    std::string_view response;  ///< model's name, "List[Channel]", "void", "binary"
    std::vector<Parameter> parameters;
    std::vector<int> errors;
    void (*handler)(Call&, Reply&) = nullptr;
    std::string_view websocket_protocol = {};  ///< not empty: GET upgrades to a WebSocket
};

/// The rows of one resource, in the order of /ari/api-docs.
struct Resource {
    std::string_view name;  ///< "channels"
    std::string_view description;
    std::vector<Operation> operations;
};

[[nodiscard]] Resource application_operations();
[[nodiscard]] Resource asterisk_operations();
[[nodiscard]] Resource bridge_operations();
[[nodiscard]] Resource channel_operations();
[[nodiscard]] Resource device_state_operations();
[[nodiscard]] Resource endpoint_operations();
[[nodiscard]] Resource event_operations();
[[nodiscard]] Resource mailbox_operations();
[[nodiscard]] Resource playback_operations();
[[nodiscard]] Resource recording_operations();
[[nodiscard]] Resource sound_operations();
/// All, in the order in which resources.json lists them.
[[nodiscard]] const std::vector<Resource>& all_resources();

/// Finds the operation for a method and path.
class Table {
  public:
    explicit Table(const std::vector<Resource>& resources);
    ~Table();
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    struct Match {
        bool known = false;  ///< there is a resource of that path
        const Operation* operation = nullptr;
        std::vector<std::pair<std::string, std::string>> values;  ///< of the path's parameters, decoded
        std::string allow;                                        ///< "OPTIONS,GET,POST"
    };
    /// `path` behind "/ari", percent-encoded: "/channels/1.2". An empty segment ends it.
    [[nodiscard]] Match find(http::Method method, std::string_view path) const;

  private:
    struct Node;
    std::unique_ptr<Node> root_;
};

}  // namespace asterism::ari
