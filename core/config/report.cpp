#include "asterism/config/report.hpp"

#include "asterism/runtime/log.hpp"

namespace asterism::config {

std::string Origin::text() const {
    std::string out(name());
    if (line > 0) {
        if (!out.empty()) out += ':';
        out += std::to_string(line);
    }
    return out;
}

std::string Finding::text() const {
    std::string place = origin.text();
    return place.empty() ? what : place + ": " + what;
}

void Report::error(Origin origin, std::string what) {
    ++errors_;
    findings_.push_back({Finding::Severity::error, std::move(origin), std::move(what)});
}

void Report::warning(Origin origin, std::string what) {
    findings_.push_back({Finding::Severity::warning, std::move(origin), std::move(what)});
}

void Report::append(const Report& other) {
    findings_.insert(findings_.end(), other.findings_.begin(), other.findings_.end());
    errors_ += other.errors_;
}

std::string Report::text() const {
    std::string out;
    for (const auto& finding : findings_) out += finding.text() + '\n';
    return out;
}

void Report::log() const {
    for (const auto& finding : findings_) {
        if (finding.severity == Finding::Severity::error)
            log::error("{}", finding.text());
        else
            log::warning("{}", finding.text());
    }
}

}  // namespace asterism::config
