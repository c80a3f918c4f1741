// Substitution that may have to wait for a function (CURL, ODBC). Walks the same parts as Template::substitute.
#include "asterism/dialplan/function.hpp"
#include "asterism/dialplan/template.hpp"
#include "asterism/pbx.hpp"
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
            const std::size_t open = first.kind == Part::Kind::literal ? first.text.find('(') : std::string::npos;
            if (open != std::string::npos) {
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

}  // namespace asterism::dialplan
