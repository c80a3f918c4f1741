// Variables and the database.
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/evaluate_later.hpp"
#include "asterism/store/astdb.hpp"
#include "interfaces/agi/commands.hpp"
#include "interfaces/agi/session.hpp"

namespace asterism::agi {
namespace {

void tell(Session& session, const std::optional<std::string>& value) {
    if (value)
        session.reply_format("200 result=1 ({})", *value);
    else
        session.result(0);
}

bool try_get_variable(Session& session) {
    if (dialplan::read_waits(session.pbx(), session.word(2))) return false;
    tell(session, dialplan::get_variable(session.pbx(), &session.channel(), session.word(2)));
    return true;
}

Task<void> get_variable(Session& session) {
    tell(session,
         co_await dialplan::get_variable_later(session.pbx(), &session.channel(), std::string(session.word(2))));
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

bool try_set_variable(Session& session) {
    if (dialplan::write_waits(session.pbx(), session.word(2))) return false;
    dialplan::set_variable(session.pbx(), &session.channel(), session.word(2), session.word(3));
    session.result(1);
    return true;
}

Task<void> set_variable(Session& session) {
    (void)co_await dialplan::set_variable_later(session.pbx(), &session.channel(), std::string(session.word(2)),
                                                std::string(session.word(3)));
    session.result(1);
}

void database_get(Session& session) { tell(session, session.pbx().db->get(session.word(2), session.word(3))); }

void database_put(Session& session) {
    session.result(session.pbx().db->put(session.word(2), session.word(3), session.word(4)) ? 1 : 0);
}

/// 1 also when there was no such key, as Asterisk.
void database_del(Session& session) {
    (void)session.pbx().db->del(session.word(2), session.word(3));
    session.result(1);
}

/// 0 when something went, 1 when there was nothing: not what Asterisk's manual says, but what it does.
void database_deltree(Session& session) {
    session.result(session.pbx().db->del_tree(session.word(2), session.word(3)) ? 0 : 1);
}

constexpr Command variables[] = {
    {"GET FULL VARIABLE", "expression [channelname]", 1, 2, true, "evaluate an expression",
     "Gives 1 and the text with ${} replaced, as seen by this or the named channel; 0 if there is none of the name.",
     get_full_variable},
    {"GET VARIABLE",
     "variablename",
     1,
     1,
     true,
     "read a variable or function",
     "Gives 1 and the value, 0 if it is not set.",
     {try_get_variable, get_variable}},
    {"SET VARIABLE",
     "variablename value",
     2,
     2,
     true,
     "set a variable or function",
     "Gives 1.",
     {try_set_variable, set_variable}},
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
