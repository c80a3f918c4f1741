// What reading or validating configuration found: errors and warnings, each with the place it stands at.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::config {

/// A line of a file. Copies share the file's name.
struct Origin {
    std::shared_ptr<const std::string> file;
    int line = 0;

    [[nodiscard]] std::string_view name() const { return file ? std::string_view(*file) : std::string_view(); }
    /// "pjsip.conf:41", or just the name if there is no line.
    [[nodiscard]] std::string text() const;
};

struct Finding {
    enum class Severity { warning, error };
    Severity severity = Severity::error;
    Origin origin;
    std::string what;

    /// "pjsip.conf:41: what"
    [[nodiscard]] std::string text() const;
};

/// Collects findings while a file is read, so that one pass names everything that is wrong with it.
class Report {
  public:
    void error(Origin origin, std::string what);
    void warning(Origin origin, std::string what);
    void append(const Report& other);

    [[nodiscard]] bool ok() const { return errors_ == 0; }
    [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
    /// All lines, each with an end of line.
    [[nodiscard]] std::string text() const;
    /// Writes every finding to the log, errors as errors and warnings as warnings.
    void log() const;

  private:
    std::vector<Finding> findings_;
    std::size_t errors_ = 0;
};

}  // namespace asterism::config
