// The wire to one script: a FastAGI connection, a child process, or AMI (AsyncAGI).
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asterism/runtime/task.hpp"
#include "interfaces/agi/url.hpp"

namespace asterism::agi {

/// Owned by the session, closed by its end. Control loop only; nothing here blocks.
class Link {
  public:
    Link() = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    virtual ~Link() = default;

    /// From now on `wake` is called when bytes have arrived or the script has gone; never from within a method.
    virtual void attach(std::move_only_function<void()> wake) = 0;
    /// Appends what has arrived; false if nothing has. A link takes in a bounded amount until this is called.
    virtual bool take(std::string& into) = 0;
    /// The script has gone. What it sent before can still be taken.
    [[nodiscard]] virtual bool closed() const = 0;

    /// The environment: the lines before the empty one, which is part of `block`.
    virtual void start(std::string_view block) { write(block); }
    /// One reply with its line end: one write to the wire.
    virtual void write(std::string_view bytes) = 0;
    /// Audio for descriptor 3 of a local script that was spawned with it, at most PIPE_BUF bytes: written whole at
    /// once, or dropped when the script has not read what is there.
    virtual void write_audio(std::string_view) {}
    /// The channel has hung up. False: there is nobody to tell, the session ends.
    virtual bool hung_up() = 0;
    /// Whether ASYNCAGI BREAK ends the session: only of a link that nobody can close.
    [[nodiscard]] virtual bool ends_on_break() const { return false; }
    /// Whether exit_status() is known: a local script may close its output and go on.
    [[nodiscard]] virtual bool finished() const { return true; }
    /// What a local script ended with; 0 for the others.
    [[nodiscard]] virtual int exit_status() const { return 0; }
};

/// Why there is no link.
struct LinkError {
    bool not_found = false;  ///< AGISTATUS NOTFOUND instead of FAILURE
    std::string text;
};
using LinkResult = std::expected<std::unique_ptr<Link>, LinkError>;

/// Environment of a local script, beside the daemon's own: AST_CONFIG_DIR=...
using ProcessEnvironment = std::vector<std::pair<std::string, std::string>>;

/// Makes links. The daemon's are Asio's; a test brings its own.
class Linker {
  public:
    virtual ~Linker() = default;
    /// Looks the host up off the loop and connects to one address after the other.
    virtual Task<LinkResult> connect(Target target) = 0;
    /// Starts `path` (absolute, or a name in PATH) off the loop; `audio`: with a pipe for write_audio().
    virtual Task<LinkResult> spawn(std::string path, std::vector<std::string> arguments, ProcessEnvironment environment,
                                   bool audio) = 0;
};

}  // namespace asterism::agi
