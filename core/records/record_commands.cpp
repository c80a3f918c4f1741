// The console's commands on records.
#include "asterism/cli/registry.hpp"
#include "asterism/pbx.hpp"
#include "asterism/records/records.hpp"
#include "core/records/cdr_engine.hpp"
#include "core/records/cel.hpp"

namespace asterism::records {

namespace {

cli::Result cdr_status(cli::Context& c, Records& records) {
    const CdrEngine& engine = records.cdr();
    const CdrSettings& s = engine.settings();
    const auto yes = [](bool on) { return on ? "Yes" : "No"; };
    c.print("\nCall Detail Record (CDR) settings\n----------------------------------\n");
    c.print("  Logging:                    {}\n", s.enabled ? "Enabled" : "Disabled");
    c.print("  Mode:                       {}\n", s.batch ? "Batch" : "Simple");
    if (!s.enabled) {
        c.print("\n");
        return cli::Result::success;
    }
    c.print("  Log calls by default:       {}\n", yes(s.default_enabled));
    c.print("  Log unanswered calls:       {}\n", yes(s.unanswered));
    c.print("  Log congestion:             {}\n\n", yes(s.congestion));
    c.print("  Ignore bridging changes:    {}\n\n", yes(s.ignore_bridges));
    c.print("  Ignore dial state changes:  {}\n\n", yes(s.ignore_dials));
    c.print("  Cancel disposition enabled: No\n\n");
    if (s.batch) {
        c.print("* Batch Mode Settings\n  -------------------\n");
        c.print("  Safe shutdown:              Enabled\n");
        c.print("  Threading model:            Scheduler only\n");
        c.print("  Current batch size:         {} record{}\n", engine.waiting(), engine.waiting() == 1 ? "" : "s");
        c.print("  Maximum batch size:         {} record{}\n", s.batch_size, s.batch_size == 1 ? "" : "s");
        c.print("  Maximum batch time:         {} second{}\n\n", s.batch_time.count(),
                s.batch_time.count() == 1 ? "" : "s");
    }
    c.print("* Registered Backends\n  -------------------\n");
    if (engine.backends().empty()) c.print("    (none)\n");
    for (const auto name : engine.backends()) c.print("    {:.19}\n", name);
    c.print("\n");
    return cli::Result::success;
}

cli::Result cel_status(cli::Context& c, Records& records) {
    const CelEngine& engine = records.cel();
    const CelSettings& s = engine.settings();
    c.print("CEL Logging: {}\n", s.enabled ? "Enabled" : "Disabled");
    if (!s.enabled) return cli::Result::success;
    if (s.all) c.print("CEL Tracking Event: ALL\n");
    for (int i = 0; i < static_cast<int>(CelType::count_); ++i) {
        const auto type = static_cast<CelType>(i);
        if (s.tracks(type)) c.print("CEL Tracking Event: {}\n", to_string(type));
    }
    for (const auto& app : s.apps) c.print("CEL Tracking Application: {}\n", app);
    for (const auto name : engine.backends()) c.print("CEL Event Subscriber: {}\n", name);
    return cli::Result::success;
}

cli::Result submit(cli::Context& c, Records& records) {
    if (!records.cdr().settings().enabled) {
        c.print("Cannot submit CDR batch: CDR engine disabled.\n");
    } else if (!records.cdr().settings().batch) {
        c.print("Cannot submit CDR batch: batch mode not enabled.\n");
    } else {
        records.flush();
        c.print("Submitted CDRs to backend engines for processing.  This may take a while.\n");
    }
    return cli::Result::success;
}

}  // namespace

void register_commands(Pbx& pbx) {
    const auto add = [&pbx](const char* name, const char* summary, const char* usage,
                            cli::Result (*run)(cli::Context&, Records&)) {
        pbx.cli->add({.name = name, .summary = summary, .usage = usage, .run = [&pbx, run](cli::Context& c) {
                          return run(c, *pbx.records);
                      }});
    };
    add("cdr show status", "Display the CDR status", "\n       Shows how call detail records are made.\n", cdr_status);
    add("cdr submit", "Posts all pending batched CDR data", "\n       Writes what batch mode has put back.\n", submit);
    add("cel show status", "Display the CEL status", "\n       Shows which channel events are logged.\n", cel_status);
}

}  // namespace asterism::records
