// The daemon's own links, in real time on the loopback interface: a FastAGI server and local scripts.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>

#include "asterism/runtime/asio_loop.hpp"
#include "interfaces/agi/asio_linker.hpp"

using namespace asterism;
using boost::asio::ip::tcp;

namespace {

class AgiLinks : public testing::Test {
  protected:
    AgiLinks() : linker(agi::make_asio_linker(loop)), tasks(loop) {
        folder = std::filesystem::temp_directory_path() / ("asterism-agi-" + std::to_string(getpid()));
        std::filesystem::create_directories(folder);
    }
    ~AgiLinks() override {
        tasks.cancel_all();
        std::filesystem::remove_all(folder);
    }
    std::string script(const std::string& name, const std::string& text, int mode = 0755) {
        const auto path = (folder / name).string();
        std::ofstream(path) << text;
        chmod(path.c_str(), static_cast<mode_t>(mode));
        return path;
    }
    /// Runs the loop until the coroutine has ended, at most five seconds.
    void run(Task<void> task) {
        Timer limit(loop);
        limit.start(std::chrono::seconds(5), [this] {
            ADD_FAILURE() << "nothing happened";
            loop.stop();
        });
        tasks.spawn(stop_after(std::move(task)));
        loop.run();
    }
    /// Everything that the script sends until it goes.
    Task<std::string> read_all(agi::Link& link) {
        Mailbox<bool> box(loop);
        link.attach([&box] { box.send(true); });
        std::string all;
        while (!link.closed() || !link.finished()) {
            (void)link.take(all);
            if (link.closed() && link.finished()) break;
            (void)co_await box.next();
        }
        (void)link.take(all);
        link.attach(nullptr);
        co_return all;
    }
    /// What the script sends up to the first `end`, which comes last of what it sends for now.
    Task<std::string> read_until(agi::Link& link, std::string_view end) {
        Mailbox<bool> box(loop);
        link.attach([&box] { box.send(true); });
        std::string all;
        for (;;) {
            (void)link.take(all);
            if (all.ends_with(end) || link.closed()) break;
            (void)co_await box.next();
        }
        link.attach(nullptr);
        co_return all;
    }
    /// A script that runs, or null and a failure.
    Task<std::unique_ptr<agi::Link>> started(std::string path, std::vector<std::string> arguments = {},
                                             agi::ProcessEnvironment environment = {}, bool audio = false) {
        auto link = co_await linker->spawn(std::move(path), std::move(arguments), std::move(environment), audio);
        EXPECT_TRUE(link.has_value());
        co_return link ? *std::move(link) : nullptr;
    }
    AsioLoop loop;
    std::unique_ptr<agi::Linker> linker;
    TaskScope tasks;
    std::filesystem::path folder;

