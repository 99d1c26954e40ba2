// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/trace/record.h"
#include "core/wire/address.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::analysis {

/// What somebody on the path can do with a piece of a conversation.
enum class Exposure : std::uint8_t {
  Readable, ///< plain text: it is known, word for word
  Metadata, ///< travels in clear so that a protected conversation can begin
  Hidden    ///< encrypted: only its size and its instant are seen
};
std::string_view name(Exposure exposure); ///< "readable", "metadata", "hidden"

/// A piece of a conversation as it is seen on the path.
struct OverheardItem {
  SimTime at;               ///< when the first bit of the frame that completed it left
  trace::Sequence sent = 0; ///< the FrameSent of that frame
  bool back = false;        ///< from the server to the client
  Exposure exposure = Exposure::Readable;
  bool telling = false;    ///< says who it is, where to, or gives something away
  std::uint64_t bytes = 0; ///< that it takes up in the stream
  std::string what;        ///< "request", "Cookie", "server name", "encrypted record"
  std::string text;        ///< as it reads; of what is hidden, a sentence that tells its size
};

enum class ConversationKind : std::uint8_t {
  Unknown, ///< nothing but headers has passed
  Http,
  Tls,
  Dns,
  Voice,
  Plain ///< bytes of some other protocol, not encrypted
};
std::string_view name(ConversationKind kind); ///< "HTTP"; "TLS"; "no data yet"

/// What passed a link between two programs: one TCP connection, or one pair of UDP ports.
struct Conversation {
  static constexpr std::size_t itemsMax = 400;

  struct EndPoint {
    wire::Ipv4Address address;
    std::uint16_t port = 0;
    bool operator==(const EndPoint &) const = default;
    std::string text() const; ///< "192.0.2.1:443"
  };
  struct Way {
    std::uint64_t frames = 0, frameBytes = 0;
    std::uint64_t bytes = 0;  ///< of the stream, each once
    std::uint64_t again = 0;  ///< of the stream, that passed before (retransmitted)
    std::uint64_t hidden = 0; ///< of the stream, in encrypted records
  };

  ConversationKind kind = ConversationKind::Unknown;
  bool tcp = false;
  EndPoint client, server;
  std::uint8_t clientEnd = 0; ///< the link's end behind which the client stands
  SimTime first, last;
  std::array<Way, 2> ways; ///< from the client; back
  std::string name;        ///< asked for by it: Host, server name, name in a question; may be empty
  std::string version, suite; ///< of TLS, as chosen
  std::vector<OverheardItem> items;
  std::uint64_t unlisted = 0; ///< pieces beyond itemsMax
  std::uint64_t unlistedBytes = 0;

  /// Appends a piece and gives its index; the count of items when the list is full.
  std::size_t list(OverheardItem item);
  /// "HTTP", "TLS 1.3", "DNS".
  std::string kindText() const;
  /// In one sentence, what somebody on the path learns.
  std::string summary() const;
};

} // namespace packetarium::analysis
