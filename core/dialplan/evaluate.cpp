#include "asterism/dialplan/evaluate.hpp"

#include "asterism/dialplan/function.hpp"
#include "asterism/dialplan/template.hpp"
#include "asterism/events/events.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "core/dialplan/channel_scope.hpp"

namespace asterism::dialplan {

std::string substitute(Scope& scope, std::string_view text) {
    std::string out;
    const Template compiled(text);
    if (!compiled.fault().empty()) log::warning("{} in '{}'", compiled.fault(), text);
    compiled.substitute(scope, out);
    return out;
}

std::string substitute(Pbx& pbx, Channel* channel, std::string_view text) {
    ChannelScope scope(pbx, channel);
    return substitute(scope, text);
}

std::optional<FunctionName> parse_function_name(std::string_view text) {
    const std::size_t open = text.find('(');
    if (open == std::string_view::npos || open == 0 || !text.ends_with(')')) return std::nullopt;
    return FunctionName{text.substr(0, open), text.substr(open + 1, text.size() - open - 2)};
}

std::optional<std::string> get_variable(Pbx& pbx, Channel* channel, std::string_view name) {
    ChannelScope scope(pbx, channel);
    const auto reference = Template::parse_reference(name);
    std::string out;
    const bool found = reference.function ? scope.append_function(reference.name, reference.args, out)
                                          : scope.append_variable(reference.name, out);
    if (!found) return std::nullopt;
    if (!reference.sliced) return out;
    return std::string(Template::slice(out, reference.offset, reference.length));
}

bool set_variable(Pbx& pbx, Channel* channel, std::string_view name, std::string_view value) {
    if (auto call = parse_function_name(name)) {
        const Function* function = pbx.functions ? pbx.functions->find(call->name) : nullptr;
        if (!function || !function->write) {
            log::error("Function {} {}", call->name,
                       !function               ? "not registered"
                       : function->write_later ? "cannot be written to here: it has to wait"
                                               : "cannot be written to");
            return false;
        }
        FunctionCall at{.pbx = pbx, .channel = channel, .name = call->name, .args = call->args};
        return function->write(at, value);
    }
    if (channel)
        channel->set_variable(name, value.substr(0, max_value));
    else
        set_global(pbx, name, value);
    return true;
}

void set_global(Pbx& pbx, std::string_view name, std::string_view value) {
    if (!pbx.globals) return;
    name = Variables::bare(name);
    pbx.globals->set(name, value.substr(0, max_value));
    if (!pbx.bus || !pbx.bus->wanted(EventKind::channel_variable)) return;
    ChannelVariable event;
    event.name = name;
    event.value = value;
    pbx.bus->publish(std::move(event));
}

}  // namespace asterism::dialplan
