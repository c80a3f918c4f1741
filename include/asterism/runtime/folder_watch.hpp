// Tells of files that appear or change in one folder, by inotify.
#pragma once

#include <boost/asio/io_context.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace asterism {

/// Owned by main. `changed` gets a file's name when it has been written and closed, moved in, or its times have
/// changed; an empty name when changes were missed, so that the whole folder has to be looked at.
class FolderWatch {
  public:
    using Changed = std::function<void(const std::string& name)>;
    FolderWatch();
    FolderWatch(const FolderWatch&) = delete;
    FolderWatch& operator=(const FolderWatch&) = delete;
    ~FolderWatch();

    /// The error says what the system answered. Once only.
    [[nodiscard]] std::expected<void, std::string> start(boost::asio::io_context& context, const std::string& folder,
                                                         Changed changed);

  private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the read that is outstanding
};

}  // namespace asterism
