// Which applications a user may have Originate run: what reaches outside the PBX needs the class system.
#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "harness.hpp"

namespace asterism {
namespace {

class AmiOriginatePermission : public ManagerTest {
  public:
    AmiOriginatePermission() {
        on_loop([&] {
            functions::add_functions(pbx);
            applications::add_applications(pbx);
            return configure(std::string(usual_config) +
                             "[caller]\nsecret = pw\nwrite = call,originate\n"
                             "[operator]\nsecret = pw\nwrite = call,originate,system\n");
        });
    }
    /// The message that answers a call to nobody; "Originate failed" when only that is wrong with it.
    static std::string message(Client& user, const std::string& application, const std::string& data) {
        const auto reply = user.ask("Action: Originate\r\nChannel: Nosuch/a\r\nApplication: " + application +
                                    "\r\nData: " + data + "\r\n\r\n");
        constexpr std::string_view before = "Response: Error\r\nMessage: ";
        if (!reply.starts_with(before) || !reply.ends_with("\r\n\r\n")) return reply;
        return reply.substr(before.size(), reply.size() - before.size() - 4);
    }
};

constexpr const char* forbidden = "Originate Access Forbidden: app or data blacklisted";
constexpr const char* allowed = "Originate failed";

TEST_F(AmiOriginatePermission, ApplicationsThatReachOutsideNeedTheClassSystem) {
    auto caller = client();
    caller.login("caller");
    auto with_system = client();
    with_system.login("operator");
    for (const auto& [application, data] : std::initializer_list<std::pair<const char*, const char*>>{
             {"System", "true"},
             {"TrySystem", "true"},
             {"trysystem", "true"},
             {"MixMonitor", "a.wav"},
             {"Exec", "System(true)"},
             {"TryExec", "System(true)"},
             {"ExecIf", "1?System(true)"},
             {"ExecIfTime", "*,*,*,*?System(true)"},
             {"EXECIF", "1?System(true)"},
             {"Originate", "Local/1@x,app,System,true"},
             {"Reload", ""},
             {"DBdeltree", "cat"},
             {"Set", "FILE(/tmp/x)=y"},
             {"Set", "A(FILE(/tmp/x))=y"},
             {"NoOp", "${SHELL(true)}"},
             {"MSet", "A=1,ENV(PATH)=y"},
         }) {
        EXPECT_EQ(message(caller, application, data), forbidden) << application << " " << data;
        EXPECT_EQ(message(with_system, application, data), allowed) << application << " " << data;
    }
}

TEST_F(AmiOriginatePermission, TheRestNeedsOriginateOnly) {
    auto caller = client();
    caller.login("caller");
    for (const auto& [application, data] : std::initializer_list<std::pair<const char*, const char*>>{
             {"Wait", "1"},
             {"Dial", "PJSIP/bob,20,m(default)"},
             {"Playback", "my_FILE"},
             {"NoOp", "(shell) SHELLFISH(true)"},
             {"Set", "CALLERID(name)=Bob"},
             {"NoSuchApplication", ""},
         })
        EXPECT_EQ(message(caller, application, data), allowed) << application << " " << data;
    auto limited = client();
    limited.login("limited");
    EXPECT_EQ(message(limited, "Wait", "1"), "Permission denied");
}

}  // namespace
}  // namespace asterism
