// What an AGI command costs without its system calls: from bytes that arrived to the reply.
#include <benchmark/benchmark.h>

#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "interfaces/agi/agi.hpp"
#include "interfaces/agi/command_line.hpp"
#include "interfaces/agi/commands.hpp"
#include "support/test_pbx.hpp"
#include "unit/agi/wire.hpp"

namespace asterism::agi {
namespace {

void parse_and_find(benchmark::State& state) {
    CommandLine line;
    for (auto _ : state) {
        (void)line.parse("SET VARIABLE NAME \"a value of some length\"");
        benchmark::DoNotOptimize(find_command(line.words()));
    }
}
BENCHMARK(parse_and_find);

void command(benchmark::State& state, const char* text) {
    TestPbx pbx;
    TestLinker linker;
    functions::add_functions(pbx.pbx);
    applications::add_applications(pbx.pbx);
    add_applications(pbx.pbx, linker);
    pbx.extensions("[default]\nexten => agi,1,Answer()\n same => n,AGI(agi://h)\n");
    pbx.phones.call_in("alice", "default", "agi");
    pbx.loop.run();
    for (auto _ : state) {
        linker.wire->to_script.clear();
        linker.wire->to_pbx = text;
        linker.wire->wake();
        pbx.loop.run();
        benchmark::DoNotOptimize(linker.wire->to_script.data());
    }
}
BENCHMARK_CAPTURE(command, noop, "NOOP\n");
BENCHMARK_CAPTURE(command, set_variable, "SET VARIABLE NAME \"a value of some length\"\n");
BENCHMARK_CAPTURE(command, get_function, "GET VARIABLE CALLERID(num)\n");

}  // namespace
}  // namespace asterism::agi
