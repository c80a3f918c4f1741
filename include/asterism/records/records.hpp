// The records of what happened: CDR (a line for each call) and CEL (a line for each thing that happened in one). Both
// are made from the bus; files and databases are written on the blocking pool.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/config/file.hpp"

namespace asterism {
struct Pbx;
class Channel;
}  // namespace asterism

namespace asterism::records {

class CdrEngine;
class CelEngine;

/// Owned by main; it ends before the loop, which still writes what was asked for. Control loop only.
class Records {
  public:
    explicit Records(Pbx& pbx);
    ~Records();
    Records(const Records&) = delete;
    Records& operator=(const Records&) = delete;

    /// One configuration file: takes it over, null means that it is not there. Nothing changes while `report` has
    /// errors.
    struct ConfigFile {
        std::string name;
        std::string module;  ///< under which it is reloaded
        void (Records::*apply)(const config::File*, config::Report&);
    };
    [[nodiscard]] static const std::vector<ConfigFile>& files();
    /// Whether a file of that name would do.
    static void check(std::string_view name, const config::File& file, config::Report& report);

    [[nodiscard]] CdrEngine& cdr() { return *cdr_; }
    [[nodiscard]] CelEngine& cel() { return *cel_; }
    /// Everything that is put back (batch mode) is written now: the daemon stops, or `cdr submit`.
    void flush();

  private:
    void apply_cdr(const config::File* file, config::Report& report);
    void apply_cdr_custom(const config::File* file, config::Report& report);
    void apply_cdr_manager(const config::File* file, config::Report& report);
    void apply_cdr_sqlite(const config::File* file, config::Report& report);
    void apply_cel(const config::File* file, config::Report& report);
    void apply_cel_custom(const config::File* file, config::Report& report);

    Pbx& pbx_;
    std::unique_ptr<CdrEngine> cdr_;
    std::unique_ptr<CelEngine> cel_;
};

/// ForkCDR, ResetCDR, CELGenUserEvent; CDR, CDR_PROP; the console's `cdr` and `cel` commands. They find the Records in
/// pbx.records when they run.
void add_applications(Pbx& pbx);
void add_functions(Pbx& pbx);
void register_commands(Pbx& pbx);

}  // namespace asterism::records
