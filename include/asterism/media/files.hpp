// Which file a prompt's name means, by Asterisk's rules for sounds, languages and formats.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/media/codec.hpp"

namespace asterism {
class Loop;
}

namespace asterism::media {

/// A file extension that can be played, and perhaps recorded. Case counts: "WAV" is GSM in RIFF, "wav" is PCM.
struct FileFormat {
    std::string_view extension;  ///< "wav", "sln16"
    CodecId codec;               ///< of the samples in it (wav: of what it most often holds)
    bool writes;
    std::string_view name;  ///< the format's, as `core show file formats` says: "wav49", "pcm"
};
/// One row for each extension.
[[nodiscard]] std::span<const FileFormat> all_file_formats();
/// By extension or format name; without case if nothing matches with it.
[[nodiscard]] const FileFormat* file_format(std::string_view name);

/// Where sounds lie.
struct SoundDirs {
    std::vector<std::string> dirs{};  ///< searched in order: <astdatadir>/sounds, <astspooldir>...
    std::string fallback_language = "en";
    std::string cwd{};  ///< also searched for relative names; empty: not
    /// Names that are taken to be there even if no file is ("*": all of them), for PBXs that play to nobody: they mean
    /// NAME.sln below `assumed_dir`.
    std::vector<std::string> assumed{};
    std::string assumed_dir{};
};

/// The absolute path, with extension, that `name` means: an absolute name as it is; else, for "en_GB":
/// sounds/en_GB/NAME, sounds/en/NAME, sounds/<fallback>/NAME, sounds/NAME. For "digits/1" also digits/LANG/1 as
/// Asterisk's old layout has it. A name with a known extension means that file if it exists. Among several extensions
/// the one that costs least to become `wanted` (the codec to be sent) is taken. Nothing if there is none, or for a name
/// over 4096 bytes or one that holds NUL.
///
/// Looks into directories: call it on the blocking pool, or through PromptFinder.
[[nodiscard]] std::optional<std::string> resolve_prompt(std::string_view name, std::string_view language,
                                                        const SoundDirs& where, CodecId wanted = CodecId::slin);

/// resolve_prompt on the blocking pool, with a bounded cache of answers that are believed for a few seconds. One for
/// the PBX, owned by main or by the model. Control loop only.
class PromptFinder {
  public:
    using Found = std::move_only_function<void(std::optional<std::string>)>;

    PromptFinder(Loop& loop, SoundDirs where);
    ~PromptFinder();
    PromptFinder(const PromptFinder&) = delete;
    PromptFinder& operator=(const PromptFinder&) = delete;

    /// Calls `found` later on the loop (soon, when the answer is known), unless the finder has been destroyed.
    void find(std::string_view name, std::string_view language, CodecId wanted, Found found);
    /// Forgets all answers (`core reload`, a recording was made or deleted).
    void forget();
    void set_dirs(SoundDirs where);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace asterism::media
