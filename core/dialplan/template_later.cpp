// Substitution that may have to wait for a function (CURL, ODBC). Walks the same parts as Template::substitute.
#include <algorithm>

#include "asterism/dialplan/evaluate_later.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/dialplan/template.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "core/dialplan/channel_scope.hpp"

namespace asterism::dialplan {

bool Template::may_wait(const Functions& functions) const {
    if (waits_ < 0) waits_ = calls_waiting(functions) ? 1 : 0;
    return waits_ > 0;
}

bool Template::calls_waiting(const Functions& functions) const {
    for (const auto& part : parts_) {
        if (part.kind == Part::Kind::function) {
            const Function* function = functions.find(part.text);
            if (function && function->read_later) return true;
        }
        if (part.kind == Part::Kind::dynamic && !part.inside.parts_.empty()) {
            const Part& first = part.inside.parts_.front();
            // ${${name}(args)}: which function it is, is not known yet.
            if (first.kind != Part::Kind::literal) {
                if (std::ranges::any_of(part.inside.parts_, [](const Part& other) {
                        return other.kind == Part::Kind::literal && other.text.contains('(');
                    }))
                    return true;
            } else if (const std::size_t open = first.text.find('('); open != std::string::npos) {
                const Function* function = functions.find(std::string_view(first.text).substr(0, open));
                if (function && function->read_later) return true;
            }
        }
        if (part.inside.may_wait(functions)) return true;
    }
    return false;
}

Task<std::string> Template::substitute_later(Pbx& pbx, Channel& channel) const {
    std::string out;
    co_await replace_later(pbx, channel, out);
    co_return out;
}

Task<void> Template::replace_later(Pbx& pbx, Channel& channel, std::string& out) const {
    ChannelScope scope(pbx, &channel);
    if (plain()) out += text_;
    for (const auto& part : parts_) {
        if (out.size() >= max_value) co_return;
        std::string inside;
        Reference reference;
        switch (part.kind) {
            case Part::Kind::literal: out += part.text; continue;
            case Part::Kind::variable:
            case Part::Kind::function:
                reference = {.name = part.text,
                             .args = part.args,
                             .function = part.kind == Part::Kind::function,
                             .sliced = part.sliced,
                             .offset = part.offset,
                             .length = part.length};
                break;
            case Part::Kind::dynamic:
                co_await part.inside.replace_later(pbx, channel, inside);
                reference = parse_reference(inside);
                break;
            case Part::Kind::expression:
                co_await part.inside.replace_later(pbx, channel, inside);
                append_expression(inside, out);
                continue;
        }
        const Function* function = reference.function ? pbx.functions->find(reference.name) : nullptr;
        if (!function || !function->read_later) {
            append_reference(reference, scope, out);
            continue;
        }
        const auto value = co_await function->read_later(
            {.pbx = pbx, .channel = &channel, .name = reference.name, .args = reference.args});
        if (value)
            out += reference.sliced ? slice(*value, reference.offset, reference.length) : std::string_view(*value);
    }
}

Task<std::string> substitute_later(Pbx& pbx, Channel* channel, std::string text) {
    const Template compiled(text);
    if (!compiled.fault().empty()) log::warning("{} in '{}'", compiled.fault(), text);
    if (!channel || !pbx.functions || !compiled.may_wait(*pbx.functions)) co_return substitute(pbx, channel, text);
    co_return co_await compiled.substitute_later(pbx, *channel);
}

bool read_waits(const Pbx& pbx, std::string_view name) {
    if (!pbx.functions || !name.contains('(')) return false;
    const auto reference = Template::parse_reference(name);
    const Function* function = reference.function ? pbx.functions->find(reference.name) : nullptr;
    return function && function->read_later;
}

Task<std::optional<std::string>> get_variable_later(Pbx& pbx, Channel* channel, std::string name) {
    if (!read_waits(pbx, name)) co_return get_variable(pbx, channel, name);
    const auto reference = Template::parse_reference(name);
    auto value = co_await pbx.functions->find(reference.name)
                     ->read_later({.pbx = pbx, .channel = channel, .name = reference.name, .args = reference.args});
    if (value && reference.sliced) value = std::string(Template::slice(*value, reference.offset, reference.length));
    co_return value;
}

bool write_waits(const Pbx& pbx, std::string_view name) {
    if (!pbx.functions || !name.contains('(')) return false;
    const auto call = parse_function_name(name);
    const Function* function = call ? pbx.functions->find(call->name) : nullptr;
    return function && function->write_later;
}

Task<bool> set_variable_later(Pbx& pbx, Channel* channel, std::string name, std::string value) {
    if (!write_waits(pbx, name)) co_return set_variable(pbx, channel, name, value);
    const auto call = *parse_function_name(name);
    const Function* function = pbx.functions->find(call.name);
    co_return co_await function->write_later({.pbx = pbx, .channel = channel, .name = call.name, .args = call.args},
                                             std::move(value));
}

}  // namespace asterism::dialplan
