// Dialplan functions that func_odbc.conf defines: ODBC_NAME(args) runs a statement of the administrator's.
#pragma once

#include <string>
#include <vector>

#include "asterism/config/file.hpp"
#include "asterism/store/realtime.hpp"

namespace asterism {
struct Pbx;
}

namespace asterism::functions {

/// Owned by main; control loop only. With the first section come SQL_ESC, SQL_ESC_BACKSLASHES, ODBC_FETCH and the
/// application ODBCFinish; they go with the last.
class OdbcFunctions {
  public:
    explicit OdbcFunctions(Pbx& pbx) : pbx_(pbx) {}
    OdbcFunctions(const OdbcFunctions&) = delete;
    OdbcFunctions& operator=(const OdbcFunctions&) = delete;

    /// func_odbc.conf (null: there is none) over the databases of res_odbc.conf. Nothing changes if the report has
    /// errors. Calls to the old functions that wait go on with the old statements.
    void configure(const config::File* file, const store::OdbcDatabases& databases, config::Report& report);

  private:
    void remove_all();
    Pbx& pbx_;
    std::vector<std::string> names_;
};

}  // namespace asterism::functions
