// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/interceptor/record_cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace packetarium::programs {
namespace {

using namespace wire::tls;
using wire::Bytes;

constexpr auto version12 = static_cast<std::uint16_t>(Version::Tls12);
constexpr auto version13 = static_cast<std::uint16_t>(Version::Tls13);

std::size_t bodyLength(View record) { return std::size_t{record[3]} << 8 | std::size_t{record[4]}; }

/// The body of the first handshake message in a plain record; nothing when it is not that type or
/// not whole.
std::optional<View> messageIn(View record, HandshakeType type) {
  constexpr std::size_t head = 4;
  if (!startsRecord(record) || static_cast<ContentType>(record[0]) != ContentType::Handshake)
    return {};
  const View body = record.subspan(recordHeaderBytes);
  if (body.size() < head || static_cast<HandshakeType>(body[0]) != type) return {};
  const std::size_t length =
      std::size_t{body[1]} << 16 | std::size_t{body[2]} << 8 | std::size_t{body[3]};
  if (body.size() - head < length) return {};
  return body.subspan(head, length);
}

bool isData(View record) {
  return startsRecord(record) &&
         static_cast<ContentType>(record[0]) == ContentType::ApplicationData;
}

bool isSuite13(std::uint16_t suite) { return suite >> 8 == 0x13; }

/// What TLS 1.3 brought into the ClientHello, and what ties the keys of 1.2 to the whole of it.
bool tellsOf13(const Extension &extension) {
  constexpr std::array<ExtensionType, 8> types = {ExtensionType::SupportedVersions,
                                                  ExtensionType::KeyShare,
                                                  ExtensionType::PskKeyExchangeModes,
                                                  ExtensionType::PreSharedKey,
                                                  ExtensionType::EarlyData,
                                                  ExtensionType::Cookie,
                                                  ExtensionType::SignatureAlgorithmsCert,
                                                  ExtensionType::ExtendedMasterSecret};
  return std::find(types.begin(), types.end(), static_cast<ExtensionType>(extension.type)) !=
         types.end();
}

} // namespace

std::vector<Bytes> RecordCutter::feed(const wire::Payload &bytes) {
  bytes.appendTo(m_partial);
  std::vector<Bytes> out;
  std::size_t at = 0;
  while (m_partial.size() - at >= recordHeaderBytes) {
    const View rest = View(m_partial).subspan(at);
    const std::size_t whole =
        startsRecord(rest) ? recordHeaderBytes + bodyLength(rest) : rest.size();
    if (whole > rest.size()) break;
    out.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(whole));
    at += whole;
  }
  m_partial.erase(m_partial.begin(), m_partial.begin() + static_cast<std::ptrdiff_t>(at));
  return out;
}

Outsider::Seen Outsider::onClient(View record) {
  m_clientBytes += record.size();
  Seen seen;
  seen.clientHello = messageIn(record, HandshakeType::ClientHello).has_value();
  if (seen.clientHello) readClientHello(record);
  seen.alert = alertIn(record);
  if (!isData(record)) return seen;
  // In 1.3 the end of early data and Finished travel as application data, too; the one is known by
  // its size, the other by its place.
  constexpr std::size_t endOfEarlyData = 4 + 1 + 16;
  if (answered() && m_version == version13 && !m_clientFinished) {
    const bool endsEarly = m_early && bodyLength(record) == endOfEarlyData;
    m_clientFinished = !endsEarly;
    return seen;
  }
  seen.application = ++m_clientData;
  return seen;
}

Outsider::Seen Outsider::onServer(View record) {
  m_serverBytes += record.size();
  Seen seen;
  seen.serverHello = messageIn(record, HandshakeType::ServerHello).has_value();
  if (seen.serverHello) readServerHello(record);
  seen.alert = alertIn(record);
  if (!isData(record)) return seen;
  // The first protected record of a server in 1.3 holds the rest of its handshake.
  if (m_version == version13 && !m_serverFinished) {
    m_serverFinished = true;
    return seen;
  }
  seen.application = ++m_serverData;
  return seen;
}

/// Alerts of the handshake can be read; of others only the size is seen.
std::string Outsider::alertIn(View record) const {
  if (!startsRecord(record)) return {};
  constexpr std::size_t sealedIn13 = 2 + 1 + 16;
  const std::size_t length = bodyLength(record);
  if (static_cast<ContentType>(record[0]) == ContentType::Alert) {
    if (length == 2) return "the alert " + nameOfAlert(record[recordHeaderBytes + 1]);
    return "an alert that only the two ends can read";
  }
  if (isData(record) && m_version == version13 && length == sealedIn13)
    return fmt::format("an encrypted record of {} bytes, by its size an alert", length);
  return {};
}

void Outsider::readClientHello(View record) {
  const auto hello = clientHelloIn(record);
  if (!hello) return;
  if (const Extension *name = find(hello->extensions, ExtensionType::ServerName))
    m_serverName = wire::tls::readServerName(name->data).value_or(std::string());
  m_early = find(hello->extensions, ExtensionType::EarlyData) != nullptr;
}

void Outsider::readServerHello(View record) {
  const auto hello = wire::tls::readServerHello(*messageIn(record, HandshakeType::ServerHello));
  if (!hello) return;
  m_version = version12;
  if (const Extension *chosen = find(hello->extensions, ExtensionType::SupportedVersions))
    m_version = readUint16(chosen->data).value_or(version12);
}

std::optional<ClientHello> clientHelloIn(View record) {
  const auto body = messageIn(record, HandshakeType::ClientHello);
  return body ? wire::tls::readClientHello(*body) : std::nullopt;
}

std::optional<Downgraded> downgraded(View record) {
  auto hello = clientHelloIn(record);
  if (!hello || find(hello->extensions, ExtensionType::SupportedVersions) == nullptr) return {};
  const std::size_t suites = hello->suites.size(), extensions = hello->extensions.size();
  std::erase_if(hello->suites, isSuite13);
  std::erase_if(hello->extensions, tellsOf13);
  if (hello->suites.empty()) return {};
  const Bytes message = handshake(HandshakeType::ClientHello, write(*hello));
  Downgraded out;
  out.record.assign(record.begin(), record.begin() + 3);
  out.record.push_back(static_cast<std::uint8_t>(message.size() >> 8));
  out.record.push_back(static_cast<std::uint8_t>(message.size()));
  out.record.insert(out.record.end(), message.begin(), message.end());
  out.what = fmt::format("took TLS 1.3 out of the ClientHello: {} cipher suites and {} extensions",
                         suites - hello->suites.size(), extensions - hello->extensions.size());
  return out;
}

std::string flipBit(Bytes &record) {
  const std::size_t body = record.size() - std::min(record.size(), recordHeaderBytes);
  if (body == 0) return {};
  const std::size_t at = recordHeaderBytes + body / 2;
  const std::uint8_t before = record[at];
  record[at] = static_cast<std::uint8_t>(before ^ 1U);
  return fmt::format("byte {} of {}: {:02x} became {:02x}", body / 2 + 1, body, before, record[at]);
}

} // namespace packetarium::programs
