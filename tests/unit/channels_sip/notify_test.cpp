// NOTIFYs that somebody asks for: AMI, the dialplan, the console.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "asterism/cli/registry.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/model/operations.hpp"
#include "core/channels/sip/functions.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

TEST(PjsipNotify, WithinACallThatRings) {
    SipWorld w;
    Channel& channel = dial(w, "sipp");
    const Fields fields{{"Event", "talk"}, {"Content-type", "text/x"}, {"Content", "a: 1"}, {"Content", ""}};
    EXPECT_FALSE(w.tech->notify_channel(channel.name(), fields));
    channel.driver().call();
    w.loop.run();
    const auto invite = w.next();
    EXPECT_FALSE(w.tech->notify_channel(channel.name(), fields));  // no dialog yet
    w.receive(reply(*invite, 180, "Ringing", "uas1", {"Contact: <sip:sipp@127.0.0.1:5099>"}));
    EXPECT_TRUE(w.tech->notify_channel(channel.name(), fields));
    w.loop.run();
    const auto notify = w.next();
    ASSERT_TRUE(notify);
    EXPECT_EQ(notify->method(), sip::Method::notify);
    EXPECT_EQ(notify->request_uri(), "sip:sipp@127.0.0.1:5099");
    EXPECT_EQ(notify->call_id(), invite->call_id());
    EXPECT_EQ(notify->to_tag(), "uas1");
    EXPECT_EQ(notify->header(sip::HeaderId::event), "talk");
    EXPECT_EQ(notify->header(sip::HeaderId::content_type), "text/x");
    EXPECT_EQ(notify->body(), "a: 1\r\n");
    EXPECT_FALSE(w.tech->notify_channel("PJSIP/nosuch-1", fields));
}

/// A folder with a pjsip_notify.conf, which the world reads.
struct Options {
    explicit Options(SipWorld& w)
        : folder(std::filesystem::temp_directory_path() / ("asterism-notify-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "pjsip_notify.conf") << "[test]\nEvent=>Test\nX-Data=>Fun\nContent-type=>text/x\n"
                                                       "Content=>a: 1\nContent=>b: 2\nContent=>\n";
        w.settings.etc_dir = folder.string();
    }
    ~Options() { std::filesystem::remove_all(folder); }
    std::filesystem::path folder;
};

void expect_test_notify(const sip::MessagePtr& notify) {
    ASSERT_TRUE(notify);
    EXPECT_EQ(notify->method(), sip::Method::notify);
    EXPECT_EQ(notify->header(sip::HeaderId::event), "Test");
    EXPECT_EQ(notify->header("X-Data"), "Fun");
    EXPECT_EQ(notify->body(), "a: 1\r\nb: 2\r\n");
}

TEST(PjsipNotify, FromTheDialplan) {
    SipWorld w;
    const Options options(w);
    dialplan::Applications applications;
    add_applications(*w.tech, applications);
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    answer(w.channel());
    w.next();
    const auto ok = w.next();
    w.receive(Ask{.method = "ACK", .to = std::string(*ok->header(sip::HeaderId::to))}.text());
    Channel& channel = w.channel();
    const auto run = [&](const std::string& arguments) {
        const auto* notify = applications.find("PJSIPNotify");
        channel.tasks().spawn([](const dialplan::Application& app, Channel& on, std::string data) -> Task<void> {
            (void)co_await app.run(on, std::move(data));
        }(*notify, channel, arguments));
        w.loop.run();
        return w.next();
    };
    const auto inside = run(",&Event=Test&X-Data=Fun&Content=a: 1&Content=b: 2&Content=");
    expect_test_notify(inside);
    EXPECT_EQ(inside->call_id(), ok->call_id());
    expect_test_notify(run(",test"));
    expect_test_notify(run("<sip:bob@127.0.0.1:5260>,test"));
    EXPECT_EQ(w.last_to.text(), "127.0.0.1:5260");
    expect_test_notify(run("bob,test"));
    EXPECT_EQ(w.last_to.text(), "127.0.0.1:5072");
    EXPECT_FALSE(run(",nosuch"));
    EXPECT_FALSE(run(","));
}

/// Keeps the commands, for the test to run.
struct Kept final : cli::Registry {
    std::map<std::string, cli::Command, std::less<>> all;
    void add(cli::Command command) override { all[command.name] = std::move(command); }
    void remove(std::string_view) override {}
    Task<cli::Reply> execute(std::string, cli::Console*) override { co_return cli::Reply{}; }
    std::vector<std::string> names() const override { return {}; }
    std::vector<std::string> complete(std::string_view) const override { return {}; }
    /// What the command prints.
    std::string run(SipWorld& w, const std::string& name, std::vector<std::string> arguments) {
        cli::Context context;
        context.words = std::move(arguments);
        const cli::Command& command = all.at(name);
        if (command.run) {
            result = command.run(context);
            return context.out;
        }
        TaskScope scope(w.loop);
        scope.spawn([](const cli::Command& c, cli::Context& with, cli::Result& to) -> Task<void> {
            to = co_await c.run_async(with);
        }(command, context, result));
        w.loop.run();
        return context.out;
    }
    cli::Result result{};
};

TEST(PjsipNotify, FromTheConsole) {
    Kept commands;
    SipWorld w;
    const Options options(w);
    w.pbx.cli = &commands;
    w.tech->register_commands();
    const std::string notify = "pjsip send notify";
    EXPECT_EQ(commands.run(w, notify, {"test", "endpoint", "bob"}), "Sending NOTIFY of type 'test' to 'bob'\n");
    expect_test_notify(w.next());
    EXPECT_EQ(commands.run(w, notify, {"test", "channel", "PJSIP/x"}),
              "Sending NOTIFY of type 'test' to 'PJSIP/x'\nUnable to retrieve channel PJSIP/x\n");
    EXPECT_EQ(commands.run(w, notify, {"nosuch", "endpoint", "bob"}), "Unable to find notify type 'nosuch'\n");
    EXPECT_EQ(commands.result, cli::Result::failure);
    commands.run(w, notify, {"test", "endpoint"});
    EXPECT_EQ(commands.result, cli::Result::usage);
    EXPECT_FALSE(w.next());
}

TEST(PjsipMaintenance, FromTheConsole) {
    Kept commands;
    SipWorld w;
    w.pbx.cli = &commands;
    w.tech->register_commands();
    EXPECT_EQ(commands.run(w, "pjsip set maintenance", {"on", "bob"}), "Endpoint 'bob': maintenance enabled\n");
    EXPECT_EQ(commands.run(w, "pjsip show maintenance", {}), "bob\n1 endpoint in maintenance\n");
    EXPECT_EQ(commands.run(w, "pjsip set maintenance", {"on", "nosuch"}), "Unable to retrieve endpoint nosuch\n");
    commands.run(w, "pjsip set maintenance", {"off", "all"});
    EXPECT_EQ(commands.run(w, "pjsip show maintenance", {}), "0 endpoints in maintenance\n");
    commands.run(w, "pjsip set maintenance", {"maybe", "bob"});
    EXPECT_EQ(commands.result, cli::Result::usage);
}

}  // namespace
}  // namespace asterism::pjsip
