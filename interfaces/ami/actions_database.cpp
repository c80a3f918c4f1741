// Actions on AstDB.
#include "asterism/store/astdb.hpp"
#include "core.hpp"

namespace asterism::ami {

namespace {

void db_get(Exchange& x) {
    auto family = x.get("Family"), key = x.get("Key");
    if (family.empty()) return x.error("No family specified.");
    if (key.empty()) return x.error("No key specified.");
    auto value = x.pbx().db ? x.pbx().db->get(family, key) : std::nullopt;
    if (!value) return x.error("Database entry not found");
    x.list("Result will follow");
    auto item = x.item("DBGetResponse", true);
    item.header("Family", family).header("Key", key).header("Val", *value);
    x.id();
    item.end();
    x.complete("DBGetComplete", 1).end();
}

void db_get_tree(Exchange& x) {
    auto entries = x.pbx().db ? x.pbx().db->tree(x.get("Family"), x.get("Key")) : std::vector<store::AstDb::Entry>();
    x.list("Result will follow");
    for (const auto& [path, value] : entries) {
        auto item = x.item("DBGetTreeResponse", true);
        item.header("Key", path).header("Val", value);
        x.id();
        item.end();
    }
    x.complete("DBGetTreeComplete", entries.size()).end();
}

void db_put(Exchange& x) {
    auto family = x.get("Family"), key = x.get("Key");
    if (family.empty()) return x.error("No family specified");
    if (key.empty()) return x.error("No key specified");
    if (!x.pbx().db || !x.pbx().db->put(family, key, x.get("Val"))) return x.error("Failed to update entry");
    x.success("Updated database successfully");
}

void db_del(Exchange& x) {
    auto family = x.get("Family"), key = x.get("Key");
    if (family.empty()) return x.error("No family specified.");
    if (key.empty()) return x.error("No key specified.");
    if (!x.pbx().db || !x.pbx().db->del(family, key)) return x.error("Database entry could not be deleted");
    x.success("Key deleted successfully");
}

void db_del_tree(Exchange& x) {
    auto family = x.get("Family");
    if (family.empty()) return x.error("No family specified.");
    if (!x.pbx().db || x.pbx().db->del_tree(family, x.get("Key")) == 0) return x.error("Database entry not found");
    x.success("Key tree deleted successfully");
}

}  // namespace

Actions database_actions() {
    constexpr auto read = cls::system | cls::reporting;
    return {
        {"DBGet", read, "Family*,Key*", "Read an entry of the database.", db_get},
        {"DBGetTree", read, "Family,Key", "Read all entries below a family and key.", db_get_tree},
        {"DBPut", cls::system, "Family*,Key*,Val", "Write an entry of the database.", db_put},
        {"DBDel", cls::system, "Family*,Key*", "Delete an entry of the database.", db_del},
        {"DBDelTree", cls::system, "Family*,Key", "Delete all entries below a family and key.", db_del_tree},
    };
}

}  // namespace asterism::ami
