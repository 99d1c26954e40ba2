// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/secure.h"

#include "core/programs/declare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace packetarium::programs {
namespace {

using tls::Version;

constexpr double day = 24 * declare::hour;

const std::vector<std::string> &versionChoices() {
  static const std::vector<std::string> choices = {"1.3 or 1.2", "1.3", "1.2"};
  return choices;
}

std::vector<Version> versionsOf(const std::string &choice) {
  if (choice == "1.3") return {Version::Tls13};
  if (choice == "1.2") return {Version::Tls12};
  return {Version::Tls13, Version::Tls12};
}

constexpr std::array<std::uint16_t, 4> knownGroups = {0x001d, 0x0017, 0x0018, 0x0100};

std::uint16_t suiteNamed(std::string_view name) {
  for (const tls::Suite &suite : tls::allSuites())
    if (tls::nameOfSuite(suite.id) == name) return suite.id;
  return 0;
}

std::uint16_t groupNamed(std::string_view name) {
  for (const std::uint16_t group : knownGroups)
    if (tls::nameOfGroup(group) == name) return group;
  return 0;
}

std::string checkSuites(std::string_view text) {
  for (const std::string &name : listOf(text)) {
    if (suiteNamed(name) != 0) continue;
    return fmt::format("knows no suite {}; for example TLS_AES_128_GCM_SHA256", name);
  }
  return {};
}

std::string checkGroups(std::string_view text) {
  for (const std::string &name : listOf(text)) {
    if (groupNamed(name) != 0) continue;
    return fmt::format("knows no group {}: x25519, secp256r1, secp384r1 or ffdhe2048", name);
  }
  return {};
}

std::vector<Parameter> commonParameters() {
  using namespace declare;
  Parameter suites = text("tls_suites", "", "Cipher suites, best first; empty: all sound ones");
  suites.checkText = checkSuites;
  Parameter groups =
      text("tls_groups", "", "Groups for the key agreement, best first; empty: x25519 first");
  groups.checkText = checkGroups;
  return {choice("tls_versions", versionChoices(), "Versions of TLS that are switched on"),
          std::move(suites), std::move(groups),
          integer("key_update_bytes", "bytes", 0, 0, 1e12,
                  "Changes the keys after so much data sent (TLS 1.3, KeyUpdate); 0: never")};
}

void readCommon(const ParameterValues &v, tls::CommonConfig &config) {
  config.versions = versionsOf(v.text("tls_versions"));
  for (const std::string &name : listOf(v.text("tls_suites")))
    config.suites.push_back(suiteNamed(name));
  std::vector<std::uint16_t> groups;
  for (const std::string &name : listOf(v.text("tls_groups"))) groups.push_back(groupNamed(name));
  if (!groups.empty()) config.groups = std::move(groups);
  config.keyUpdateBytes = static_cast<std::uint64_t>(v.integer("key_update_bytes"));
  config.alpn = {"http/1.1"};
}

std::vector<std::string> namesIn(const std::vector<ParameterRow> &rows, const std::string &key) {
  std::vector<std::string> names;
  for (const ParameterRow &row : rows) names.push_back(std::get<std::string>(row.values.at(key)));
  return names;
}

/// What a server is certified for when the document does not say: the hosts of its pages, the names
/// that lead to it, or its bare addresses.
std::vector<std::string> namesOf(const net::NodeSpec &node, std::vector<std::string> hosts) {
  std::vector<std::string> names = std::move(hosts);
  for (const std::string &name : node.dnsNames)
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  if (!names.empty()) return names;
  for (const net::InterfaceSpec &i : node.interfaces)
    if (i.address) names.push_back(i.address->address.text());
  return names;
}

/// The authority that a parameter names: a name, or (empty) the first that everybody trusts.
const tls::Authority *authorityFor(const Context &ctx, const std::string &name) {
  return name.empty() ? tls::firstTrusted(ctx.authorities())
                      : tls::findAuthority(ctx.authorities(), name);
}

trace::FactTopic topicOf(tls::Event::Kind kind) {
  using Kind = tls::Event::Kind;
  using enum trace::FactTopic;
  switch (kind) {
  case Kind::Sent: return TlsSent;
  case Kind::Received: return TlsReceived;
  case Kind::Offer: return TlsOffer;
  case Kind::Choice: return TlsChoice;
  case Kind::Secret: return TlsSecret;
  case Kind::Keys: return TlsKeys;
  case Kind::Transcript: return TlsTranscript;
  case Kind::Certificate: return TlsCertificate;
  case Kind::Check: return TlsCheck;
  case Kind::KeyLog: return TlsKeyLog;
  case Kind::Alert: return TlsAlert;
  case Kind::Phase:
  case Kind::Note: break;
  }
  return TlsNote;
}

} // namespace

std::vector<std::string> keyKinds() { return {"ecdsa-p256", "ed25519", "rsa-2048"}; }

crypto::KeyKind keyKind(std::string_view text) {
  if (text == "ed25519") return crypto::KeyKind::Ed25519;
  if (text == "rsa-2048") return crypto::KeyKind::Rsa2048;
  return crypto::KeyKind::EcP256;
}

std::vector<std::string> listOf(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::string_view part = text.substr(at, comma - at);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    at = comma + 1;
  }
  return parts;
}

