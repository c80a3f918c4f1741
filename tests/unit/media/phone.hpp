// A far end for tests: one UDP socket on loopback that speaks RTP.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <vector>

#include "asterism/media/engine.hpp"
#include "media/rtp_packet.hpp"
#include "media/socket_address.hpp"
#include "media/telephone_event.hpp"

namespace asterism::media {

class Phone {
  public:
    struct Received {
        RtpHeader header;
        std::vector<std::uint8_t> payload;
    };
    explicit Phone(const char* ip = "127.0.0.1") {
        auto address = *SocketAddress::parse({ip, 0});
        fd_ = socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(bind(fd_, address.raw(), address.size()), 0);
        socklen_t length = SocketAddress::capacity;
        getsockname(fd_, address.raw(), &length);
        address_ = address;
    }
    ~Phone() { close(fd_); }
    Phone(const Phone&) = delete;
    Phone& operator=(const Phone&) = delete;

    [[nodiscard]] Address address() const { return address_.text(); }
    void to(const Address& there) { peer_ = *SocketAddress::parse(there); }

    void send_raw(std::span<const std::uint8_t> bytes) {
        EXPECT_EQ(sendto(fd_, bytes.data(), bytes.size(), 0, peer_.raw(), peer_.size()),
                  static_cast<ssize_t>(bytes.size()));
    }
    void send(std::uint8_t type, std::span<const std::uint8_t> payload, bool marker = false) {
        std::vector<std::uint8_t> packet(12 + payload.size());
        write_rtp_header(packet.data(), {type, marker, sequence++, timestamp, ssrc});
        std::copy(payload.begin(), payload.end(), packet.begin() + 12);
        send_raw(packet);
    }
    /// 20 ms of G.711.
    void say(std::uint8_t type, std::uint8_t byte) {
        send(type, std::vector<std::uint8_t>(160, byte));
        timestamp += 160;
    }
    /// A digit as RFC 4733 has it: `packets` updates and three ends.
    void press(char digit, std::uint8_t type = 101, int packets = 4) {
        std::uint8_t bytes[4];
        for (int i = 1; i <= packets + 2; ++i) {
            const bool end = i >= packets;
            const auto duration = static_cast<std::uint16_t>(160 * std::min(i, packets));
            write_telephone_event(bytes, {*event_of_digit(digit), end, 10, duration});
            send(type, bytes, i == 1);
        }
        timestamp += static_cast<std::uint32_t>(160 * packets);
    }
    /// The next datagram, waiting for it at most 5 s; empty if none came.
    std::vector<std::uint8_t> receive_raw(int milliseconds = 5000) {
        pollfd p{fd_, POLLIN, 0};
        std::vector<std::uint8_t> bytes(2048);
        ssize_t n = 0;
        if (poll(&p, 1, milliseconds) == 1) n = recv(fd_, bytes.data(), bytes.size(), 0);
        bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return bytes;
    }
    std::optional<Received> receive(int milliseconds = 5000) {
        const auto bytes = receive_raw(milliseconds);
        const auto packet = parse_rtp(bytes);
        if (!packet) return std::nullopt;
        const std::uint8_t* at = bytes.data() + packet->payload_at;
        return Received{packet->header, {at, at + packet->payload_bytes}};
    }

    std::uint16_t sequence = 1000;
    std::uint32_t timestamp = 5000;
    std::uint32_t ssrc = 0x11223344;

  private:
    int fd_ = -1;
    SocketAddress address_, peer_;
};

}  // namespace asterism::media
