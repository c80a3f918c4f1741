#include "asterism/sip/sdp.hpp"

#include "asterism/sip/text.hpp"

namespace asterism::sip {

std::string_view name(Direction direction) {
    switch (direction) {
        case Direction::sendrecv: return "sendrecv";
        case Direction::sendonly: return "sendonly";
        case Direction::recvonly: return "recvonly";
        case Direction::inactive: return "inactive";
    }
    return {};
}

Direction reverse(Direction direction) {
    if (direction == Direction::sendonly) return Direction::recvonly;
    if (direction == Direction::recvonly) return Direction::sendonly;
    return direction;
}

Direction intersect(Direction a, Direction b) {
    const auto sends = [](Direction d) { return d == Direction::sendrecv || d == Direction::sendonly; };
    const auto receives = [](Direction d) { return d == Direction::sendrecv || d == Direction::recvonly; };
    const bool send = sends(a) && sends(b);
    const bool receive = receives(a) && receives(b);
    if (send) return receive ? Direction::sendrecv : Direction::sendonly;
    return receive ? Direction::recvonly : Direction::inactive;
}

bool SdpFormat::is(std::string_view encoding_name, std::uint32_t rate) const {
    return clock_rate == rate && iequals(encoding, encoding_name);
}

const SdpFormat* SdpMedia::format(std::uint8_t payload) const {
    for (const SdpFormat& f : formats)
        if (f.payload == payload) return &f;
    return nullptr;
}

const SdpFormat* SdpMedia::find(std::string_view encoding, std::uint32_t clock_rate) const {
    for (const SdpFormat& f : formats)
        if (f.is(encoding, clock_rate)) return &f;
    return nullptr;
}

std::optional<std::string_view> SdpMedia::attribute(std::string_view wanted) const {
    for (const SdpAttribute& a : attributes)
        if (iequals(a.name, wanted)) return a.value;
    return std::nullopt;
}

const SdpMedia* SessionDescription::find(std::string_view kind) const {
    for (const SdpMedia& m : media)
        if (m.kind == kind) return &m;
    return nullptr;
}

const SdpConnection* SessionDescription::connection_of(const SdpMedia& m) const {
    if (m.connection) return &*m.connection;
    return connection ? &*connection : nullptr;
}

Direction SessionDescription::direction_of(const SdpMedia& m) const {
    const Direction said = m.direction.value_or(direction.value_or(Direction::sendrecv));
    const SdpConnection* const where = connection_of(m);
    if (where != nullptr && where->null()) return intersect(said, Direction::sendonly);
    return said;
}

namespace {

class Writer {
  public:
    explicit Writer(std::string& out) : out_(out) {}
    Writer& operator<<(std::string_view text) {
        for (char c : text) out_ += c == '\r' || c == '\n' ? ' ' : c;
        return *this;
    }
    Writer& operator<<(std::uint64_t value) {
        out_ += std::to_string(value);
        return *this;
    }
    void end() { out_ += "\r\n"; }

  private:
    std::string& out_;
};

void write_connection(Writer& w, const SdpConnection& c) { w << (c.v6 ? "IN IP6 " : "IN IP4 ") << c.address; }

void write_attribute(Writer& w, const SdpAttribute& a) {
    w << "a=" << a.name;
    if (!a.value.empty()) w << ":" << a.value;
    w.end();
}

void write_media(Writer& w, const SdpMedia& m) {
    w << "m=" << m.kind << " " << std::uint64_t{m.port};
    if (m.ports > 1) w << "/" << std::uint64_t{m.ports};
    w << " " << m.protocol;
    for (const SdpFormat& f : m.formats) w << " " << std::uint64_t{f.payload};
    for (const std::string& f : m.other_formats) w << " " << f;
    w.end();
    if (m.connection) {
        w << "c=";
        write_connection(w, *m.connection);
        w.end();
    }
    if (m.bandwidth_as != 0) {
        w << "b=AS:" << std::uint64_t{m.bandwidth_as};
        w.end();
    }
    if (m.port == 0) return;  // refused: nothing more to say
    for (const SdpFormat& f : m.formats) {
        if (!f.encoding.empty()) {
            w << "a=rtpmap:" << std::uint64_t{f.payload} << " " << f.encoding << "/" << std::uint64_t{f.clock_rate};
            if (f.channels > 1) w << "/" << std::uint64_t{f.channels};
            w.end();
        }
        if (!f.fmtp.empty()) {
            w << "a=fmtp:" << std::uint64_t{f.payload} << " " << f.fmtp;
            w.end();
        }
    }
    if (m.ptime != 0) {
        w << "a=ptime:" << std::uint64_t{m.ptime};
        w.end();
    }
    if (m.maxptime != 0) {
        w << "a=maxptime:" << std::uint64_t{m.maxptime};
        w.end();
    }
    if (m.direction) {
        w << "a=" << name(*m.direction);
        w.end();
    }
    if (m.rtcp_port) {
        w << "a=rtcp:" << std::uint64_t{*m.rtcp_port};
        w.end();
    }
    if (m.rtcp_mux) {
        w << "a=rtcp-mux";
        w.end();
    }
    for (const SdpAttribute& a : m.attributes) write_attribute(w, a);
}

}  // namespace

std::string SessionDescription::text() const {
    std::string out;
    out.reserve(300);
    Writer w(out);
    w << "v=0";
    w.end();
    w << "o=" << user << " " << session_id << " " << session_version << " ";
    write_connection(w, origin);
    w.end();
    w << "s=" << (name.empty() ? std::string_view("-") : std::string_view(name));
    w.end();
    if (connection) {
        w << "c=";
        write_connection(w, *connection);
        w.end();
    }
    w << "t=0 0";
    w.end();
    if (direction) {
        w << "a=" << sip::name(*direction);
        w.end();
    }
    for (const SdpAttribute& a : attributes) write_attribute(w, a);
    for (const SdpMedia& m : media) write_media(w, m);
    return out;
}

}  // namespace asterism::sip
