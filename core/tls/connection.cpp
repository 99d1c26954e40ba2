// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/connection.h"

#include "core/tls/hello.h"

#include <fmt/format.h>

#include <utility>

namespace packetarium::tls {
namespace {

/// Longer handshake messages are refused: nothing sound is as long.
constexpr std::size_t messageMax = 128 * 1024;
/// So many empty records or warnings in a row are an attack.
constexpr unsigned patience = 32;

} // namespace

Connection::Connection(std::shared_ptr<const ClientConfig> config) : m_endpoint(Role::Client) {
  m_endpoint.observed = config->observed;
  m_endpoint.keyLogged = config->keyLogged;
  m_keyUpdateBytes = config->keyUpdateBytes;
  m_handshake = clientStart(std::move(config));
}

Connection::Connection(std::shared_ptr<const ServerConfig> config) : m_endpoint(Role::Server) {
  m_endpoint.observed = config->observed;
  m_endpoint.keyLogged = config->keyLogged;
  m_keyUpdateBytes = config->keyUpdateBytes;
  m_endpoint.reader.allowPlainAlerts(true);
  m_handshake = serverStart(std::move(config));
}

Connection::Connection(const Connection &o)
    : m_endpoint(o.m_endpoint),
      m_handshake(o.m_handshake->clone()),
      m_partial(o.m_partial),
      m_waiting(o.m_waiting),
      m_early(o.m_early),
      m_failure(o.m_failure),
      m_peerAlert(o.m_peerAlert),
      m_started(o.m_started),
      m_closed(o.m_closed),
      m_peerClosed(o.m_peerClosed),
      m_dataSeen(o.m_dataSeen),
      m_warnings(o.m_warnings),
      m_emptyRecords(o.m_emptyRecords),
      m_keyUpdateBytes(o.m_keyUpdateBytes),
      m_sentWithKeys(o.m_sentWithKeys) {}

Connection &Connection::operator=(const Connection &other) {
  if (this != &other) *this = Connection(other);
  return *this;
}

void Connection::start(Hands &hands) {
  if (std::exchange(m_started, true)) return;
  if (auto failure = m_handshake->start(m_endpoint, hands)) fail(*failure);
  m_endpoint.flush();
  sendWaiting();
}

void Connection::feed(View bytes, Hands &hands) {
  if (m_failure || m_peerAlert || m_peerClosed) return;
  m_endpoint.reader.feed(bytes);
  Record record;
  for (;;) {
    const RecordReader::Next next = m_endpoint.reader.next(record);
    if (next == RecordReader::Next::Nothing) break;
    Outcome outcome =
        next == RecordReader::Next::Failed ? m_endpoint.reader.failure() : take(record, hands);
    if (outcome) return fail(*outcome);
    if (m_peerAlert || m_peerClosed) return;
  }
  m_endpoint.flush();
  sendWaiting();
}

void Connection::fail(const Failure &failure) {
  m_failure = failure;
  m_endpoint.flush();
  const std::uint8_t alert[] = {static_cast<std::uint8_t>(AlertLevel::Fatal),
                                static_cast<std::uint8_t>(failure.alert)};
  m_endpoint.sendRecord(ContentType::Alert, alert);
  m_endpoint.tell(Event::Kind::Alert, nameOfAlert(static_cast<std::uint8_t>(failure.alert)), "sent",
                  failure.why);
  m_endpoint.tellPhase(phase::failed, failure.why);
}

Outcome Connection::take(const Record &record, Hands &hands) {
  const auto type = static_cast<ContentType>(record.type);
  if (!m_partial.empty() && type != ContentType::Handshake)
    return Failure{Alert::UnexpectedMessage,
                   "Another record came in the middle of a handshake message."};
  if (record.data.empty() && ++m_emptyRecords > patience)
    return Failure{Alert::UnexpectedMessage, "Too many empty records."};
  if (!record.data.empty()) m_emptyRecords = 0;
  switch (type) {
  case ContentType::Alert: return takeAlert(record);
  case ContentType::ChangeCipherSpec: return takeChangeCipherSpec(record, hands);
  case ContentType::Handshake: return takeHandshake(record, hands);
  case ContentType::ApplicationData: return takeApplicationData(record);
  }
  return Failure{Alert::UnexpectedMessage,
                 fmt::format("A record holds the unknown content type {}.", record.type)};
}

Outcome Connection::takeAlert(const Record &record) {
  if (record.data.size() != 2) return Failure{Alert::DecodeError, "An alert is not 2 bytes long."};
  const std::uint8_t level = record.data[0];
  const auto alert = static_cast<Alert>(record.data[1]);
  m_endpoint.tell(Event::Kind::Alert, nameOfAlert(record.data[1]), "received",
                  sentenceOfAlert(record.data[1]));
  if (alert == Alert::CloseNotify) {
    m_peerClosed = true;
    m_endpoint.tellPhase(phase::termination, "close_notify received");
    return {};
  }
  // In 1.3 all but two are fatal whatever they say (RFC 8446 section 6).
  const bool v13 = m_endpoint.facts.version == Version::Tls13;
  const bool warning = level == static_cast<std::uint8_t>(AlertLevel::Warning) &&
                       (!v13 || alert == Alert::UserCanceled);
  if (warning) {
    if (++m_warnings > patience) return Failure{Alert::UnexpectedMessage, "Too many warnings."};
    return {};
  }
  if (level != 1 && level != 2)
    return Failure{Alert::IllegalParameter, "An alert has an unknown level."};
  m_peerAlert = alert;
  m_failure =
      Failure{alert, fmt::format("The peer ended the connection: {} ({})",
                                 sentenceOfAlert(record.data[1]), nameOfAlert(record.data[1]))};
  m_endpoint.tellPhase(phase::failed, m_failure->why);
  return {};
}

Outcome Connection::takeChangeCipherSpec(const Record &record, Hands &hands) {
  const bool well = record.data.size() == 1 && record.data[0] == 1;
  if (!well || (record.wasProtected && m_endpoint.facts.version != Version::Tls12))
    return Failure{Alert::UnexpectedMessage, "A ChangeCipherSpec is not as it must be."};
  return m_handshake->onChangeCipherSpec(m_endpoint, hands);
}

Outcome Connection::takeApplicationData(const Record &record) {
  if (!record.wasProtected)
    return Failure{Alert::UnexpectedMessage, "Application data came in clear."};
  if (!m_endpoint.facts.established || m_handshake->takesEarly()) {
    if (!m_handshake->takesEarly())
      return Failure{Alert::UnexpectedMessage, "Application data came before the handshake ended."};
    if (auto failure = m_handshake->onEarlyData(record.data.size())) return failure;
  }
  crypto::append(m_endpoint.plain, record.data);
  return {};
}

Outcome Connection::takeHandshake(const Record &record, Hands &hands) {
  if (record.data.empty()) return Failure{Alert::UnexpectedMessage, "A handshake record is empty."};
  crypto::append(m_partial, record.data);
  return dispatch(hands);
}

Outcome Connection::dispatch(Hands &hands) {
  constexpr std::size_t head = 4;
  std::size_t at = 0;
  while (m_partial.size() - at >= head) {
    const View rest = View(m_partial).subspan(at);
    const std::size_t length =
        std::size_t{rest[1]} << 16 | std::size_t{rest[2]} << 8 | std::size_t{rest[3]};
    if (length > messageMax)
      return Failure{Alert::IllegalParameter,
                     fmt::format("A handshake message claims {} bytes.", length)};
    if (rest.size() < head + length) break;
    const bool wasRead = m_endpoint.reader.isProtected();
    const std::string keys = m_endpoint.readKeys;
    const Message message{static_cast<HandshakeType>(rest[0]), rest.subspan(head, length),
                          rest.first(head + length)};
    if (m_endpoint.observed)
      m_endpoint.tell(Event::Kind::Received, nameOfHandshake(rest[0]), crypto::hex(message.whole),
                      keys);
    if (auto failure = m_handshake->onMessage(m_endpoint, message, hands)) return failure;
    if (auto successor = m_handshake->successor()) m_handshake = std::move(successor);
    at += head + length;
    // Messages must not span a change of keys (RFC 8446 section 5.1).
    const bool changed = wasRead != m_endpoint.reader.isProtected() || keys != m_endpoint.readKeys;
    if (changed && at != m_partial.size())
      return Failure{Alert::UnexpectedMessage, "A handshake message spans a change of keys."};
  }
  m_partial.erase(m_partial.begin(), m_partial.begin() + static_cast<std::ptrdiff_t>(at));
  return {};
}

void Connection::send(View data, Hands &) {
  if (m_failure || m_closed || m_peerAlert || data.empty()) return;
  if (m_endpoint.facts.established && m_waiting.empty()) {
    sendData(data);
    return;
  }
  crypto::append(m_waiting, data);
  if (m_started) sendWaiting();
}

void Connection::sendData(View data) {
  if (!std::exchange(m_dataSeen, true)) m_endpoint.tellPhase(phase::secureTransfer);
  m_endpoint.sendRecord(ContentType::ApplicationData, data);
  m_sentWithKeys += data.size();
  const bool due = m_keyUpdateBytes != 0 && m_sentWithKeys >= m_keyUpdateBytes;
  if (!due || m_endpoint.facts.version != Version::Tls13) return;
  m_sentWithKeys = 0;
  if (auto failure = m_handshake->updateKeys(m_endpoint, true)) fail(*failure);
}

void Connection::sendWaiting() {
  using Early = Facts::Early;
  Facts &facts = m_endpoint.facts;
  if (facts.established) {
    if (facts.early == Early::Rejected)
      m_waiting.insert(m_waiting.begin(), m_early.begin(), m_early.end());
    m_early.clear();
    if (m_waiting.empty()) return;
    sendData(std::exchange(m_waiting, {}));
    return;
  }
  if (m_waiting.empty() || !m_handshake->maySendEarly(m_waiting.size())) return;
  m_endpoint.sendRecord(ContentType::ApplicationData, m_waiting);
  if (auto failure = m_handshake->onEarlySent(m_waiting.size())) return fail(*failure);
  crypto::append(m_early, std::exchange(m_waiting, {}));
}

void Connection::close(Hands &) {
  if (std::exchange(m_closed, true) || m_failure || m_peerAlert) return;
  m_endpoint.flush();
  const std::uint8_t alert[] = {static_cast<std::uint8_t>(AlertLevel::Warning),
                                static_cast<std::uint8_t>(Alert::CloseNotify)};
  m_endpoint.sendRecord(ContentType::Alert, alert);
  m_endpoint.tell(Event::Kind::Alert, nameOfAlert(0), "sent");
  m_endpoint.tellPhase(phase::termination, "close_notify sent");
}

void Connection::updateKeys(bool askPeer, Hands &) {
  if (!open() || !established()) return;
  if (auto failure = m_handshake->updateKeys(m_endpoint, askPeer)) fail(*failure);
}

Bytes Connection::takeOutput() { return std::exchange(m_endpoint.output, {}); }
Bytes Connection::takeData() { return std::exchange(m_endpoint.plain, {}); }
std::vector<Event> Connection::takeEvents() { return std::exchange(m_endpoint.events, {}); }
std::vector<Session> Connection::takeSessions() { return std::exchange(m_endpoint.sessions, {}); }

} // namespace packetarium::tls
