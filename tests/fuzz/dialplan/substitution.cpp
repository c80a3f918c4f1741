// ${...} in any text, and the splitting of arguments.
#include <cstdint>

#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/whole.hpp"

namespace {

struct Quiet final : asterism::log::Backend {
    void write(const asterism::log::Record&) override {}
};

/// Values that are themselves made of the input, so that what comes out is read again.
struct Scope final : asterism::dialplan::Scope {
    std::string_view text;
    bool append_variable(std::string_view name, std::string& out) override {
        out += name.size() % 2 == 0 ? text.substr(0, 32) : name;
        return true;
    }
    bool append_function(std::string_view name, std::string_view args, std::string& out) override {
        out.append(name).append(args);
        return true;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Quiet quiet;
    asterism::log::set_backend(&quiet);
    if (size > 4096) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Scope scope;
    scope.text = text;
    const std::string out = asterism::dialplan::substitute(scope, text);
    (void)asterism::dialplan::split_arguments(out);
    (void)asterism::dialplan::split_arguments(text, ',', 3);
    (void)asterism::dialplan::OptionLetters(text).letters();
    (void)asterism::dialplan::parse_gosub(text);
    (void)asterism::from_seconds(asterism::leading_number(text));
    (void)asterism::dialplan::is_true(text);
    return 0;
}
