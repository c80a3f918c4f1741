// What tests of dialplan functions share: a PBX with a channel, reading and setting as the dialplan does, with waits.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "asterism/dialplan/evaluate_later.hpp"
#include "asterism/functions/functions.hpp"
#include "support/test_pbx.hpp"

namespace asterism {

class FunctionTest : public testing::Test {
  protected:
    FunctionTest() { functions::add_functions(pbx.pbx); }

    /// Substitutes `text`, waiting where a function has to; nothing if it still waits when the loop is idle.
    std::optional<std::string> begin_read(const std::string& text, Channel& on) {
        result.reset();
        tasks.spawn([](FunctionTest& test, std::string what, Channel& channel) -> Task<void> {
            test.result = co_await dialplan::substitute_later(test.pbx.pbx, &channel, what);
        }(*this, text, on));
        pbx.loop.run();
        return result;
    }
    std::string read(const std::string& text) { return begin_read(text, channel()).value_or("(waits)"); }
    bool set(const std::string& name, const std::string& value) {
        std::optional<bool> done;
        tasks.spawn([](FunctionTest& test, std::string n, std::string v, std::optional<bool>& out) -> Task<void> {
            out = co_await dialplan::set_variable_later(test.pbx.pbx, &test.channel(), n, v);
        }(*this, name, value, done));
        pbx.loop.run();
        EXPECT_TRUE(done) << name << " waits";
        return done.value_or(false);
    }
    Channel& make_channel(const std::string& data) {
        ChannelRequest request;
        request.data = data;
        return **pbx.phones.request(request);
    }
    Channel& channel() {
        if (!channel_) channel_ = &make_channel("alice");
        return *channel_;
    }

    TestPbx pbx;
    std::optional<std::string> result;
    TaskScope tasks{pbx.loop};

  private:
    Channel* channel_ = nullptr;
};

}  // namespace asterism
