// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/tls_layer.h"

#include "core/programs/peer.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using Kind = ChannelEvent::Kind;

/// Tickets kept for one host; the newest ones.
constexpr std::size_t ticketsKept = 4;

ChannelEvent event(Kind kind) { return {kind, {}, transport::SocketError::None, {}, {}}; }

} // namespace

TlsLayer::TlsLayer(transport::SocketId socket, std::shared_ptr<const tls::ClientConfig> config)
    : m_socket(socket),
      m_connection(config),
      m_early(config->earlyData && config->session && config->session->maxEarlyData > 0),
      m_host(config->serverName) {}

TlsLayer::TlsLayer(transport::SocketId socket, std::shared_ptr<const tls::ServerConfig> config)
    : m_socket(socket), m_connection(std::move(config)) {}

TlsLayer::TlsLayer(const TlsLayer &o)
    : ChannelLayer(o),
      m_socket(o.m_socket),
      m_connection(o.m_connection),
      m_ready(o.m_ready),
      m_established(o.m_established),
      m_over(o.m_over),
      m_early(o.m_early),
      m_host(o.m_host) {}

std::unique_ptr<ChannelLayer> TlsLayer::clone() const { return std::make_unique<TlsLayer>(*this); }

/// One call into the connection and all that comes of it. What it tells is told before its bytes
/// leave: keys must be known before the packets that they open.
template <class Act> void TlsLayer::work(Context &ctx, Flow &flow, Act act) {
  if (m_over) return;
  crypto::StreamEntropy entropy(ctx.random("tls"));
  tls::Hands hands{entropy, calendarMs(ctx.now()), {}};
  if (m_seen != nullptr)
    hands.isFirstTime = [this](crypto::View binder) {
      return m_seen->emplace(binder.begin(), binder.end()).second;
    };
  act(hands);
  tellEvents(ctx, m_socket, m_connection.takeEvents());
  if (m_connection.established() && !m_established) {
    m_established = true;
    tellEstablished(ctx);
  }
  crypto::Bytes out = m_connection.takeOutput();
  if (!out.empty()) flow.toPeer.push_back(wire::Payload::of(std::move(out)));
  const bool early = m_early || (m_connection.facts().role == tls::Role::Server &&
                                 m_connection.facts().early == tls::Facts::Early::Accepted);
  if (!m_ready && (m_established || early)) {
    m_ready = true;
    flow.events.push_back(event(Kind::Ready));
  }
  crypto::Bytes data = m_connection.takeData();
  if (!data.empty())
    flow.events.push_back(
        {Kind::Data, wire::Payload::of(std::move(data)), transport::SocketError::None, {}, {}});
  if (m_connection.peerClosed()) flow.events.push_back(event(Kind::PeerClosed));
  if (!m_connection.failure()) return;
  m_over = true;
  const tls::Failure &failure = *m_connection.failure();
  const std::string why =
      m_connection.failedByPeer()
          ? failure.why
          : fmt::format("{} (TLS alert {} sent)", failure.why,
                        tls::nameOfAlert(static_cast<std::uint8_t>(failure.alert)));
  flow.events.push_back(
      {Kind::Failed, {}, transport::SocketError::None, why, trace::RequestOutcome::Untrusted});
}

void TlsLayer::tellEstablished(Context &ctx) {
  const tls::Facts &facts = m_connection.facts();
  std::string how = facts.resumed ? "resumed" : "full handshake";
  if (facts.retried) how += ", after a retry";
  if (facts.early == tls::Facts::Early::Accepted) how += ", with early data";
  if (facts.early == tls::Facts::Early::Rejected) how += ", early data rejected";
  ctx.fact(m_socket, trace::FactTopic::TlsEstablished,
           tls::nameOfVersion(tls::number(*facts.version)), tls::nameOfSuite(facts.suite->id), how);
}

void TlsLayer::onConnected(Context &ctx, Flow &flow) {
  const bool client = m_connection.facts().role == tls::Role::Client;
  ctx.fact(m_socket, trace::FactTopic::TlsSession, client ? "client" : "server", {}, m_host);
  work(ctx, flow, [&](tls::Hands &hands) { m_connection.start(hands); });
}

