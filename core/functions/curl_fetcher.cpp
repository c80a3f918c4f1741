// libcurl's multi interface on a thread of its own: a slow server holds up neither the loop nor the pool.
#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/whole.hpp"
#include "core/functions/fetcher.hpp"

namespace asterism::functions {
namespace {

struct EasyFree {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListFree {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FileClose {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

/// One transfer; shared by the thread and whoever waits for it.
struct Job {
    FetchRequest request;
    FetchResult result{};
    std::function<void(FetchResult)> done{};  // control loop only; empty once nobody waits
    std::atomic<bool> abandoned = false;
    // the thread's
    std::unique_ptr<CURL, EasyFree> easy{};
    std::unique_ptr<curl_slist, ListFree> headers{};
    std::unique_ptr<std::FILE, FileClose> file{};
};

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* user) {
    auto& job = *static_cast<Job*>(user);
    if (job.file) return std::fwrite(bytes, 1, size, job.file.get());
    if (job.result.body.size() + size > max_fetched) {
        job.result.error = "the answer is too long";
        return 0;
    }
    job.result.body.append(bytes, size);
    return size;
}

/// Gives up when nobody waits any more.
int watch(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Job*>(user)->abandoned.load() ? 1 : 0;
}

struct NamedOption {
    std::string_view name;
    CURLoption option;
    enum class Kind : unsigned char { text, number, flag, seconds } kind;
};
constexpr NamedOption options[] = {
    {"cookie", CURLOPT_COOKIE, NamedOption::Kind::text},
    {"conntimeout", CURLOPT_CONNECTTIMEOUT_MS, NamedOption::Kind::seconds},
    {"dnstimeout", CURLOPT_DNS_CACHE_TIMEOUT, NamedOption::Kind::number},
    {"followlocation", CURLOPT_FOLLOWLOCATION, NamedOption::Kind::flag},
    {"ftptext", CURLOPT_TRANSFERTEXT, NamedOption::Kind::flag},
    {"ftptimeout", CURLOPT_SERVER_RESPONSE_TIMEOUT, NamedOption::Kind::number},
    {"header", CURLOPT_HEADER, NamedOption::Kind::flag},
    {"httptimeout", CURLOPT_TIMEOUT_MS, NamedOption::Kind::seconds},
    {"maxredirs", CURLOPT_MAXREDIRS, NamedOption::Kind::number},
    {"proxy", CURLOPT_PROXY, NamedOption::Kind::text},
    {"proxyport", CURLOPT_PROXYPORT, NamedOption::Kind::number},
    {"proxyuserpwd", CURLOPT_PROXYUSERPWD, NamedOption::Kind::text},
    {"referer", CURLOPT_REFERER, NamedOption::Kind::text},
    {"useragent", CURLOPT_USERAGENT, NamedOption::Kind::text},
    {"userpwd", CURLOPT_USERPWD, NamedOption::Kind::text},
    {"ssl_verifypeer", CURLOPT_SSL_VERIFYPEER, NamedOption::Kind::flag},
    {"ssl_cainfo", CURLOPT_CAINFO, NamedOption::Kind::text},
    {"ssl_capath", CURLOPT_CAPATH, NamedOption::Kind::text},
    {"ssl_cert", CURLOPT_SSLCERT, NamedOption::Kind::text},
    {"ssl_certtype", CURLOPT_SSLCERTTYPE, NamedOption::Kind::text},
    {"ssl_key", CURLOPT_SSLKEY, NamedOption::Kind::text},
    {"ssl_keytype", CURLOPT_SSLKEYTYPE, NamedOption::Kind::text},
    {"ssl_keypasswd", CURLOPT_KEYPASSWD, NamedOption::Kind::text},
};

bool yes(const std::string& value) { return value == "1" || value == "yes" || value == "true" || value == "on"; }

void set_option(Job& job, const std::string& name, const std::string& value) {
    CURL* easy = job.easy.get();
    if (name == "httpheader") {
        if (auto* longer = curl_slist_append(job.headers.get(), value.c_str())) {
            (void)job.headers.release();
            job.headers.reset(longer);
        }
        return;
    }
    if (name == "httpauth") {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, value == "digest" ? CURLAUTH_DIGEST : CURLAUTH_BASIC);
        return;
    }
    if (name == "ssl_verifyhost") {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, yes(value) || value == "2" ? 2L : 0L);
        return;
    }
    if (name == "proxytype") {
        const long type = value == "socks4" ? CURLPROXY_SOCKS4 : value == "socks5" ? CURLPROXY_SOCKS5 : CURLPROXY_HTTP;
        curl_easy_setopt(easy, CURLOPT_PROXYTYPE, type);
        return;
    }
    const auto* known = std::ranges::find(options, name, &NamedOption::name);
    if (known == std::end(options)) return;
    const double number = std::clamp(leading_number(value), -1.0, 1e6);
    switch (known->kind) {
        case NamedOption::Kind::text: curl_easy_setopt(easy, known->option, value.c_str()); break;
        case NamedOption::Kind::flag: curl_easy_setopt(easy, known->option, yes(value) ? 1L : 0L); break;
        case NamedOption::Kind::number: curl_easy_setopt(easy, known->option, static_cast<long>(number)); break;
        case NamedOption::Kind::seconds:
            curl_easy_setopt(easy, known->option, static_cast<long>(std::max(number, 0.0) * 1000));
            break;
    }
}

/// False: `result.error` says why there is no transfer.
bool prepare(Job& job) {
    const auto& request = job.request;
    if (!request.file.empty()) {
        job.file.reset(std::fopen(request.file.c_str(), "we"));
        if (!job.file) {
            job.result.error = "cannot write " + request.file;
            return false;
        }
    }
    job.easy.reset(curl_easy_init());
    CURL* easy = job.easy.get();
    if (!easy) {
        job.result.error = "out of memory";
        return false;
    }
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 180L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "asterisk-libcurl-agent/1.0");
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    // file:, dict:, gopher: and the like are no business of a dialplan that fetches what a caller typed.
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,ftp,ftps,tftp");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https,ftp,ftps");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &job);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &job);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &job);
    if (request.post) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.post->size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.post->c_str());
    }
    for (const auto& [name, value] : request.options) set_option(job, name, value);
    if (job.headers) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, job.headers.get());
    return true;
}

