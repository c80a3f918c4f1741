// A configuration file in Asterisk's format, read with its line numbers kept: ordered sections of ordered variables.
//
//   config::DiskSource disk;
//   config::Report report;
//   auto file = config::read(disk, "pjsip.conf", {.directory = settings.etc_dir}, report);
//   if (!file) ...                       // report says why
//   for (const auto& section : file->sections()) ...
//
// Reading touches the disk only through a FileSource, so it belongs on the blocking pool or at start; everything else
// here is pure.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/config/report.hpp"

namespace asterism::config {

struct Variable {
    std::string name;
    std::string value;
    Origin origin;
    bool object = false;  ///< written with `=>`

    /// Asterisk compares option names without regard to case.
    [[nodiscard]] bool is(std::string_view other) const;
};

/// One `[name](options)` heading and what stands under it, inherited variables first.
struct Section {
    std::string name{};
    Origin origin{};
    bool is_template = false;             ///< `(!)`: only there to be inherited from
    std::vector<std::string> inherits{};  ///< names in the heading's parentheses
    std::vector<Variable> variables{};

    /// The value that stands last (or first) under this name; null if there is none.
    [[nodiscard]] const std::string* last(std::string_view name) const;
    [[nodiscard]] const std::string* first(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
};

/// Sections in the order they were written. A name that is written twice gives two sections, as in Asterisk, unless
/// the later one says `(+)`.
class File {
  public:
    /// Without templates, unless ReadOptions::templates_too.
    [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }
    [[nodiscard]] std::vector<Section>& sections() { return sections_; }
    /// The first section of this name: exactly, else without regard to case.
    [[nodiscard]] const Section* find(std::string_view name) const;
    /// `find(section)->last(name)`, or null.
    [[nodiscard]] const std::string* value(std::string_view section, std::string_view name) const;
    /// Every file that was read, the first one first, for `config list` and for noticing that nothing changed.
    [[nodiscard]] const std::vector<std::string>& files() const { return files_; }

    void add(Section section) { sections_.push_back(std::move(section)); }
    void add_file(std::string path) { files_.push_back(std::move(path)); }

  private:
    std::vector<Section> sections_;
    std::vector<std::string> files_;
};

/// Where the reader gets its bytes. Tests and fuzzers give it a map.
class FileSource {
  public:
    virtual ~FileSource() = default;
    /// The whole file, or why not ("No such file or directory"). `limit` in bytes.
    virtual std::expected<std::string, std::string> load(const std::string& path, std::size_t limit) = 0;
    /// Paths that match a shell pattern (with * ? [ or without), in sorted order; empty if none.
    virtual std::vector<std::string> glob(const std::string& pattern) = 0;
    /// Standard output of a command (`#exec`), or why not.
    virtual std::expected<std::string, std::string> run(const std::string& command, std::size_t limit) = 0;
};

/// The real disk.
class DiskSource final : public FileSource {
  public:
    std::expected<std::string, std::string> load(const std::string& path, std::size_t limit) override;
    std::vector<std::string> glob(const std::string& pattern) override;
    std::expected<std::string, std::string> run(const std::string& command, std::size_t limit) override;
};

struct ReadOptions {
    std::string directory{};     ///< astetcdir: relative names are looked for here
    bool exec_includes = false;  ///< asterisk.conf's execincludes
    bool templates_too = false;  ///< keep `(!)` sections in the result
    std::size_t max_depth = 16;  ///< of includes
    std::size_t max_file_bytes = 16u << 20;
    std::size_t max_line_bytes = 8192;  ///< as in Asterisk; a longer line is an error
    std::size_t max_variables = 2'000'000;
};

/// Reads `name` and what it includes. Null if the file itself cannot be read or any line is in error: `report` says
/// where and why. Warnings leave a result.
[[nodiscard]] std::optional<File> read(FileSource& source, const std::string& name, const ReadOptions& options,
                                       Report& report);

}  // namespace asterism::config
