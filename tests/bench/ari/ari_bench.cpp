// What ARI's answers and events cost before they reach a socket.
#include <benchmark/benchmark.h>

#include "asterism/model/endpoint.hpp"
#include "interfaces/ari/service.hpp"
#include "support/test_pbx.hpp"

namespace asterism::ari {
namespace {

/// A PBX with a thousand endpoints.
struct Thousand {
    Thousand() : endpoints(pbx.pbx) {
        pbx.pbx.endpoints = &endpoints;
        for (int i = 0; i < 1000; ++i) endpoints.add("PJSIP", "p" + std::to_string(i), "offline");
    }
    TestPbx pbx;
    Endpoints endpoints;
};

/// GET /endpoints of one who polls.
void endpoints_unchanged(benchmark::State& state) {
    Thousand thousand;
    EndpointLists lists(thousand.pbx.pbx);
    for (auto _ : state) benchmark::DoNotOptimize(lists.of({}));
}
BENCHMARK(endpoints_unchanged);

/// The same when one has changed since.
void endpoints_after_a_change(benchmark::State& state) {
    Thousand thousand;
    EndpointLists lists(thousand.pbx.pbx);
    bool online = false;
    for (auto _ : state) {
        online = !online;
        thousand.endpoints.set_state("PJSIP", "p500", online ? "online" : "offline");
        benchmark::DoNotOptimize(lists.of({}));
    }
}
BENCHMARK(endpoints_after_a_change)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace asterism::ari