  private:
    Task<void> stop_after(Task<void> task) {
        co_await std::move(task);
        loop.stop();
    }
};

agi::Target target(const std::string& host, std::uint16_t port) {
    agi::Target t;
    t.kind = agi::Target::Kind::fast;
    t.host = host;
    t.port = port;
    return t;
}

TEST_F(AgiLinks, FastAgiBothWays) {
    tcp::acceptor acceptor(loop.context(), {boost::asio::ip::make_address("127.0.0.1"), 0});
    tcp::socket server(loop.context());
    std::string got(64, '\0');
    acceptor.async_accept(server, [&](const boost::system::error_code&) {
        boost::asio::write(server, boost::asio::buffer(std::string_view("NOOP\n")));
        server.async_read_some(boost::asio::buffer(got), [&](const boost::system::error_code&, std::size_t size) {
            got.resize(size);
            server.close();
        });
    });
    auto talk = [&]() -> Task<void> {
        auto link = co_await linker->connect(target("localhost", acceptor.local_endpoint().port()));
        EXPECT_TRUE(link.has_value());
        if (!link) co_return;
        (*link)->write("200 result=0\n");
        EXPECT_EQ(co_await read_all(**link), "NOOP\n");
    };
    run(talk());
    EXPECT_EQ(got, "200 result=0\n");
}

TEST_F(AgiLinks, NobodyListens) {
    std::uint16_t port = 0;
    {
        tcp::acceptor free(loop.context(), {boost::asio::ip::make_address("127.0.0.1"), 0});
        port = free.local_endpoint().port();
    }
    auto talk = [&]() -> Task<void> {
        auto refused = co_await linker->connect(target("127.0.0.1", port));
        EXPECT_FALSE(refused);
        auto unknown = co_await linker->connect(target("no-such-host.invalid", port));
        EXPECT_FALSE(unknown);
    };
    run(talk());
}

TEST_F(AgiLinks, AScriptThatDoesNotReadIsGivenUp) {
    tcp::acceptor acceptor(loop.context(), {boost::asio::ip::make_address("127.0.0.1"), 0});
    tcp::socket server(loop.context());
    acceptor.async_accept(server, [](const boost::system::error_code&) {});
    auto talk = [&]() -> Task<void> {
        auto link = co_await linker->connect(target("127.0.0.1", acceptor.local_endpoint().port()));
        EXPECT_TRUE(link.has_value());
        if (!link) co_return;
        const std::string chunk(65536, 'x');
        for (int i = 0; i < 1000 && !(*link)->closed(); ++i) (*link)->write(chunk);
        EXPECT_TRUE((*link)->closed());
    };
    run(talk());
}

TEST_F(AgiLinks, LocalScript) {
    const auto path = script("a.sh", "#!/bin/sh\nread line\necho \"GOT $line $1 $AST_X\"\nexit 3\n");
    auto talk = [&]() -> Task<void> {
        auto link = co_await started(path, {"one"}, {{"AST_X", "env"}});
        if (!link) co_return;
        link->write("hello\n");
        EXPECT_EQ(co_await read_all(*link), "GOT hello one env\n");
        EXPECT_EQ(link->exit_status(), 3);
    };
    run(talk());
}

TEST_F(AgiLinks, WhatAScriptWroteBeforeItEndedIsRead) {
    const auto path = script("e.sh", "#!/bin/sh\nexec <&-\necho last words\nexit 1\n");
    auto talk = [&]() -> Task<void> {
        auto link = co_await started(path);
        if (!link) co_return;
        Mailbox<bool> box(loop);
        (void)co_await box.next_within(std::chrono::milliseconds(100));
        link->write("nobody reads this\n");
        EXPECT_EQ(co_await read_all(*link), "last words\n");
        EXPECT_EQ(link->exit_status(), 1);
    };
    run(talk());
}

TEST_F(AgiLinks, HangupReachesAScriptAsASignal) {
    const auto path =
        script("b.sh", "#!/bin/sh\ntrap 'echo HUP; exit 0' HUP\necho ready\nwhile :; do read x || sleep 0.01; done\n");
    auto talk = [&]() -> Task<void> {
        auto link = co_await started(path);
        if (!link) co_return;
        EXPECT_EQ(co_await read_until(*link, "\n"), "ready\n");
        EXPECT_TRUE(link->hung_up());
        link->write("\n");
        EXPECT_EQ(co_await read_all(*link), "HUP\n");
        EXPECT_EQ(link->exit_status(), 0);
    };
    run(talk());
}

/// Descriptor 3: whole frames come through as they are; what the script does not read is dropped, and nothing waits.
TEST_F(AgiLinks, AudioForAScript) {
    const auto path =
        script("f.sh", "#!/bin/sh\nhead -c 640 <&3 | tr 'ab' 'xy' | cut -c 1-3,638-\nread go\nwc -c <&3\n");
    auto talk = [&]() -> Task<void> {
        auto link = co_await started(path, {}, {}, true);
        if (!link) co_return;
        link->write_audio(std::string(320, 'a'));
        link->write_audio(std::string(320, 'b'));
        EXPECT_EQ(co_await read_until(*link, "\n"), "xxxyyy\n");
        for (int frame = 0; frame < 10'000; ++frame) link->write_audio(std::string(320, 'c'));  // over 3 MB
    };
    run(talk());
}

TEST_F(AgiLinks, AScriptThatClosesItsAudio) {
    const auto path = script("g.sh", "#!/bin/sh\nexec 3<&-\necho ready\nread x\necho $x\n");
    auto talk = [&]() -> Task<void> {
        auto link = co_await started(path, {}, {}, true);
        if (!link) co_return;
        EXPECT_EQ(co_await read_until(*link, "\n"), "ready\n");
        link->write_audio("ab");
        link->write_audio("cd");
        link->write("on\n");
        EXPECT_EQ(co_await read_all(*link), "on\n");
        EXPECT_EQ(link->exit_status(), 0);
    };
    run(talk());
}

/// The same program by its name alone.
TEST_F(AgiLinks, AProgramOfThePath) {
    auto talk = [&]() -> Task<void> {
        auto link = co_await started("echo", {"here"});
        if (link) EXPECT_EQ(co_await read_all(*link), "here\n");
        auto none = co_await linker->spawn("no-such-program-at-all", {}, {}, false);
        EXPECT_TRUE(!none && none.error().not_found);
    };
    run(talk());
}

TEST_F(AgiLinks, WhatCannotBeStarted) {
    const auto plain = script("c.sh", "#!/bin/sh\n", 0644);
    const auto bad = script("d.sh", "#!/no/such/interpreter\n");
    auto talk = [&]() -> Task<void> {
        auto none = co_await linker->spawn((folder / "none").string(), {}, {}, false);
        EXPECT_TRUE(!none && none.error().not_found);
        auto not_executable = co_await linker->spawn(plain, {}, {}, false);
        EXPECT_TRUE(!not_executable && !not_executable.error().not_found);
        auto no_interpreter = co_await linker->spawn(bad, {}, {}, false);
        EXPECT_TRUE(!no_interpreter && !no_interpreter.error().not_found);
    };
    run(talk());
}

}  // namespace
