// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/entropy.h"
#include "core/tls/config.h"
#include "core/tls/event.h"
#include "core/tls/key_schedule.h"
#include "core/tls/records.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace packetarium::tls {

/// What a call into a connection may use; valid during the call only.
struct Hands {
  crypto::Entropy &entropy;
  std::int64_t nowMs = 0; ///< milliseconds since 1970, for certificates and tickets
  /// Servers: whether a ClientHello with early data, known by its binder, comes for the first time.
  /// Without it every one counts as the first, and early data can be replayed.
  std::function<bool(View binder)> isFirstTime;
};

/// The hash over all handshake messages so far. Bytes are kept until the suite, and with it the
/// hash function, is known.
class Transcript {
public:
  void add(View message);
  /// From here on with that hash.
  void choose(crypto::Hash hash);
  /// A HelloRetryRequest replaces the first ClientHello by its hash (RFC 8446 section 4.4.1).
  void restart();
  Bytes value() const;
  /// Of what has been added, with more behind it.
  Bytes valueWith(View more) const;
  /// The same with another hash than the one that was chosen (binders).
  Bytes valueWith(crypto::Hash hash, View more) const;
  /// All messages added (for the client's CertificateVerify in 1.2, whose hash may differ).
  const Bytes &bytes() const { return m_bytes; }
  void forgetBytes() { m_bytes = {}; }

private:
  Bytes m_bytes;
  std::optional<crypto::Digest> m_digest;
};

/// What is known of a connection.
struct Facts {
  Role role = Role::Client;
  std::optional<Version> version;
  const Suite *suite = nullptr;
  std::uint16_t group = 0;      ///< of the key agreement; 0: none
  std::uint16_t scheme = 0;     ///< of the server's signature; 0: none
  std::string serverName, alpn; ///< alpn empty: none was chosen
  std::vector<crypto::Certificate> peerChain;
  crypto::Validation validation; ///< of the peer's chain
  bool resumed = false;
  bool retried = false; ///< a HelloRetryRequest came
  enum class Early : std::uint8_t { None, Offered, Accepted, Rejected } early = Early::None;
  bool established = false;
};

/// One end of a connection as both halves of its handshake work with it.
struct Endpoint {
  explicit Endpoint(Role role) { facts.role = role; }

  Facts facts;
  RecordReader reader;
  RecordWriter writer;
  Bytes output; ///< records to be sent
  Bytes plain;  ///< application data that has come
  std::vector<Event> events;
  std::vector<Session> sessions; ///< tickets that have come
  Transcript transcript;
  Random clientRandom{}, serverRandom{};
  bool observed = true, keyLogged = true;
  std::string writeKeys = "no key", readKeys = "no key"; ///< names, for people

  /// Queues a handshake message; it is in the transcript. flush() sends what is queued.
  void send(HandshakeType type, View body);
  void flush();
  void sendRecord(ContentType type, View data) { writer.write(type, data, output); }
  void installWrite(Version version, const TrafficKeys &keys, std::string_view name);
  void installRead(Version version, const TrafficKeys &keys, std::string_view name);

  void tell(Event::Kind kind, std::string_view name, std::string_view value,
            std::string_view detail = {});
  void tellSecret(std::string_view name, View value, std::string_view detail);
  void tellKeyLog(std::string_view label, View secret);
  void tellPhase(std::string_view name, std::string_view detail = {}) {
    tell(Event::Kind::Phase, name, {}, detail);
  }
  void tellChain(std::string_view whose, const std::vector<crypto::Certificate> &chain);
  void tellTranscript(std::string_view lastMessage);
  /// Reads the peer's chain and judges it. host empty: a client's chain.
  Outcome judgePeer(const std::vector<CertificateEntry> &entries, const crypto::TrustStore *trust,
                    std::string_view host, std::int64_t nowMs, bool mustHold);

private:
  Bytes m_queued;
};

/// One message as it arrived.
struct Message {
  HandshakeType type;
  View body;
  View whole; ///< with its header, as it goes into the transcript
};

/// One end's half of the handshake, and what may come after it. Copyable by clone().
class Handshake {
public:
  virtual ~Handshake() = default;
  virtual std::unique_ptr<Handshake> clone() const = 0;
  /// The client's first word.
  virtual Outcome start(Endpoint &, Hands &) { return {}; }
  virtual Outcome onMessage(Endpoint &e, const Message &m, Hands &hands) = 0;
  /// ChangeCipherSpec; in 1.3 it means nothing, and when it may come the connection decides.
  virtual Outcome onChangeCipherSpec(Endpoint &, Hands &) { return {}; }
  /// A half that follows this one, once the version is known.
  virtual std::unique_ptr<Handshake> successor() { return nullptr; }
  /// Application data may be sent now, before the handshake is complete (early data).
  virtual bool maySendEarly(std::size_t /*bytes*/) const { return false; }
  virtual Outcome onEarlySent(std::size_t /*bytes*/) { return {}; }
  /// Application data may come now, before the handshake is complete.
  virtual bool takesEarly() const { return false; }
  virtual Outcome onEarlyData(std::size_t /*bytes*/) { return {}; }
  /// New keys for what we send (1.3 only; RFC 8446 section 4.6.3).
  virtual Outcome updateKeys(Endpoint &, bool /*askPeer*/) {
    return Failure{Alert::InternalError, "This version has no key update."};
  }
};
template <class Derived> class HandshakeOf : public Handshake {
public:
  std::unique_ptr<Handshake> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived &>(*this));
  }
};

/// The alert for a chain that does not hold (RFC 8446 section 6.2).
Alert alertFor(crypto::CertificateFault fault);
/// What a signature in the handshake covers (RFC 8446 section 4.4.3).
Bytes signedContent(Role signer, View transcriptHash);
inline Failure unexpected(HandshakeType type, std::string_view where) {
  return {Alert::UnexpectedMessage,
          nameOfHandshake(static_cast<std::uint8_t>(type)) + " came " + std::string(where) + "."};
}
inline Failure undecodable(HandshakeType type) {
  return {Alert::DecodeError,
          nameOfHandshake(static_cast<std::uint8_t>(type)) + " cannot be read."};
}
/// The first of our schemes that the peer has too and the key can do; nothing: there is none.
std::optional<crypto::SignatureScheme> chooseScheme(const std::vector<std::uint16_t> &own,
                                                    const std::vector<std::uint16_t> &peer,
                                                    crypto::KeyKind key, Version version);

} // namespace packetarium::tls
