// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/tickets.h"

#include <algorithm>

namespace packetarium::tls {
namespace {

constexpr std::size_t ticketKeySize = 32;

void putNumber(Bytes &out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void putText(Bytes &out, View text) {
  putNumber(out, text.size(), 2);
  crypto::append(out, text);
}

class TicketReader {
public:
  explicit TicketReader(View data) : m_data(data) {}
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t b : take(bytes)) value = value << 8 | b;
    return value;
  }
  View text() { return take(number(2)); }
  std::string string() {
    const View t = text();
    return {t.begin(), t.end()};
  }
  bool good() const { return m_good && m_data.empty(); }

private:
  View take(std::size_t count) {
    if (count > m_data.size()) {
      m_good = false;
      m_data = {};
      return {};
    }
    const View taken = m_data.first(count);
    m_data = m_data.subspan(count);
    return taken;
  }
  View m_data;
  bool m_good = true;
};

} // namespace

Bytes sealTicket(View ticketKey, const Session &session, crypto::Entropy &entropy) {
  Bytes plain;
  putNumber(plain, number(session.version), 2);
  putNumber(plain, session.suite, 2);
  putNumber(plain, session.lifetime, 4);
  putNumber(plain, session.ageAdd, 4);
  putNumber(plain, session.maxEarlyData, 4);
  putNumber(plain, static_cast<std::uint64_t>(session.receivedAtMs), 8);
  putNumber(plain, session.extendedMasterSecret ? 1 : 0, 1);
  putText(plain, session.secret);
  putText(plain, crypto::viewOf(session.serverName));
  putText(plain, crypto::viewOf(session.alpn));
  Bytes ticket = entropy.bytes(crypto::aeadNonceSize);
  const Bytes nonce = ticket;
  crypto::Aead(crypto::AeadKind::Aes256Gcm, ticketKey).seal(nonce, {}, plain, ticket);
  return ticket;
}

std::optional<Session> openTicket(View ticketKey, View ticket) {
  if (ticketKey.size() != ticketKeySize) return {};
  if (ticket.size() < crypto::aeadNonceSize + crypto::aeadTagSize) return {};
  Bytes plain;
  crypto::Aead aead(crypto::AeadKind::Aes256Gcm, ticketKey);
  const View nonce = ticket.first(crypto::aeadNonceSize);
  if (!aead.open(nonce, {}, ticket.subspan(crypto::aeadNonceSize), plain)) return {};
  TicketReader in(plain);
  Session s;
  s.version = static_cast<Version>(in.number(2));
  s.suite = static_cast<std::uint16_t>(in.number(2));
  s.lifetime = static_cast<std::uint32_t>(in.number(4));
  s.ageAdd = static_cast<std::uint32_t>(in.number(4));
  s.maxEarlyData = static_cast<std::uint32_t>(in.number(4));
  s.receivedAtMs = static_cast<std::int64_t>(in.number(8));
  s.extendedMasterSecret = in.number(1) != 0;
  const View secret = in.text();
  s.secret.assign(secret.begin(), secret.end());
  s.serverName = in.string();
  s.alpn = in.string();
  s.ticket.assign(ticket.begin(), ticket.end());
  if (!in.good() || findSuite(s.suite) == nullptr) return {};
  return s;
}

} // namespace packetarium::tls
