#include <sql.h>
#include <sqlext.h>

#include "asterism/store/sql.hpp"

namespace asterism::store {
namespace {

bool worked(SQLRETURN code) { return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO; }
SQLCHAR* bytes_of(std::string_view text) {
    return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.data()));  // NOLINT: ODBC's C types are not const
}

/// A handle of ODBC; freed with it.
template <SQLSMALLINT Type>
class Handle {
  public:
    explicit Handle(SQLHANDLE parent) { SQLAllocHandle(Type, parent, &handle_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (handle_) SQLFreeHandle(Type, handle_);
    }
    [[nodiscard]] SQLHANDLE get() const { return handle_; }
    /// What the driver says of the last call.
    [[nodiscard]] std::string error() const {
        SQLCHAR state[6]{}, text[512]{};
        SQLSMALLINT size = 0;
        if (!worked(SQLGetDiagRec(Type, handle_, 1, state, nullptr, text, sizeof text, &size)))
            return "ODBC failed without a reason";
        return std::string(reinterpret_cast<char*>(text)) + " [" + reinterpret_cast<char*>(state) + "]";
    }

  private:
    SQLHANDLE handle_ = SQL_NULL_HANDLE;
};

class Odbc final : public SqlConnection {
  public:
    explicit Odbc(const OdbcSettings& settings) : settings_(settings) {
        SQLSetEnvAttr(environment_.get(), SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
        connection_ = std::make_unique<Handle<SQL_HANDLE_DBC>>(environment_.get());
    }
    Odbc(const Odbc&) = delete;
    Odbc& operator=(const Odbc&) = delete;
    ~Odbc() override {
        if (connected_) SQLDisconnect(connection_->get());
    }
    /// Nothing, or what went wrong.
    std::string connect() {
        SQLSetConnectAttr(connection_->get(), SQL_ATTR_LOGIN_TIMEOUT,
                          reinterpret_cast<SQLPOINTER>(settings_.connect_timeout.count()), 0);
        connected_ = worked(SQLConnect(connection_->get(), bytes_of(settings_.dsn), SQL_NTS, bytes_of(settings_.user),
                                       SQL_NTS, bytes_of(settings_.password), SQL_NTS));
        return connected_ ? std::string{} : connection_->error();
    }

    std::expected<SqlResult, std::string> run(std::string_view text, const std::vector<std::string>& values) override {
        const Handle<SQL_HANDLE_STMT> statement(connection_->get());
        std::vector<SQLLEN> sizes(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            sizes[i] = static_cast<SQLLEN>(values[i].size());
            SQLBindParameter(statement.get(), static_cast<SQLUSMALLINT>(i + 1), SQL_PARAM_INPUT, SQL_C_CHAR,
                             SQL_VARCHAR, values[i].empty() ? 1 : values[i].size(), 0, bytes_of(values[i]), sizes[i],
                             &sizes[i]);
        }
        const auto code = SQLExecDirect(statement.get(), bytes_of(text), static_cast<SQLINTEGER>(text.size()));
        if (!worked(code) && code != SQL_NO_DATA) return std::unexpected(statement.error());
        SqlResult result;
        SQLLEN affected = 0;
        SQLRowCount(statement.get(), &affected);
        result.affected = affected > 0 ? affected : 0;
        SQLSMALLINT columns = 0;
        SQLNumResultCols(statement.get(), &columns);
        for (SQLSMALLINT i = 1; i <= columns; ++i) {
            SQLCHAR name[256]{};
            SQLSMALLINT size = 0;
            SQLDescribeCol(statement.get(), static_cast<SQLUSMALLINT>(i), name, sizeof name, &size, nullptr, nullptr,
                           nullptr, nullptr);
            result.columns.emplace_back(reinterpret_cast<char*>(name));
        }
        while (columns > 0 && result.rows.size() < max_rows && worked(SQLFetch(statement.get()))) {
            auto& row = result.rows.emplace_back();
            for (SQLSMALLINT i = 1; i <= columns; ++i)
                row.push_back(column(statement.get(), static_cast<SQLUSMALLINT>(i)));
        }
        if (columns > 0) result.affected = static_cast<std::int64_t>(result.rows.size());
        return result;
    }
    [[nodiscard]] bool alive() override {
        SQLUINTEGER dead = SQL_CD_FALSE;
        if (worked(SQLGetConnectAttr(connection_->get(), SQL_ATTR_CONNECTION_DEAD, &dead, 0, nullptr)) &&
            dead == SQL_CD_TRUE)
            return false;
        if (settings_.sanity_sql.empty()) return true;
        const Handle<SQL_HANDLE_STMT> statement(connection_->get());
        return worked(SQLExecDirect(statement.get(), bytes_of(settings_.sanity_sql), SQL_NTS));
    }
    /// Names were checked before; drivers differ in their quotes.
    [[nodiscard]] std::string quoted_name(std::string_view name) const override { return std::string(name); }
    /// MySQL reads a backslash in a text as an escape of its own, and takes it in LIKE anyway.
    [[nodiscard]] std::string_view like_escape() const override {
        SQLCHAR name[64]{};
        SQLSMALLINT size = 0;
        SQLGetInfo(connection_->get(), SQL_DBMS_NAME, name, sizeof name, &size);
        const std::string_view text = reinterpret_cast<const char*>(name);
        return text.starts_with("MySQL") || text.starts_with("MariaDB") ? "" : SqlConnection::like_escape();
    }

  private:
    static std::optional<std::string> column(SQLHANDLE statement, SQLUSMALLINT number) {
        std::string value;
        char buffer[4096];
        for (;;) {
            SQLLEN size = 0;
            const auto code = SQLGetData(statement, number, SQL_C_CHAR, buffer, sizeof buffer, &size);
            if (!worked(code) || size == SQL_NULL_DATA) return value.empty() ? std::nullopt : std::optional(value);
            const bool more =
                code == SQL_SUCCESS_WITH_INFO && (size == SQL_NO_TOTAL || size >= static_cast<SQLLEN>(sizeof buffer));
            value.append(buffer, more ? sizeof buffer - 1 : static_cast<std::size_t>(size));
            if (!more || value.size() > (1u << 20)) return value;
        }
    }

    OdbcSettings settings_;
    Handle<SQL_HANDLE_ENV> environment_{SQL_NULL_HANDLE};
    std::unique_ptr<Handle<SQL_HANDLE_DBC>> connection_;
    bool connected_ = false;
};

}  // namespace

SqlConnector odbc_connector(OdbcSettings settings) {
    return [settings = std::move(settings)]() -> std::expected<std::unique_ptr<SqlConnection>, std::string> {
        auto connection = std::make_unique<Odbc>(settings);
        if (auto error = connection->connect(); !error.empty())
            return std::unexpected("ODBC " + settings.dsn + ": " + error);
        return connection;
    };
}

}  // namespace asterism::store
