#include "asterism/records/cdr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace asterism::records {

using std::chrono::duration_cast;
using std::chrono::microseconds;

namespace {

std::string epoch_text(WallTime time) {
    const auto us = duration_cast<microseconds>(time.time_since_epoch()).count();
    return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

std::string length_text(microseconds length, bool fractions) {
    if (fractions) return fmt::format("{:.6f}", static_cast<double>(length.count()) / 1e6);
    return std::to_string(duration_cast<std::chrono::seconds>(length).count());
}

const std::string* find(const std::vector<std::pair<std::string, std::string>>& all, std::string_view name) {
    const auto found = std::ranges::find(all, name, &std::pair<std::string, std::string>::first);
    return found == all.end() ? nullptr : &found->second;
}

}  // namespace

std::string_view to_string(Disposition disposition) {
    switch (disposition) {
        case Disposition::failed: return "FAILED";
        case Disposition::busy: return "BUSY";
        case Disposition::answered: return "ANSWERED";
        case Disposition::congestion: return "CONGESTION";
        default: return "NO ANSWER";
    }
}

std::string_view ama_text(int flags) {
    switch (flags) {
        case 1: return "OMIT";
        case 2: return "BILLING";
        case 3: return "DOCUMENTATION";
        default: return "Unknown";
    }
}

std::string Cdr::time_text(WallTime time, bool utc) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
    std::tm t{};
    if (utc)
        gmtime_r(&seconds, &t);
    else
        localtime_r(&seconds, &t);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                       t.tm_min, t.tm_sec);
}

microseconds Cdr::duration(WallTime now) const {
    return std::max(microseconds(0), duration_cast<microseconds>(end.value_or(now) - start));
}

microseconds Cdr::billed(WallTime now) const {
    if (!answer || (end && disposition != Disposition::answered)) return {};
    const auto length = std::max(microseconds(0), duration_cast<microseconds>(end.value_or(now) - *answer));
    return rounds_up ? std::chrono::ceil<std::chrono::seconds>(length) : length;
}

std::string Cdr::caller_id() const { return fmt::format("\"{}\" <{}>", party_a->caller_name, party_a->caller_number); }

std::string Cdr::user_field() const {
    if (user_field_a.empty() || user_field_b.empty()) return user_field_a + user_field_b;
    return user_field_a + ";" + user_field_b;
}

std::optional<std::string> Cdr::field(std::string_view name, WallTime now, bool raw, bool fractions) const {
    const auto time = [raw](const std::optional<WallTime>& t) {
        if (!t) return raw ? std::string("0.000000") : std::string();
        return raw ? epoch_text(*t) : time_text(*t);
    };
    if (name == "clid") return caller_id();
    if (name == "src") return party_a->caller_number;
    if (name == "dst") return exten;
    if (name == "dcontext") return context;
    if (name == "channel") return party_a->name;
    if (name == "dstchannel") return party_b ? party_b->name : std::string();
    if (name == "lastapp") return application;
    if (name == "lastdata") return application_data;
    if (name == "start") return time(start);
    if (name == "answer") return time(answer);
    if (name == "end") return time(end);
    if (name == "duration") return length_text(duration(now), fractions);
    if (name == "billsec") return length_text(billed(now), fractions);
    if (name == "disposition") {
        const Disposition shown = disposition == Disposition::none && answer ? Disposition::answered : disposition;
        return raw ? std::to_string(static_cast<int>(shown)) : std::string(to_string(shown));
    }
    if (name == "amaflags") return raw ? std::to_string(party_a->ama_flags) : std::string(ama_text(party_a->ama_flags));
    if (name == "accountcode") return party_a->account_code;
    if (name == "peeraccount") return party_b ? party_b->account_code : std::string();
    if (name == "uniqueid") return party_a->uniqueid;
    if (name == "linkedid") return party_a->linkedid;
    if (name == "userfield") return user_field();
    if (name == "sequence") return std::to_string(sequence);
    if (const std::string* value = find(variables_a, name)) return *value;
    if (const std::string* value = find(variables_b, name)) return *value;
    return std::nullopt;
}

}  // namespace asterism::records
