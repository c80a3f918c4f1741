// Tells an answering machine from a person by how long the first words are.
#pragma once

#include <string>

#include "media/listener.hpp"

namespace asterism::media {

/// A person says a word or two and waits; a machine begins late, or talks on. Decides once.
class MachineWatcher final : public Watcher {
  public:
    explicit MachineWatcher(const MachineWatch& watch) : watch_(watch) {}
    void hear(std::span<const std::int16_t> samples, Tell& tell) override;

  private:
    void quiet(Tell& tell);
    void sound(Tell& tell);
    void decide(Tell& tell, const char* status, std::string cause);

    MachineWatch watch_;
    Millis total_{0}, silence_{0}, word_{0}, voice_{0};
    int words_ = 0;
    bool initial_ = true, greeting_ = false, in_word_ = false, decided_ = false;
};

}  // namespace asterism::media
