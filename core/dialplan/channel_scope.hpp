// What names mean on a channel: computed ones first, then the channel's variables, then globals.
#pragma once

#include "asterism/dialplan/evaluate.hpp"

namespace asterism::dialplan {

class ChannelScope final : public Scope {
  public:
    ChannelScope(Pbx& pbx, Channel* channel) : pbx_(pbx), channel_(channel) {}
    bool append_variable(std::string_view name, std::string& out) override;
    bool append_function(std::string_view name, std::string_view args, std::string& out) override;

  private:
    Pbx& pbx_;
    Channel* channel_;
};

}  // namespace asterism::dialplan
