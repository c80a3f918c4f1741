// Appends lines to files on the blocking pool, in order and without ever waiting for them.
#pragma once

#include <memory>
#include <string>

namespace asterism {
class Loop;
}

namespace asterism::records {

/// What was given to it is written even if it goes first: the pool ends what it was asked for.
class LineWriter {
  public:
    explicit LineWriter(Loop& loop);
    /// Appends `text` to the file; folders above it are made.
    void append(std::string path, std::string text);

  private:
    struct State;
    Loop& loop_;
    std::shared_ptr<State> state_;
};

}  // namespace asterism::records
