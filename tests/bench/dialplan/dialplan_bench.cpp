// The dialplan's own cost: loading, matching, and what a priority that does not wait takes.
#include <benchmark/benchmark.h>

#include "asterism/dialplan/builder.hpp"
#include "unit/dialplan/mini_pbx.hpp"

namespace asterism::dialplan {
namespace {

/// 10,000 extensions and 500 patterns in one context.
std::string large_plan() {
    std::string text = "[default]\n";
    for (int i = 0; i < 10'000; ++i) {
        const std::string exten = std::to_string(100'000 + i * 7);
        text += "exten => " + exten + ",1,Dial(PJSIP/" + exten + ",20,${OPTIONS})\n same => n,Hangup()\n";
    }
    for (int i = 0; i < 500; ++i) {
        const std::string start = std::to_string(200 + i);
        text += "exten => _" + start +
                (i % 3 == 0   ? "NXXXXXX"
                 : i % 3 == 1 ? "[2-5]X."
                              : "ZXX!") +
                ",1,NoOp(${EXTEN:3})\n";
    }
    return text;
}

std::shared_ptr<const Plan> compile(const std::string& text) {
    config::MapSource source;
    source.files["/extensions.conf"] = text;
    config::Report report;
    const auto file = config::read(source, "extensions.conf", {.directory = "/"}, report);
    return Plan::from(*file, report);
}

void load_ten_thousand(benchmark::State& state) {
    const std::string text = large_plan();
    for (auto _ : state) benchmark::DoNotOptimize(compile(text));
}
BENCHMARK(load_ten_thousand)->Unit(benchmark::kMillisecond);

void match(benchmark::State& state, std::string_view exten) {
    const auto plan = compile(large_plan());
    const Plan::Query query{.context = "default", .exten = exten, .caller = "1000", .now = {}};
    for (auto _ : state) benchmark::DoNotOptimize(plan->find(query));
}
BENCHMARK_CAPTURE(match, exact, "135000");
BENCHMARK_CAPTURE(match, pattern, "4502345678");
BENCHMARK_CAPTURE(match, none, "9999999");

void expression(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(evaluate_expression("41 + 1"));
}
BENCHMARK(expression);

/// 50 rounds of Set(i=$[${i} + 1]) and GotoIf($[${i} < 50]?loop), with all that belongs to a call of no length.
void fifty_rounds(benchmark::State& state) {
    MiniPbx pbx;
    pbx.extensions(
        "[default]\nexten => 1,1,Set(i=0)\n same => n(loop),Set(i=$[${i} + 1])\n same => n,GotoIf($[${i} < "
        "50]?loop)\n");
    for (auto _ : state) {
        pbx.call("1");
        pbx.phones.log.clear();
    }
}
BENCHMARK(fifty_rounds)->Unit(benchmark::kMicrosecond);

void no_rounds(benchmark::State& state) {
    MiniPbx pbx;
    pbx.extensions("[default]\nexten => 1,1,Set(i=0)\n");
    for (auto _ : state) {
        pbx.call("1");
        pbx.phones.log.clear();
    }
}
BENCHMARK(no_rounds)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace asterism::dialplan
