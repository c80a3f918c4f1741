// Directory: finds the extension of somebody whose name is typed on the keys. The names are voicemail.conf's.
#include "asterism/config/file.hpp"
#include "asterism/config/options.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/say.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

constexpr Duration time_for_digit = std::chrono::seconds(5);
constexpr int rounds = 3;
constexpr std::size_t menu_size = 8;

struct Person {
    std::string extension, name;
};

/// By which names people are looked for, and how many digits of them.
struct Wanted {
    bool first = false, last = true;
    std::size_t digits = 3;
};

Wanted wanted_by(const OptionLetters& options) {
    Wanted wanted;
    for (const char letter : {'b', 'f', 'l'}) {
        if (!options.has(letter)) continue;
        wanted.first = letter != 'l';
        wanted.last = letter != 'f';
        if (const int n = to_int(options.argument(letter)); n > 0) wanted.digits = static_cast<std::size_t>(n);
        break;
    }
    return wanted;
}

/// People of one context who do not hide. Reads the disk: on the pool.
std::optional<std::vector<Person>> read_people(const std::string& name, const config::ReadOptions& how,
                                               const std::string& context) {
    config::DiskSource disk;
    config::Report report;
    const auto file = config::read(disk, name, how, report);
    const auto* section = file ? file->find(context) : nullptr;
    if (!section) return std::nullopt;
    std::vector<Person> people;
    for (const auto& line : section->variables) {
        const Arguments parts(line.value, ',', 5);
        if (!parts.has(1) || functions::lower(parts[4]).contains("hidefromdir=yes")) continue;
        people.push_back({line.name, parts[1]});
    }
    return people;
}

char key_of(char c) {
    static constexpr std::string_view keys = "22233344455566677778889999";
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') return keys[static_cast<std::size_t>(c - 'a')];
    return c >= '0' && c <= '9' ? c : '1';
}

/// Whether a name's letters are what was typed.
bool fits(std::string_view name, std::string_view typed) {
    if (name.size() < typed.size()) return false;
    for (std::size_t i = 0; i < typed.size(); ++i) {
        if (key_of(name[i]) != typed[i]) return false;
    }
    return true;
}

bool fits(const Person& person, const Wanted& wanted, std::string_view typed) {
    const std::string_view name = functions::trim(person.name);
    if (wanted.first && fits(name, typed)) return true;
    const auto space = name.rfind(' ');
    return wanted.last && fits(space == std::string_view::npos ? name : name.substr(space + 1), typed);
}

/// One run of the application.
class Search {
  public:
    Search(Channel& channel, const Arguments& args)
        : channel_(channel),
          options_(args[2]),
          wanted_(wanted_by(options_)),
          context_(args.has(0) ? args[0] : "default"),
          dial_context_(args.has(1) ? args[1] : context_) {}

    Task<AppResult> run() {
        if (!options_.has('n')) answer(channel_);
        if (const auto pause = parse_time(options_.argument('p'), true); pause && *pause > Duration::zero()) {
            if (const auto end = co_await wait(channel_, *pause); end.over()) co_return finish("HANGUP");
        }
        const std::string file =
            options_.argument('c').empty() ? "voicemail.conf" : std::string(options_.argument('c'));
        auto people = co_await run_blocking(*channel_.pbx().loop,
                                            [file, how = channel_.pbx().settings->read_options(), context = context_] {
                                                return read_people(file, how, context);
                                            });
        if (!people) {
            log::warning("Directory: {} has no context '{}'", file, context_);
            people.emplace();
        }
        for (int round = 0; round < rounds; ++round) {
            const auto typed = co_await ask();
            if (typed.empty()) co_return finish("TIMEOUT");
            if (typed == "hangup") co_return finish("HANGUP");
            if (typed == "0") co_return leave("o", "OPERATOR");
            if (typed == "*") co_return leave("a", "ASSISTANT");
            std::vector<Person> found;
            for (const auto& person : *people) {
                if (fits(person, wanted_, typed)) found.push_back(person);
            }
            if (found.empty()) {
                if (const auto end = co_await play(channel_, {"dir-nomatch"}); end.over()) co_return finish("HANGUP");
                continue;
            }
            if (const auto result = co_await offer(found)) co_return *result;
        }
        co_return finish("TIMEOUT");
    }

