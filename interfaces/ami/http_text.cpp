// Replies of the manager as XML and as a page.
#include <cctype>

#include "http.hpp"

namespace asterism::ami {

namespace {

/// Calls `line(name, value)` for each line and `end()` after each block. A name that repeats within a block gets
/// "-2", "-3"...
template <class Line, class End>
void for_each_line(std::string_view blocks, Line line, End end) {
    std::vector<std::pair<std::string_view, int>> seen;
    bool open = false;
    while (!blocks.empty()) {
        auto stop = blocks.find('\n');
        auto text = blocks.substr(0, stop);
        blocks = stop == std::string_view::npos ? std::string_view() : blocks.substr(stop + 1);
        if (text.ends_with('\r')) text.remove_suffix(1);
        if (text.empty()) {
            if (open) end();
            open = false;
            seen.clear();
            continue;
        }
        auto colon = text.find(": ");
        auto name = text.substr(0, colon);
        auto value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 2);
        auto known = std::find_if(seen.begin(), seen.end(), [&](const auto& one) { return one.first == name; });
        int count = 1;
        if (known == seen.end()) {
            seen.emplace_back(name, 1);
        } else {
            count = ++known->second;
        }
        open = true;
        line(count == 1 ? std::string(name) : fmt::format("{}-{}", name, count), count, value);
    }
    if (open) end();
}

constexpr std::string_view page_head =
    "<title>Asterisk&trade; Manager Interface</title><body bgcolor=\"#ffffff\"><table align=center "
    "bgcolor=\"#f1f1f1\" width=\"500\">\r\n"
    "<tr><td colspan=\"2\" bgcolor=\"#f1f1ff\"><h1>Manager Tester</h1></td></tr>\r\n"
    "<tr><td colspan=\"2\" bgcolor=\"#f1f1ff\"><form action=\"manager\" method=\"post\">\n"
    "\tAction: <select name=\"action\">\n"
    "\t\t<option value=\"\">-----&gt;</option>\n"
    "\t\t<option value=\"login\">login</option>\n"
    "\t\t<option value=\"command\">Command</option>\n"
    "\t\t<option value=\"waitevent\">waitevent</option>\n"
    "\t\t<option value=\"listcommands\">listcommands</option>\n"
    "\t</select>\n"
    "\tor <input name=\"action\"><br/>\n"
    "\tCLI Command <input name=\"command\"><br>\n"
    "\tuser <input name=\"username\"> pass <input type=\"password\" name=\"secret\"><br>\n"
    "\t<input type=\"submit\">\n"
    "</form>\n"
    "</td></tr>\r\n";

}  // namespace

std::string as_xml(std::string_view blocks, std::string_view id) {
    std::string out = "<ajax-response>\n";
    bool open = false;
    for_each_line(
        blocks,
        [&](const std::string& name, int count, std::string_view value) {
            if (!open) {
                out += fmt::format("<response type='object' id='{}'><generic", http::escape_html(id));
                open = true;
            }
            out.push_back(' ');
            // The number of a repeated name keeps its dash; what else is no letter or digit does not.
            std::size_t plain = count == 1 ? name.size() : name.rfind('-');
            for (std::size_t i = 0; i < name.size(); ++i) {
                auto c = static_cast<unsigned char>(name[i]);
                out.push_back(i >= plain || std::isalnum(c) ? static_cast<char>(std::tolower(c)) : '_');
            }
            out += fmt::format("='{}'", http::escape_html(value));
        },
        [&] {
            out += " /></response>\n";
            open = false;
        });
    return out + "</ajax-response>\n";
}

std::string as_html(std::string_view blocks) {
    std::string out(page_head);
    for_each_line(
        blocks,
        [&](const std::string& name, int, std::string_view value) {
            out += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", http::escape_html(name), http::escape_html(value));
        },
        [&] { out += "<tr><td colspan=\"2\"><hr></td></tr>\r\n"; });
    return out + "</table></body>\r\n";
}

}  // namespace asterism::ami
