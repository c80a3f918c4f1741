// Fetching a URL for CURL(): what is asked, what came back, and who does it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace asterism {
class Loop;
}

namespace asterism::functions {

struct FetchRequest {
    std::string url;
    std::optional<std::string> post;  ///< a POST with this body
    std::string file{};               ///< write the body there instead of giving it back
    /// Options by the names that CURLOPT() knows, checked before; several of "httpheader".
    std::vector<std::pair<std::string, std::string>> options{};
};

struct FetchResult {
    std::string body{};
    long status = 0;      ///< of HTTP; 0: none came
    std::string error{};  ///< empty: it worked
};

/// A body longer than this, in bytes, is an error unless it goes to a file.
inline constexpr std::size_t max_fetched = 4u << 20;

class Fetcher {
  public:
    virtual ~Fetcher() = default;
    /// Forgets the transfer when it goes; `done` is not called any more.
    class Transfer {
      public:
        virtual ~Transfer() = default;
    };
    /// `done` is called once, on the control loop, never from within.
    virtual std::unique_ptr<Transfer> fetch(FetchRequest request, std::function<void(FetchResult)> done) = 0;
};

/// By libcurl, on one thread for all transfers that starts with the first. Control loop only.
[[nodiscard]] std::shared_ptr<Fetcher> make_curl_fetcher(Loop& loop);

}  // namespace asterism::functions
