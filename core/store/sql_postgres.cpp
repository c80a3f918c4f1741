#include <postgresql/libpq-fe.h>

#include <algorithm>
#include <charconv>

#include "asterism/store/sql.hpp"

namespace asterism::store {
namespace {

struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
};

/// libpq's messages end with a line end.
std::string message(const char* text) {
    std::string line(text);
    while (line.ends_with('\n')) line.pop_back();
    return line.empty() ? "the connection failed" : line;
}

/// `?` outside quotes as $1, $2...
std::string numbered(std::string_view text) {
    std::string out;
    char quote = 0;
    int number = 0;
    for (const char c : text) {
        if (quote) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '?') {
            out += '$' + std::to_string(++number);
            continue;
        }
        out += c;
    }
    return out;
}

class Postgres final : public SqlConnection {
  public:
    explicit Postgres(std::unique_ptr<PGconn, Finish> connection) : connection_(std::move(connection)) {}

    std::expected<SqlResult, std::string> run(std::string_view text, const std::vector<std::string>& values) override {
        std::vector<const char*> parameters;
        for (const auto& value : values) parameters.push_back(value.c_str());
        const std::unique_ptr<PGresult, Clear> got(PQexecParams(connection_.get(), numbered(text).c_str(),
                                                                static_cast<int>(values.size()), nullptr,
                                                                parameters.data(), nullptr, nullptr, 0));
        const auto status = PQresultStatus(got.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            return std::unexpected(message(PQerrorMessage(connection_.get())));
        SqlResult result;
        const int columns = PQnfields(got.get());
        for (int i = 0; i < columns; ++i) result.columns.emplace_back(PQfname(got.get(), i));
        const int rows = std::min(PQntuples(got.get()), static_cast<int>(max_rows));
        for (int r = 0; r < rows; ++r) {
            auto& row = result.rows.emplace_back();
            for (int i = 0; i < columns; ++i) {
                if (PQgetisnull(got.get(), r, i))
                    row.emplace_back();
                else
                    row.emplace_back(std::in_place, PQgetvalue(got.get(), r, i),
                                     static_cast<std::size_t>(PQgetlength(got.get(), r, i)));
            }
        }
        const std::string_view count = PQcmdTuples(got.get());
        std::from_chars(count.data(), count.data() + count.size(), result.affected);
        return result;
    }
    [[nodiscard]] bool alive() override { return PQstatus(connection_.get()) == CONNECTION_OK; }
    /// Lower case, as PostgreSQL reads names without quotes.
    [[nodiscard]] std::string quoted_name(std::string_view name) const override {
        std::string out(name);
        std::ranges::transform(out, out.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        return "\"" + out + "\"";
    }

  private:
    std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace

SqlConnector postgres_connector(std::string info) {
    return [info = std::move(info)]() -> std::expected<std::unique_ptr<SqlConnection>, std::string> {
        std::unique_ptr<PGconn, Finish> connection(PQconnectdb(info.c_str()));
        if (PQstatus(connection.get()) != CONNECTION_OK)
            return std::unexpected(message(PQerrorMessage(connection.get())));
        return std::make_unique<Postgres>(std::move(connection));
    };
}

}  // namespace asterism::store
