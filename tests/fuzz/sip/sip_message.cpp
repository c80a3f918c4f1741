// Any bytes as a SIP message, and every header parser on what it holds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "asterism/sip/body.hpp"
#include "asterism/sip/cause.hpp"
#include "asterism/sip/digest.hpp"
#include "asterism/sip/message.hpp"
#include "asterism/sip/sdp.hpp"

using namespace asterism::sip;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto message = Message::parse(bytes);
    if (!message) return 0;
    const Message& m = **message;
    std::size_t sum = m.from_tag().size() + m.to_tag().size() + m.top_via().branch.size() + m.body().size();
    std::string out;
    m.from().print(out, UriContext::from_to);
    m.to().print(out, UriContext::other);
    for (std::size_t i = 0; i < m.lines(); ++i) {
        const Message::Line line = m.line(i);
        sum += header_name(header_id(line.name)).size();
        std::string_view rest = line.value, element;
        std::size_t count = 0;
        while (next_element(rest, element)) {
            if (++count > bytes.size()) std::abort();  // it must come to an end
            if (const auto address = Address::parse(element); address && !address->star) {
                address->print(out, UriContext::contact);
                // What was printed can be read again and names the same.
                std::string uri;
                address->uri.print(uri, UriContext::other);
                const auto again = Uri::parse(uri);
                if (!again || !equivalent(*again, address->uri)) std::abort();
                sum += unescape(address->uri.user).size() + escape_user(address->uri.user).size();
            }
            if (const auto via = Via::parse(element)) sum += via->branch.size();
            if (const auto reason = Reason::parse(element)) sum += reason->text.size();
        }
        (void)CSeq::parse(line.value);
        (void)RAck::parse(line.value);
        (void)Replaces::parse(line.value);
        (void)SessionExpires::parse(line.value);
        (void)TypedValue::parse(line.value);
        (void)delta_seconds(line.value);
        sum += unquote(line.value).size() + quote(line.value).size();
    }
    (void)cause_in(m);
    (void)demands_unknown_body(m);
    if (!m.sdp().empty()) (void)SessionDescription::parse(m.sdp());
    return sum == 0xFFFFFFFF ? 1 : 0;
}
