#include "core/channels/media/dial_string.hpp"

#include "asterism/pbx.hpp"

namespace asterism::media_channels {

std::pair<std::string_view, std::string_view> cut(std::string_view text, char at) {
    const auto found = text.find(at);
    if (found == std::string_view::npos) return {text, {}};
    return {text.substr(0, found), text.substr(found + 1)};
}

ChannelSetup setup_for(Pbx& pbx, const ChannelRequest& request) {
    const Channel* requestor = pbx.channels->find(request.requestor);
    ChannelSetup setup;
    setup.uniqueid = request.uniqueid;
    setup.linkedid = !request.linkedid.empty() ? request.linkedid
                     : requestor != nullptr    ? requestor->linkedid()
                                               : std::string();
    if (requestor != nullptr) setup.call = requestor->call();
    if (!request.language.empty())
        setup.language = request.language;
    else if (requestor != nullptr)
        setup.language = requestor->language();
    setup.account_code = request.account_code;
    return setup;
}

media::LegHandler events_to(Pbx& pbx, std::shared_ptr<ChannelId> id) {
    return [&pbx, id = std::move(id)](media::LegId, const media::LegEvent& event) {
        if (Channel* channel = pbx.channels->find(*id)) channel->media_event(event);
    };
}

}  // namespace asterism::media_channels