class CurlFetcher final : public Fetcher {
  public:
    explicit CurlFetcher(Loop& loop) : loop_(loop) {}
    CurlFetcher(const CurlFetcher&) = delete;
    CurlFetcher& operator=(const CurlFetcher&) = delete;
    ~CurlFetcher() override {
        if (!thread_.joinable()) return;
        stopping_ = true;
        curl_multi_wakeup(multi_);
        thread_.join();
        curl_multi_cleanup(multi_);
    }

    std::unique_ptr<Transfer> fetch(FetchRequest request, std::function<void(FetchResult)> done) override {
        if (!thread_.joinable()) {
            curl_global_init(CURL_GLOBAL_DEFAULT);
            multi_ = curl_multi_init();
            thread_ = std::thread([this] { run(); });
        }
        auto job = std::make_shared<Job>();
        job->request = std::move(request);
        job->done = std::move(done);
        {
            const std::lock_guard lock(mutex_);
            waiting_.push_back(job);
        }
        curl_multi_wakeup(multi_);
        struct Forget final : Transfer {
            explicit Forget(std::shared_ptr<Job> j) : job(std::move(j)) {}
            Forget(const Forget&) = delete;
            Forget& operator=(const Forget&) = delete;
            ~Forget() override {
                job->done = nullptr;
                job->abandoned = true;
            }
            std::shared_ptr<Job> job;
        };
        return std::make_unique<Forget>(std::move(job));
    }

  private:
    void run() {
        std::vector<std::shared_ptr<Job>> running;
        while (!stopping_) {
            std::vector<std::shared_ptr<Job>> fresh;
            {
                const std::lock_guard lock(mutex_);
                fresh.swap(waiting_);
            }
            for (auto& job : fresh) {
                if (!prepare(*job)) {
                    finish(job);
                } else {
                    curl_multi_add_handle(multi_, job->easy.get());
                    running.push_back(std::move(job));
                }
            }
            int active = 0;
            curl_multi_perform(multi_, &active);
            int left = 0;
            while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
                if (message->msg != CURLMSG_DONE) continue;
                Job* ended = nullptr;
                curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
                if (message->data.result != CURLE_OK && ended->result.error.empty())
                    ended->result.error = curl_easy_strerror(message->data.result);
                curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &ended->result.status);
                curl_multi_remove_handle(multi_, message->easy_handle);
                const auto place = std::ranges::find(running, ended, &std::shared_ptr<Job>::get);
                finish(*place);
                running.erase(place);
            }
            curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
        }
        for (auto& job : running) curl_multi_remove_handle(multi_, job->easy.get());
    }

    void finish(std::shared_ptr<Job> job) {
        job->easy.reset();
        if (job->file && std::fclose(job->file.release()) != 0 && job->result.error.empty())
            job->result.error = "cannot write " + job->request.file;
        loop_.post([job = std::move(job)] {
            if (job->done) std::exchange(job->done, nullptr)(std::move(job->result));
        });
    }

    Loop& loop_;
    CURLM* multi_ = nullptr;
    std::mutex mutex_;
    std::vector<std::shared_ptr<Job>> waiting_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace

std::shared_ptr<Fetcher> make_curl_fetcher(Loop& loop) { return std::make_shared<CurlFetcher>(loop); }

}  // namespace asterism::functions