  private:
    /// "hangup", "0", "*", or the digits; empty: none in time.
    Task<std::string> ask() {
        const char* which = !wanted_.first ? "dir-last" : !wanted_.last ? "dir-first" : "dir-firstlast";
        std::string typed;
        OpResult end = co_await play(channel_, {"dir-welcome", "dir-pls-enter", which, "dir-usingkeypad"},
                                     {.stop_digits = std::string(any_digit)});
        if (end.end == End::done || end.end == End::failed) end = co_await wait_digit(channel_, time_for_digit);
        for (;;) {
            if (end.over()) co_return "hangup";
            if (end.end != End::digit || end.digit == '#') break;
            typed += end.digit;
            if (typed == "0" || typed == "*" || typed.size() == wanted_.digits) break;
            end = co_await wait_digit(channel_, time_for_digit);
        }
        co_return typed;
    }

    [[nodiscard]] functions::Prompts name_of(const Person& person) const {
        functions::Prompts prompts = functions::say_letters(person.name);
        if (options_.has('e')) {
            prompts.emplace_back("vm-extension");
            for (auto& prompt : functions::say_digits(person.extension)) prompts.push_back(std::move(prompt));
        }
        return prompts;
    }

    /// Reads out who was found. Nothing: nobody was chosen, ask again.
    Task<std::optional<AppResult>> offer(const std::vector<Person>& found) {
        const std::size_t step = options_.has('m') ? menu_size : 1;
        for (std::size_t at = 0; at < found.size(); at += step) {
            const std::size_t count = std::min(step, found.size() - at);
            functions::Prompts prompts;
            for (std::size_t i = 0; i < count; ++i) {
                if (step > 1) {
                    prompts.emplace_back("dir-multi1");
                    prompts.push_back("digits/" + std::to_string(i + 1));
                    prompts.emplace_back("dir-multi2");
                }
                for (auto& prompt : name_of(found[at + i])) prompts.push_back(std::move(prompt));
            }
            prompts.emplace_back(step == 1 ? "dir-instr" : at + count < found.size() ? "dir-multi9" : "dir-multi3");
            const std::string choices = "12345678*9#0";
            OpResult end;
            for (int round = 0; round < rounds && end.end != End::digit; ++round) {
                end = co_await play(channel_, prompts, {.stop_digits = choices});
                if (end.end == End::done || end.end == End::failed)
                    end = co_await wait_digit(channel_, time_for_digit, choices);
                if (end.over()) co_return finish("HANGUP");
            }
            if (end.end != End::digit) co_return finish("TIMEOUT");
            if (end.digit == '#') co_return finish("USEREXIT");
            if (end.digit == '0') co_return leave("o", "OPERATOR");
            if (const auto choice = static_cast<std::size_t>(end.digit - '1'); end.digit != '*' && choice < count)
                co_return select(found[at + choice]);
        }
        if (const auto end = co_await play(channel_, {"dir-nomore"}); end.over()) co_return finish("HANGUP");
        co_return std::nullopt;
    }

    AppResult select(const Person& person) {
        if (options_.has('s')) {
            channel_.set_variable("DIRECTORY_EXTEN", person.extension);
            return finish("SELECTED");
        }
        const Location where{dial_context_, person.extension, 1};
        if (!dialplan::exists(channel_, where)) {
            log::warning("Directory: there is no extension '{}' in context '{}'", person.extension, dial_context_);
            return finish("FAILED");
        }
        dialplan::go_to(channel_, where);
        return finish("SELECTED");
    }

    AppResult leave(const char* exten, const char* result) {
        const Location where{channel_.location().context, exten, 1};
        if (dialplan::exists(channel_, where))
            dialplan::go_to(channel_, where);
        else
            log::warning("Directory: there is no extension '{}' in context '{}'", exten, where.context);
        return finish(result);
    }

    AppResult finish(const char* result) {
        channel_.set_variable("DIRECTORY_RESULT", result);
        return channel_.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
    }

    Channel& channel_;
    const OptionLetters options_;
    const Wanted wanted_;
    const std::string context_, dial_context_;
};

Task<AppResult> directory(Channel& channel, std::string data) {
    const Arguments args(data, ',', 3);
    Search search(channel, args);
    co_return co_await search.run();
}

}  // namespace

void add_directory_application(dialplan::Applications& all) {
    all.add({.name = "Directory",
             .synopsis = "find an extension by its owner's name",
             .syntax = "Directory([vm-context[,dial-context[,options]]])",
             .parameters = {{"vm-context", "section of voicemail.conf whose names are searched; default"},
                            {"dial-context", "where the extension is; the same"},
                            {"options",
                             "f(n), l(n), b(n): by first, last (usual) or either name, n digits (3); c(file): instead "
                             "of voicemail.conf; e: say the extension too; m: up to 8 at once; n: do not answer; p(n): "
                             "wait n ms first; s: only set DIRECTORY_EXTEN. DIRECTORY_RESULT tells"}},
             .run = directory,
             .module = "app_directory"});
}

}  // namespace asterism::applications
