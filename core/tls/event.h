// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tls/types.h"

#include <string>

namespace packetarium::tls {

/// Something that views tell about a connection. Events are data: they never act.
struct Event {
  enum class Kind : std::uint8_t {
    Sent,     ///< name: a handshake message; value: its bytes in hex; detail: key it travels under
    Received, ///< the same
    Offer,    ///< what the client offers: name: "cipher suites"; value: a comma list
    Choice,   ///< what the server chose: name: "cipher suite"; value; detail: why
    Secret,   ///< name: "handshake secret"; value: hex; detail: where from and RFC section
    Keys,     ///< keys come into use; name: "client handshake traffic"; detail: "write", "read"
    Transcript,  ///< name: the last message in it; value: its hash in hex
    Certificate, ///< name: "server 1 of 2", "server root"; value: DER in hex
    Check,       ///< name; value: "passed", "failed", "not reached"; detail
    KeyLog,      ///< value: a line of an NSS key log file
    Phase,       ///< name: a step of the handshake as courses tell it: "client-hello"
    Alert,       ///< name: the alert; value: "sent" or "received"; detail: why
    Note         ///< value: a sentence
  };
  Kind kind = Kind::Note;
  std::string name, value, detail;
};
std::string_view name(Event::Kind kind); ///< "secret"

/// The phases that every handshake passes, in the words of courses; the order differs by version.
namespace phase {
constexpr std::string_view clientHello = "client-hello";
constexpr std::string_view helloRetry = "hello-retry-request";
constexpr std::string_view serverHello = "server-hello";
constexpr std::string_view certificateVerification = "certificate-verification";
constexpr std::string_view sessionKeys = "session-keys";
constexpr std::string_view clientFinished = "client-finished";
constexpr std::string_view serverFinished = "server-finished";
constexpr std::string_view secureTransfer = "secure-transfer";
constexpr std::string_view termination = "session-termination";
constexpr std::string_view keyUpdate = "key-update";
constexpr std::string_view failed = "failed";
} // namespace phase

} // namespace packetarium::tls
