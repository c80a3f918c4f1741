#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <atomic>
#include <cstdio>
#include <filesystem>

#include "client.hpp"
#include "interfaces/http/tls_stream.hpp"

namespace asterism::http {
namespace {

using testing::Client;
using testing::RunningServer;

/// A self-signed certificate and its key in one file.
class Certificate {
  public:
    Certificate()
        : path_(std::filesystem::temp_directory_path() / ("tls_test_" + std::to_string(::getpid()) + ".pem")) {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = X509_new();
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_NAME* name = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
        X509_set_issuer_name(certificate, name);
        X509_sign(certificate, key, EVP_sha256());
        std::FILE* file = std::fopen(path_.c_str(), "w");
        PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
        PEM_write_X509(file, certificate);
        std::fclose(file);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    ~Certificate() { std::filesystem::remove(path_); }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

TEST(Tls, ServesRequestsLargeAndSmall) {
    const Certificate certificate;
    RunningServer server([&](auto& s) {
        s.config.tls_enabled = true;
        s.config.tls_bindaddr = "127.0.0.1:0";
        s.config.tls_certificate_file = certificate.path();
        s.router.add({"/big", false, "", [](const Request& request, Responder responder) {
                          responder.response().body = std::string(1 << 20, request.secure ? 's' : 'p');
                          responder.send();
                      }});
    });
    ASSERT_EQ(server.error, "");
    Client client(server.on_loop([&] { return server.server().tls_address(); }));
    ASSERT_TRUE(client.connected());
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, client.fd());
    ASSERT_EQ(SSL_connect(ssl), 1);
    const std::string request = "GET /big HTTP/1.1\r\n\r\nGET /nosuch HTTP/1.1\r\nConnection: close\r\n\r\n";
    SSL_write(ssl, request.data(), static_cast<int>(request.size()));
    std::string text;
    char part[16384];
    for (int got = 0; (got = SSL_read(ssl, part, sizeof part)) > 0;) text.append(part, static_cast<std::size_t>(got));
    EXPECT_GT(text.size(), std::size_t{1} << 20);
    EXPECT_NE(text.find("ssssssss"), std::string::npos);
    EXPECT_NE(text.find("404 Not Found"), std::string::npos);
    SSL_free(ssl);
    SSL_CTX_free(context);
}

TEST(Tls, OnlySoManyHandshakesAtOnce) {
    Handshakes handshakes(2);
    std::vector<int> begun;
    const auto enter = [&](int which, bool alive = true) {
        handshakes.enter([&begun, which, alive] {
            if (alive) begun.push_back(which);
            return alive;
        });
    };
    for (int i = 0; i < 3; ++i) enter(i);
    enter(3, false);  // gone by the time it is its turn
    enter(4);
    EXPECT_EQ(begun, (std::vector{0, 1}));
    handshakes.leave();
    EXPECT_EQ(begun, (std::vector{0, 1, 2}));
    handshakes.leave();
    EXPECT_EQ(begun, (std::vector{0, 1, 2, 4}));
    handshakes.leave();
    handshakes.leave();
    EXPECT_EQ(handshakes.running(), 0U);
    EXPECT_EQ(handshakes.most(), 2U);
}

TEST(Tls, ManyAtTheDoorAllComeIn) {
    const Certificate certificate;
    RunningServer server([&](auto& s) {
        s.config.tls_enabled = true;
        s.config.tls_bindaddr = "127.0.0.1:0";
        s.config.tls_certificate_file = certificate.path();
        s.config.tls_cipher = "ECDHE-ECDSA-AES256-GCM-SHA384";
        s.config.tls_server_cipher_order = true;
    });
    ASSERT_EQ(server.error, "");
    const auto address = server.on_loop([&] { return server.server().tls_address(); });
    std::vector<std::unique_ptr<Client>> deaf;  // that say nothing
    for (int i = 0; i < 10; ++i) deaf.push_back(std::make_unique<Client>(address));
    std::vector<std::thread> clients;
    std::atomic<int> good = 0;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            Client client(address);
            SSL_CTX* context = SSL_CTX_new(TLS_client_method());
            SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
            SSL* ssl = SSL_new(context);
            SSL_set_fd(ssl, client.fd());
            if (SSL_connect(ssl) == 1 && std::string(SSL_get_cipher(ssl)) == "ECDHE-ECDSA-AES256-GCM-SHA384") ++good;
            SSL_free(ssl);
            SSL_CTX_free(context);
        });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(good, 8);
    // A version that is switched off.
    auto config = server.config;
    config.tls_disable_v12 = true;
    ASSERT_TRUE(server.on_loop([&] { return server.server().apply(config).has_value(); }));
    Client client(address);
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, client.fd());
    EXPECT_NE(SSL_connect(ssl), 1);
    SSL_free(ssl);
    SSL_CTX_free(context);
}

TEST(Tls, PlainTextOnTheTlsPortAndBadFilesHurtNobody) {
    const Certificate certificate;
    RunningServer server([&](auto& s) {
        s.config.tls_enabled = true;
        s.config.tls_bindaddr = "127.0.0.1:0";
        s.config.tls_certificate_file = certificate.path();
    });
    Client client(server.on_loop([&] { return server.server().tls_address(); }));
    client.send("GET / HTTP/1.1\r\n\r\n");
    client.read_all();
    EXPECT_TRUE(client.closed());
    auto config = server.config;
    config.tls_certificate_file = "/nonexistent.pem";
    const auto applied = server.on_loop([&] { return server.server().apply(config); });
    ASSERT_FALSE(applied);
    EXPECT_THAT(applied.error(), ::testing::StartsWith("/nonexistent.pem: "));
    EXPECT_NE(server.address().port, 0);  // everything as it was
}

}  // namespace
}  // namespace asterism::http
