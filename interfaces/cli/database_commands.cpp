// database show|showkey|get|put|del|deltree
#include "asterism/pbx.hpp"
#include "asterism/store/astdb.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

namespace {
Result list(Context& context, const std::vector<store::AstDb::Entry>& entries) {
    for (const auto& [path, value] : entries) context.print("{:<50}: {:<25}\n", path, value);
    context.print("{} results found.\n", entries.size());
    return Result::success;
}
}  // namespace

void add_database_commands(Registry& registry, Pbx& pbx) {
    registry.add({.name = "database show",
                  .summary = "Shows database contents",
                  .usage = "[family [keytree]]\n       Shows all entries, or those of a family or of a part of it.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() > 2) return Result::usage;
                      return list(c, pbx.db->tree(c.argument(0), c.argument(1)));
                  }});
    registry.add({.name = "database showkey",
                  .summary = "Shows database contents",
                  .usage = "<keytree>\n       Shows the entries of this key in all families.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() != 1) return Result::usage;
                      return list(c, pbx.db->with_key(c.argument(0)));
                  }});
    registry.add({.name = "database get",
                  .summary = "Gets database value",
                  .usage = "<family> <key>\n       Shows the value of one entry.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() != 2) return Result::usage;
                      if (const auto value = pbx.db->get(c.argument(0), c.argument(1)))
                          c.print("Value: {}\n", *value);
                      else
                          c.print("Database entry not found.\n");
                      return Result::success;
                  }});
    registry.add({.name = "database put",
                  .summary = "Adds/updates database value",
                  .usage = "<family> <key> <value>\n       Sets the value of one entry.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() != 3) return Result::usage;
                      const bool ok = pbx.db->put(c.argument(0), c.argument(1), c.argument(2));
                      c.print("{}\n", ok ? "Updated database successfully" : "Failed to update entry");
                      return Result::success;
                  }});
    registry.add({.name = "database del",
                  .summary = "Removes database key/value",
                  .usage = "<family> <key>\n       Removes one entry.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() != 2) return Result::usage;
                      const bool there = pbx.db->del(c.argument(0), c.argument(1));
                      c.print("{}\n", there ? "Database entry removed." : "Database entry could not be removed.");
                      return Result::success;
                  }});
    registry.add({.name = "database deltree",
                  .summary = "Removes database keytree/values",
                  .usage = "<family> [keytree]\n       Removes a family, or a part of it.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() < 1 || c.arguments() > 2) return Result::usage;
                      const auto removed = pbx.db->del_tree(c.argument(0), c.argument(1));
                      if (removed == 0)
                          c.print("Database entries do not exist.\n");
                      else
                          c.print("{} database entries removed.\n", removed);
                      return Result::success;
                  }});
}

}  // namespace asterism::cli
