// Music on hold: the classes of musiconhold.conf and the files in them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/config/file.hpp"
#include "asterism/media/operations.hpp"

namespace asterism {

struct MusicClass {
    std::string name, mode = "files", directory, sort, announcement, digit;
    std::vector<std::string> files;  ///< absolute, with extension, one per prompt, in playing order
};

/// Reads the directories: make it on the blocking pool or at start. Owned by main, replaced whole at reload.
class MusicClasses {
  public:
    MusicClasses() = default;
    /// `data_dir`: what relative directories are relative to (astdatadir).
    MusicClasses(const config::File& file, const std::string& data_dir);
    [[nodiscard]] const std::map<std::string, MusicClass, std::less<>>& all() const { return classes_; }
    /// The class, or "default", or null.
    [[nodiscard]] const MusicClass* find(std::string_view name) const;

  private:
    std::map<std::string, MusicClass, std::less<>> classes_;
};

}  // namespace asterism