std::vector<Parameter> clientTlsParameters() {
  using namespace declare;
  std::vector<Parameter> all = commonParameters();
  all.push_back(boolean("verify_certificates", true,
                        "Refuses a server whose certificate does not hold; false clicks it away"));
  all.push_back(boolean("trust_public", true, "Trusts the authorities that everybody trusts"));
  all.push_back(records("trusted", {required(text("authority", "", "Name of an authority"))},
                        "Authorities in the trust store besides; an attacker's too, if it is put "
                        "there"));
  all.push_back(boolean("check_revocation", false, "Looks into the authorities' revocation lists"));
  all.push_back(boolean("resume_sessions", true, "Keeps tickets and resumes with them"));
  all.push_back(boolean("early_data", false,
                        "Sends the request with the first flight when a ticket allows (0-RTT)"));
  all.push_back(text("client_certificate", "",
                     "Authority that certified this client; empty: it has no certificate"));
  return all;
}

std::vector<Parameter> serverTlsParameters() {
  using namespace declare;
  std::vector<Parameter> all = commonParameters();
  all.push_back(text("certificate_names", "",
                     "Names it certifies, as a list; empty: the hosts of its pages and the names "
                     "that lead to it"));
  all.push_back(text("authority", "",
                     "Who certified it; empty: the first authority that everybody trusts; "
                     "\"self\": signed by itself"));
  all.push_back(choice("certificate_key", keyKinds(), "Kind of its key"));
  all.push_back(duration("certificate_age_ns", Duration::seconds(30 * 86400), 0, 100000 * hour,
                         "So long before the run it became valid"));
  all.push_back(duration("certificate_life_ns", Duration::seconds(90 * 86400), 0, 1000000 * hour,
                         "So long it is valid; shorter than its age: it has expired"));
  all.push_back(choice("client_certificates", {"none", "requested", "required"},
                       "Whether clients must show a certificate"));
  all.push_back(integer("tickets", "", 1, 0, 10, "Session tickets it gives; 0: no resumption"));
  all.push_back(duration("ticket_life_ns", Duration::seconds(7200), second, 7 * day,
                         "So long a ticket can be used (RFC 8446 allows 7 days)"));
  all.push_back(integer("early_data_bytes", "bytes", 0, 0, 1e6,
                        "Early data it takes with a ticket (0-RTT); 0: none"));
  all.push_back(boolean("replay_protection", true,
                        "Takes early data of a ticket once only (RFC 8446 section 8)"));
  return all;
}

tls::ClientConfig clientTls(const ParameterValues &v, const Context &ctx, std::string_view host) {
  tls::ClientConfig config;
  readCommon(v, config);
  config.serverName = host;
  config.verify = v.boolean("verify_certificates");
  config.trust =
      tls::trustStore(ctx.authorities(), v.boolean("trust_public"),
                      namesIn(v.rows("trusted"), "authority"), v.boolean("check_revocation"));
  config.earlyData = v.boolean("early_data");
  const std::string &own = v.text("client_certificate");
  if (own.empty()) return config;
  if (const tls::Authority *authority = tls::findAuthority(ctx.authorities(), own))
    config.identity = authority->identity(
        {{ctx.node().name}, crypto::KeyKind::EcP256, 30 * 86400, 90 * 86400, true});
  return config;
}

tls::ServerConfig serverTls(const ParameterValues &v, Context &ctx,
                            std::vector<std::string> hosts) {
  constexpr std::int64_t second = 1'000'000'000;
  tls::ServerConfig config;
  readCommon(v, config);
  tls::LeafSpec leaf;
  leaf.names = listOf(v.text("certificate_names"));
  if (leaf.names.empty()) leaf.names = namesOf(ctx.node(), std::move(hosts));
  leaf.key = keyKind(v.text("certificate_key"));
  leaf.ageSeconds = v.integer("certificate_age_ns") / second;
  leaf.lifeSeconds = v.integer("certificate_life_ns") / second;
  const tls::Authority *authority = authorityFor(ctx, v.text("authority"));
  config.identity = authority != nullptr ? authority->identity(leaf)
                                         : tls::selfSignedIdentity(ctx.seed(), ctx.node().id, leaf);
  config.trust = tls::trustStore(ctx.authorities(), true, {}, false);
  config.requestClientCertificate = v.text("client_certificates") != "none";
  config.requireClientCertificate = v.text("client_certificates") == "required";
  config.tickets = static_cast<unsigned>(v.integer("tickets"));
  config.ticketLifetime = static_cast<std::uint32_t>(v.integer("ticket_life_ns") / second);
  config.maxEarlyData = static_cast<std::uint32_t>(v.integer("early_data_bytes"));
  crypto::StreamEntropy entropy(ctx.random("tls-ticket-key"));
  config.ticketKey = entropy.bytes(32);
  return config;
}

void tellEvents(Context &ctx, transport::SocketId socket, std::vector<tls::Event> events) {
  for (const tls::Event &e : events) {
    if (e.kind == tls::Event::Kind::Phase)
      ctx.phase("tls." + e.name, e.detail);
    else
      ctx.fact(socket, topicOf(e.kind), e.name, e.value, e.detail);
  }
}

std::string calendarText(std::int64_t seconds) {
  const std::chrono::sys_seconds at{std::chrono::seconds(seconds)};
  const auto date = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day d{date};
  const std::chrono::hh_mm_ss time{at - date};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(d.year()),
                     static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

} // namespace packetarium::programs
