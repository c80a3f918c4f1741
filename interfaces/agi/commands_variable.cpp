// Variables and the database.
#include "asterism/dialplan/evaluate_later.hpp"
#include "asterism/store/astdb.hpp"
#include "interfaces/agi/commands.hpp"
#include "interfaces/agi/session.hpp"

namespace asterism::agi {
namespace {

Task<void> get_variable(Session& session) {
    const auto value =
        co_await dialplan::get_variable_later(session.pbx(), &session.channel(), std::string(session.word(2)));
    if (value)
        session.reply_format("200 result=1 ({})", *value);
    else
        session.result(0);
}

Task<void> get_full_variable(Session& session) {
    Channel* channel = &session.channel();
    if (session.words().size() > 4) channel = session.pbx().channels->find(session.word(4));
    if (channel)
        session.reply_format("200 result=1 ({})",
                             co_await dialplan::substitute_later(session.pbx(), channel, std::string(session.word(3))));
    else
        session.result(0);
}

Task<void> set_variable(Session& session) {
    if (!session.word(3).empty() || session.words().size() > 3)
        (void)co_await dialplan::set_variable_later(session.pbx(), &session.channel(), std::string(session.word(2)),
                                                    std::string(session.word(3)));
    session.result(1);
}

Task<void> database_get(Session& session) {
    const auto value = session.pbx().db->get(session.word(2), session.word(3));
    if (value)
        session.reply_format("200 result=1 ({})", *value);
    else
        session.result(0);
    co_return;
}

Task<void> database_put(Session& session) {
    session.result(session.pbx().db->put(session.word(2), session.word(3), session.word(4)) ? 1 : 0);
    co_return;
}

/// 1 also when there was no such key, as Asterisk.
Task<void> database_del(Session& session) {
    (void)session.pbx().db->del(session.word(2), session.word(3));
    session.result(1);
    co_return;
}

/// 0 when something went, 1 when there was nothing: not what Asterisk's manual says, but what it does.
Task<void> database_deltree(Session& session) {
    session.result(session.pbx().db->del_tree(session.word(2), session.word(3)) ? 0 : 1);
    co_return;
}

constexpr Command variables[] = {
    {"GET FULL VARIABLE", "expression [channelname]", 1, 2, true, "evaluate an expression",
     "Gives 1 and the text with ${} replaced, as seen by this or the named channel; 0 if there is none of the name.",
     get_full_variable},
    {"GET VARIABLE", "variablename", 1, 1, true, "read a variable or function",
     "Gives 1 and the value, 0 if it is not set.", get_variable},
    {"SET VARIABLE", "variablename value", 2, 2, true, "set a variable or function", "Gives 1.", set_variable},
};

constexpr Command database[] = {
    {"DATABASE DEL", "family key", 2, 2, true, "delete a database key", "Gives 1.", database_del},
    {"DATABASE DELTREE", "family [keytree]", 1, 2, true, "delete keys of the database",
     "Deletes a family or part of it. Gives 0, or 1 if there was nothing.", database_deltree},
    {"DATABASE GET", "family key", 2, 2, true, "read a database key", "Gives 1 and the value, 0 if it is not set.",
     database_get},
    {"DATABASE PUT", "family key value", 3, 3, true, "write a database key", "Gives 1, or 0 if it failed.",
     database_put},
};

}  // namespace

std::span<const Command> variable_commands() { return variables; }
std::span<const Command> database_commands() { return database; }

}  // namespace asterism::agi
