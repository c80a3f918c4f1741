#include "asterism/cli/registry.hpp"

#include <algorithm>
#include <map>

#include "interfaces/cli/pattern.hpp"

namespace asterism::cli {

namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        if (!text.empty()) text += ' ';
        text += word;
    }
    return text;
}

std::string usage_text(const Command& command) {
    std::string text = "Usage: " + command.name;
    if (!command.usage.empty() && !command.usage.starts_with('\n')) text += ' ';
    text += command.usage;
    if (!text.ends_with('\n')) text += '\n';
    return text;
}

class TheRegistry final : public Registry {
  public:
    TheRegistry() {
        const auto help = [this](Context& context) { return show_help(context); };
        const auto topics = [this](const Completion& asked) {
            std::string line;
            for (const auto& word : asked.words) line += word + ' ';
            return complete(line + asked.begin);
        };
        add({.name = "core show help",
             .summary = "Display help list, or specific help on a command",
             .usage = "[topic]\n       When called with a topic as an argument, displays usage\n"
                      "       information on the given command. If called without a\n"
                      "       topic, it provides a list of commands.\n",
             .run = help,
             .complete = topics});
        add({.name = "help",
             .summary = "Display help list, or specific help on a command",
             .run = help,
             .complete = topics});
    }

    void add(Command command) override {
        Pattern pattern(command.name);
        const std::string key = pattern.plain();
        entries_.insert_or_assign(key, std::make_shared<Entry>(std::move(command), std::move(pattern)));
    }
    void remove(std::string_view name) override { entries_.erase(Pattern(name).plain()); }

    Task<Reply> execute(std::string line, Console* console) override {
        Context context;
        context.line = std::move(line);
        context.console = console;
        context.words = split_line(context.line);
        if (context.words.empty()) co_return Reply{};
        Pattern::Match match;
        // Held: a command may remove itself, or be replaced, while it runs.
        const std::shared_ptr<Entry> entry = find(context.words, &match);
        if (!entry) {
            const std::string typed = joined(context.words);
            co_return Reply{
                fmt::format("No such command '{0}' (type 'core show help {0}' for other possible commands)\n", typed),
                true};
        }
        context.name_words = match.words.size();
        std::ranges::move(match.words, context.words.begin());
        const Result result =
            entry->command.run_async ? co_await entry->command.run_async(context) : entry->command.run(context);
        if (result == Result::usage) context.out += usage_text(entry->command);
        if (result == Result::failure) context.print("Command '{}' failed.\n", joined(context.words));
        co_return Reply{std::move(context.out), result != Result::success};
    }

    [[nodiscard]] std::vector<std::string> names() const override {
        std::vector<std::string> all;
        for (const auto& [key, entry] : entries_) {
            if (!entry->command.hidden) all.push_back(entry->command.name);
        }
        return all;
    }

    [[nodiscard]] std::vector<std::string> complete(std::string_view line) const override {
        std::vector<std::string> words = split_line(line);
        std::string begin;
        if (!line.empty() && line.back() != ' ' && !words.empty()) {
            begin = std::move(words.back());
            words.pop_back();
        }
        std::vector<std::string> found;
        for (const auto& [key, entry] : entries_) {
            if (entry->command.hidden) continue;
            bool at_end = false;
            for (auto& word : entry->pattern.next(words, at_end)) {
                if (begins(word, begin)) found.push_back(std::move(word));
            }
            if (!at_end || !entry->command.complete) continue;
            const auto match = entry->pattern.match(words);
            if (!match) continue;
            Completion asked{{words.begin() + static_cast<std::ptrdiff_t>(match->words.size()), words.end()}, begin};
            for (auto& word : entry->command.complete(asked)) {
                if (begins(word, begin)) found.push_back(std::move(word));
            }
        }
        std::ranges::sort(found);
        found.erase(std::ranges::unique(found).begin(), found.end());
        return found;
    }

  private:
    struct Entry {
        Entry(Command c, Pattern p) : command(std::move(c)), pattern(std::move(p)) {}
        Command command;
        Pattern pattern;
    };

    // What was typed in full goes before what was abbreviated, then the longer name. Two that fit equally well are
    // ambiguous: neither is meant.
    [[nodiscard]] std::shared_ptr<Entry> find(const std::vector<std::string>& words, Pattern::Match* best) const {
        std::shared_ptr<Entry> found;
        bool ambiguous = false;
        const auto rank = [](const Pattern::Match& m) { return std::tuple(m.all_exact(), m.words.size(), m.exact); };
        for (const auto& [key, entry] : entries_) {
            auto match = entry->pattern.match(words);
            if (!match) continue;
            if (found && rank(*match) < rank(*best)) continue;
            ambiguous = found && rank(*match) == rank(*best) && match->words != best->words;
            found = entry;
            *best = std::move(*match);
        }
        return ambiguous ? nullptr : found;
    }

    Result show_help(Context& context) {
        const std::vector<std::string> topic(context.words.begin() + static_cast<std::ptrdiff_t>(context.name_words),
                                             context.words.end());
        if (!topic.empty()) {
            Pattern::Match match;
            if (const auto entry = find(topic, &match)) {
                context.out += usage_text(entry->command);
                return Result::success;
            }
        }
        const std::string wanted = joined(topic);
        bool any = false;
        for (const auto& [key, entry] : entries_) {
            if (entry->command.hidden || !begins(key, wanted)) continue;
            context.print("{:>30.30} -- {}\n", entry->command.name,
                          entry->command.summary.empty() ? "<no description available>" : entry->command.summary);
            any = true;
        }
        if (!any) context.print("No such command '{}'.\n", wanted);
        return Result::success;
    }

    std::map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace

std::vector<std::string> split_line(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '\\' && i + 1 < line.size()) {
            word += line[++i];
            in_word = true;
        } else if (c == '"') {
            quoted = !quoted;
            in_word = true;
        } else if (!quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
            if (in_word) words.push_back(std::exchange(word, {}));
            in_word = false;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (in_word) words.push_back(std::move(word));
    return words;
}

std::unique_ptr<Registry> make_registry() { return std::make_unique<TheRegistry>(); }

}  // namespace asterism::cli
