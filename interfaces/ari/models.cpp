// The data types of ARI's answers and events, for /ari/api-docs: names, types, which fields are always there ("!").
#include "models.hpp"

namespace asterism::ari {

const std::vector<Model>& all_models() {
    static const std::vector<Model> all{
        {"applications", "Application",
         "name:string! channel_ids:List[string]! bridge_ids:List[string]! endpoint_ids:List[string]! "
         "device_names:List[string]! events_allowed:List[object]! events_disallowed:List[object]!"},
        {"asterisk", "BuildInfo",
         "os:string! kernel:string! options:string! machine:string! date:string! user:string!"},
        {"asterisk", "SystemInfo", "version:string! entity_id:string!"},
        {"asterisk", "SetId", "user:string! group:string!"},
        {"asterisk", "ConfigInfo",
         "name:string! default_language:string! max_channels:int max_open_files:int max_load:double setid:SetId!"},
        {"asterisk", "StatusInfo", "startup_time:Date! last_reload_time:Date!"},
        {"asterisk", "AsteriskInfo", "build:BuildInfo system:SystemInfo config:ConfigInfo status:StatusInfo"},
        {"asterisk", "AsteriskPing", "asterisk_id:string! ping:string! timestamp:string!"},
        {"asterisk", "Module", "name:string! description:string! use_count:int! status:string! support_level:string!"},
        {"asterisk", "LogChannel", "channel:string! type:string! status:string! configuration:string!"},
        {"asterisk", "Variable", "value:string!"},
        {"asterisk", "Variables", "variables:object!"},
        {"asterisk", "ConfigTuple", "attribute:string! value:string!"},
        {"bridges", "Bridge",
         "id:string! technology:string! bridge_type:string! bridge_class:string! creator:string! name:string! "
         "channels:List[string]! video_mode:string video_source_id:string creationtime:Date! bridgevars:object"},
        {"channels", "Dialed", ""},
        {"channels", "DialplanCEP", "context:string! exten:string! priority:long! app_name:string! app_data:string!"},
        {"channels", "CallerID", "name:string! number:string!"},
        {"channels", "RTPstat",
         "txcount:int! rxcount:int! txjitter:double rxjitter:double remote_maxjitter:double remote_minjitter:double "
         "remote_normdevjitter:double remote_stdevjitter:double local_maxjitter:double local_minjitter:double "
         "local_normdevjitter:double local_stdevjitter:double txploss:int! rxploss:int! remote_maxrxploss:double "
         "remote_minrxploss:double remote_normdevrxploss:double remote_stdevrxploss:double local_maxrxploss:double "
         "local_minrxploss:double local_normdevrxploss:double local_stdevrxploss:double rtt:double maxrtt:double "
         "minrtt:double normdevrtt:double stdevrtt:double local_ssrc:int! remote_ssrc:int! txoctetcount:int! "
         "rxoctetcount:int! channel_uniqueid:string!"},
        {"channels", "Channel",
         "id:string! protocol_id:string! name:string! state:string! caller:CallerID! connected:CallerID! "
         "accountcode:string! dialplan:DialplanCEP! creationtime:Date! language:string! channelvars:object "
         "caller_rdnis:string tenantid:string"},
        {"deviceStates", "DeviceState", "name:string! state:string!"},
        {"endpoints", "Endpoint", "technology:string! resource:string! state:string channel_ids:List[string]!"},
        {"endpoints", "TextMessage", "from:string! to:string! body:string! variables:object"},
        {"events", "Message", "type:string! asterisk_id:string", "MissingParams Event"},
        {"events", "MissingParams", "params:List[string]!"},
        {"events", "Event", "application:string! timestamp:Date!",
         "DeviceStateChanged PlaybackStarted PlaybackContinuing PlaybackFinished RecordingStarted RecordingFinished "
         "RecordingFailed ApplicationMoveFailed ApplicationRegistered ApplicationUnregistered ApplicationReplaced "
         "BridgeCreated BridgeDestroyed BridgeMerged BridgeBlindTransfer BridgeAttendedTransfer "
         "BridgeVideoSourceChanged ChannelCreated ChannelDestroyed ChannelEnteredBridge ChannelLeftBridge "
         "ChannelStateChange ChannelDtmfReceived ChannelDialplan ChannelCallerId ChannelUserevent ChannelHangupRequest "
         "ChannelVarset ChannelToneDetected ChannelTalkingStarted ChannelTalkingFinished ChannelHold ChannelUnhold "
         "ContactStatusChange EndpointStateChange Dial StasisEnd StasisStart TextMessageReceived ChannelConnectedLine "
         "PeerStatusChange ChannelTransfer RESTResponse CallBroadcast CallClaimed"},
        {"events", "ContactInfo", "uri:string! contact_status:string! aor:string! roundtrip_usec:string"},
        {"events", "Peer", "peer_status:string! cause:string address:string port:string time:string"},
        {"events", "DeviceStateChanged", "device_state:DeviceState!"},
        {"events", "PlaybackStarted", "playback:Playback!"},
        {"events", "PlaybackContinuing", "playback:Playback!"},
        {"events", "PlaybackFinished", "playback:Playback!"},
        {"events", "RecordingStarted", "recording:LiveRecording!"},
        {"events", "RecordingFinished", "recording:LiveRecording!"},
        {"events", "RecordingFailed", "recording:LiveRecording!"},
        {"events", "ApplicationMoveFailed", "channel:Channel! destination:string! args:List[string]!"},
        {"events", "ApplicationRegistered", ""},
        {"events", "ApplicationUnregistered", ""},
        {"events", "ApplicationReplaced", ""},
        {"events", "BridgeCreated", "bridge:Bridge!"},
        {"events", "BridgeDestroyed", "bridge:Bridge!"},
        {"events", "BridgeMerged", "bridge:Bridge! bridge_from:Bridge!"},
        {"events", "BridgeVideoSourceChanged", "bridge:Bridge! old_video_source_id:string"},
        {"events", "BridgeBlindTransfer",
         "channel:Channel! replace_channel:Channel transferee:Channel exten:string! context:string! result:string! "
         "is_external:boolean! bridge:Bridge"},
        {"events", "BridgeAttendedTransfer",
         "transferer_first_leg:Channel! transferer_second_leg:Channel! replace_channel:Channel transferee:Channel "
         "transfer_target:Channel result:string! is_external:boolean! transferer_first_leg_bridge:Bridge "
         "transferer_second_leg_bridge:Bridge destination_type:string! destination_bridge:string "
         "destination_application:string destination_link_first_leg:Channel destination_link_second_leg:Channel "
         "destination_threeway_channel:Channel destination_threeway_bridge:Bridge"},
        {"events", "ChannelCreated", "channel:Channel!"},
        {"events", "ChannelDestroyed", "cause:int! cause_txt:string! tech_cause:int channel:Channel!"},
        {"events", "ChannelEnteredBridge", "bridge:Bridge! channel:Channel"},
        {"events", "ChannelLeftBridge", "bridge:Bridge! channel:Channel!"},
        {"events", "ChannelStateChange", "channel:Channel!"},
        {"events", "ChannelDtmfReceived", "digit:string! duration_ms:int! channel:Channel!"},
        {"events", "ChannelDialplan", "channel:Channel! dialplan_app:string! dialplan_app_data:string!"},
        {"events", "ChannelCallerId", "caller_presentation:int! caller_presentation_txt:string! channel:Channel!"},
        {"events", "ChannelUserevent",
         "eventname:string! channel:Channel bridge:Bridge endpoint:Endpoint userevent:object!"},
        {"events", "ChannelHangupRequest", "cause:int tech_cause:int soft:boolean channel:Channel!"},
        {"events", "ChannelVarset", "variable:string! value:string! channel:Channel"},
        {"events", "ChannelHold", "channel:Channel! musicclass:string"},
        {"events", "ChannelUnhold", "channel:Channel!"},
        {"events", "ChannelToneDetected", "channel:Channel!"},
        {"events", "ChannelTalkingStarted", "channel:Channel!"},
        {"events", "ChannelTalkingFinished", "channel:Channel! duration:int!"},
        {"events", "ContactStatusChange", "endpoint:Endpoint! contact_info:ContactInfo!"},
        {"events", "PeerStatusChange", "endpoint:Endpoint! peer:Peer!"},
        {"events", "EndpointStateChange", "endpoint:Endpoint!"},
        {"events", "Dial",
         "caller:Channel peer:Channel! forward:string forwarded:Channel dialstring:string dialstatus:string!"},
        {"events", "StasisEnd", "channel:Channel!"},
        {"events", "StasisStart", "args:List[string]! channel:Channel! replace_channel:Channel"},
        {"events", "TextMessageReceived", "message:TextMessage! endpoint:Endpoint"},
        {"events", "ChannelConnectedLine", "channel:Channel!"},
        {"events", "ChannelTransfer", "state:string refer_to:ReferTo! referred_by:ReferredBy!"},
        {"events", "ReferTo",
         "requested_destination:RequiredDestination! destination_channel:Channel connected_channel:Channel "
         "bridge:Bridge"},
        {"events", "ReferredBy", "source_channel:Channel! connected_channel:Channel bridge:Bridge"},
        {"events", "RequiredDestination",
         "protocol_id:string destination:string additional_protocol_params:List[AdditionalParam]"},
        {"events", "AdditionalParam", "parameter_name:string! parameter_value:string!"},
        {"events", "RESTHeader", "name:string! value:string!"},
        {"events", "RESTQueryStringParameter", "name:string! value:string!"},
        {"events", "RESTRequest",
         "type:string! transaction_id:string! request_id:string! method:string! uri:string! content_type:string "
         "query_strings:List[RESTQueryStringParameter] message_body:string"},
        {"events", "RESTResponse",
         "transaction_id:string! request_id:string! status_code:int! reason_phrase:string! uri:string! "
         "content_type:string message_body:string"},
        {"events", "CallBroadcast", "channel:Channel! caller:string called:string"},
        {"events", "CallClaimed", "channel:Channel! winner_app:string!"},
        {"mailboxes", "Mailbox", "name:string! old_messages:int! new_messages:int!"},
        {"playbacks", "Playback",
         "id:string! media_uri:string! next_media_uri:string target_uri:string! language:string state:string!"},
        {"recordings", "StoredRecording", "name:string! format:string!"},
        {"recordings", "LiveRecording",
         "name:string! format:string! target_uri:string! state:string! duration:int talking_duration:int "
         "silence_duration:int cause:string"},
        {"sounds", "FormatLangPair", "language:string! format:string!"},
        {"sounds", "Sound", "id:string! text:string formats:List[FormatLangPair]!"},
    };
    return all;
}

}  // namespace asterism::ari