void TlsLayer::onBytes(Context &ctx, const wire::Payload &bytes, Flow &flow) {
  work(ctx, flow, [&](tls::Hands &hands) {
    if (bytes.isPattern())
      m_connection.feed(bytes.toBytes(), hands);
    else
      m_connection.feed(bytes.view(), hands);
  });
}

void TlsLayer::onEnd(Context &, Flow &flow) {
  if (m_over || m_connection.peerClosed()) return;
  if (m_established) {
    // An end without close_notify may be somebody cutting the stream short (RFC 8446 section 6.1);
    // HTTP tells by its own lengths whether anything is missing.
    flow.events.push_back(event(Kind::PeerClosed));
    return;
  }
  m_over = true;
  flow.events.push_back({Kind::Failed,
                         {},
                         transport::SocketError::None,
                         "The connection was closed in the middle of the TLS handshake.",
                         trace::RequestOutcome::Reset});
}

void TlsLayer::protect(Context &ctx, const wire::Payload &data, Flow &flow) {
  work(ctx, flow, [&](tls::Hands &hands) {
    if (data.isPattern())
      m_connection.send(data.toBytes(), hands);
    else
      m_connection.send(data.view(), hands);
  });
}

void TlsLayer::onClose(Context &ctx, Flow &flow) {
  work(ctx, flow, [&](tls::Hands &hands) { m_connection.close(hands); });
}

TlsLayer *tlsOf(Channel &channel) { return dynamic_cast<TlsLayer *>(channel.layer()); }

const TlsLayer *tlsOf(const Channel &channel) {
  return dynamic_cast<const TlsLayer *>(channel.layer());
}

std::vector<Described> describeTls(const tls::Connection &connection) {
  const tls::Facts &facts = connection.facts();
  if (connection.failure()) return {row("TLS", connection.failure()->why)};
  if (!facts.version || facts.suite == nullptr) return {row("TLS", "says hello")};
  std::vector<Described> rows = {row("TLS", facts.established ? "established" : "shakes hands"),
                                 row("version", tls::nameOfVersion(tls::number(*facts.version))),
                                 row("cipher suite", tls::nameOfSuite(facts.suite->id)),
                                 row("resumed", facts.resumed ? "yes" : "no")};
  if (facts.group != 0) rows.push_back(row("group", tls::nameOfGroup(facts.group)));
  if (!facts.peerChain.empty()) {
    const crypto::Certificate &leaf = facts.peerChain.front();
    Described chain = row("certificate", leaf.subject(), "Issued by " + leaf.issuer());
    chain.children = {row("valid from", calendarText(leaf.notBefore())),
                      row("valid to", calendarText(leaf.notAfter())),
                      row("verdict", facts.validation.trusted()
                                         ? std::string("holds")
                                         : std::string(crypto::sentence(facts.validation.fault)))};
    rows.push_back(std::move(chain));
  }
  return rows;
}

std::shared_ptr<const tls::Session> SessionCache::take(std::string_view host, std::int64_t nowMs) {
  const auto at = m_byHost.find(host);
  if (at == m_byHost.end()) return nullptr;
  auto &list = at->second;
  while (!list.empty()) {
    tls::Session session = std::move(list.back());
    list.pop_back();
    const bool good = nowMs - session.receivedAtMs <= 1000LL * session.lifetime;
    // In 1.2 the same ticket may serve again.
    if (good && session.version == tls::Version::Tls12) list.push_back(session);
    if (good) return std::make_shared<const tls::Session>(std::move(session));
  }
  return nullptr;
}

void SessionCache::keep(const std::string &host, std::vector<tls::Session> sessions) {
  if (sessions.empty()) return;
  auto &list = m_byHost[host];
  for (tls::Session &session : sessions) list.push_back(std::move(session));
  if (list.size() > ticketsKept)
    list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(ticketsKept));
}

std::size_t SessionCache::size() const {
  std::size_t count = 0;
  for (const auto &[host, list] : m_byHost) count += list.size();
  return count;
}

} // namespace packetarium::programs
