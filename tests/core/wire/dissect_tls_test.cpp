// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/dissect.h"
#include "core/wire/tls_messages.h"
#include "tests/core/wire/tls_flights.h"
#include "tests/core/wire/tls_samples.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

#include <functional>
#include <set>

using namespace packetarium;
using namespace packetarium::wire;

namespace {

void visitAll(const std::vector<Field> &fields, const std::function<void(const Field &)> &see) {
  for (const Field &f : fields) {
    see(f);
    visitAll(f.children, see);
  }
}

std::string valuesOf(const Dissection &d, std::string_view abbrev) {
  std::string out;
  visitAll(d.layers, [&](const Field &f) {
    if (f.abbrev != abbrev) return;
    const auto *number = std::get_if<std::uint64_t>(&f.key);
    const auto *text = std::get_if<std::string>(&f.key);
    out += (out.empty() ? "" : ";") + (number != nullptr ? std::to_string(*number)
                                       : text != nullptr ? *text
                                                         : f.value);
  });
  return out;
}

/// tshark's column as ours: hexadecimal numbers in decimal, nothing for a stretch of no bytes.
std::string decimal(const std::string &column) {
  if (column == "<MISSING>") return {};
  std::string out;
  for (const auto &value : tshark::split(column, ';'))
    out += (out.empty() ? "" : ";") +
           (value.substr(0, 2) == "0x" ? std::to_string(std::stoull(value, nullptr, 16)) : value);
  return out;
}

Packet segment(Bytes payload, std::uint16_t port = 443, bool fromClient = true,
               std::uint32_t sequence = 1, std::uint32_t acknowledgment = 1) {
  Packet p = samples::tcp(TcpFlags::Ack | TcpFlags::Psh, sequence, acknowledgment,
                          Payload::of(std::move(payload)));
  p.tcp.destinationPort = port;
  if (!fromClient) return samples::reversed(p);
  seal(p);
  return p;
}

Bytes record(std::uint8_t type, tls::View body, std::uint16_t version = 0x0303) {
  Bytes out{type, static_cast<std::uint8_t>(version >> 8), static_cast<std::uint8_t>(version),
            static_cast<std::uint8_t>(body.size() >> 8), static_cast<std::uint8_t>(body.size())};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes joined(Bytes a, const Bytes &b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// The segments of several connections, their numbers going on as TCP's do.
std::vector<Packet> conversation() {
  std::vector<Packet> out;
  std::uint16_t clientPort = 50000;
  for (const auto &flights : {tlsFlights::tls13(), tlsFlights::tls13Resumed(), tlsFlights::tls12(),
                              tlsFlights::tls12ClientAuthentication()}) {
    ++clientPort;
    std::uint32_t next[2] = {1, 1};
    for (const auto &flight : flights) {
      const int from = flight.fromClient ? 0 : 1;
      Packet p = segment(flight.bytes, 443, flight.fromClient, next[from], next[1 - from]);
      (flight.fromClient ? p.tcp.sourcePort : p.tcp.destinationPort) = clientPort;
      seal(p);
      next[from] += static_cast<std::uint32_t>(flight.bytes.size());
      out.push_back(p);
    }
  }
  return out;
}

/// Fields that tshark has under another name, without a value, or not at all.
bool comparedWithTshark(std::string_view abbrev) {
  static const std::set<std::string_view> others = {"tls",
                                                    "tls.record",
                                                    "tls.handshake",
                                                    "tls.handshake.body",
                                                    "tls.handshake.extension",
                                                    "tls.handshake.client_exchange",
                                                    "tls.handshake.client_exchange_len",
                                                    "tls.alert_message",
                                                    "tls.change_cipher_spec",
                                                    "tls.handshake.ciphersuites",
                                                    "tls.handshake.comp_methods",
                                                    "tls.handshake.extensions_supported_groups",
                                                    "tls.handshake.extensions_ec_point_formats",
                                                    "tls.handshake.sig_hash_algs",
                                                    "tls.handshake.extensions_alpn_list",
                                                    "tls.handshake.certificates",
                                                    "tls.handshake.cert_types",
                                                    "tls.handshake.dnames",
                                                    "tls.handshake.dname",
                                                    "tls.handshake.verify_data",
                                                    "tls.handshake.extensions.psk.binders",
                                                    "tls.record.content_type"};
  return abbrev.substr(0, 3) == "tls" && others.count(abbrev) == 0;
}

Dissection ofFlight(const tlsFlights::Flights &flights, std::size_t i) {
  return dissect(segment(flights[i].bytes, 443, flights[i].fromClient));
}

std::string labelOf(Bytes payload, std::uint16_t port = 443) {
  return shortLabel(segment(std::move(payload), port));
}

} // namespace

TEST_CASE("Every TLS field has the value that tshark finds") {
  if (!tshark::present()) {
    WARN("tshark is not installed: TLS fields were not compared with it");
    return;
  }
  tshark::Capture capture("tls");
  PcapngWriter writer(capture.out());
  REQUIRE(writer.begin({}));
  REQUIRE(writer.addInterface({"test", ""}).ok());
  const auto packets = conversation();
  for (const Packet &p : packets) REQUIRE(writer.packet(0, SimTime::zero(), encode(p)));
  std::vector<std::string> names;
  std::string options = "-T fields -E separator='|' -E aggregator=';' -e tls.record.content_type"
                        " -e tls.record.opaque_type";
  for (const FieldSpec &spec : fieldCatalogue())
    if (comparedWithTshark(spec.abbrev)) {
      names.emplace_back(spec.abbrev);
      options += " -e " + names.back();
    }
  const auto rows = tshark::split(capture.read(options), '\n');
  REQUIRE(rows.size() == packets.size());
  std::set<std::string> met;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto columns = tshark::split(rows[i], '|');
    REQUIRE(columns.size() == names.size() + 2);
    const Dissection d = dissect(packets[i]);
    for (std::size_t c = 0; c < names.size(); ++c) {
      INFO("packet " << i + 1 << ", " << names[c]);
      CHECK(valuesOf(d, names[c]) == decimal(columns[c + 2]));
      if (!columns[c + 2].empty()) met.insert(names[c]);
    }
    // tshark follows the connection, and says "opaque" of what TLS 1.3 has encrypted.
    const std::string between = columns[0].empty() || columns[1].empty() ? "" : ";";
    CHECK(valuesOf(d, "tls.record.content_type") == columns[0] + between + columns[1]);
  }
  CHECK(met.size() > 55); // the comparison was not of empty with empty
}

TEST_CASE("TLS fields are of the catalogue, lie within their parents and are sound") {
  std::function<void(const Field &)> check = [&](const Field &parent) {
    for (const Field &f : parent.children) {
      INFO(parent.abbrev << " > " << f.abbrev);
      CHECK(findFieldSpec(f.abbrev) != nullptr);
      CHECK_FALSE(f.malformed);
      CHECK(f.offset >= parent.offset);
      CHECK(f.offset + f.length <= parent.offset + parent.length);
      check(f);
    }
  };
  for (const Packet &p : conversation()) {
    const Dissection d = dissect(p);
    const Field &layer = d.layers.back();
    CHECK(layer.abbrev == "tls");
    CHECK(layer.offset + layer.length == d.bytes.size());
    check(layer);
  }
}

TEST_CASE("Labels and lines name what a segment of TLS carries") {
  const auto tls13 = tlsFlights::tls13();
  const auto tls12 = tlsFlights::tls12();
  CHECK(ofFlight(tls13, 0).protocol == "TLS");
  CHECK(ofFlight(tls13, 0).label == "Client Hello");
  CHECK(ofFlight(tls13, 0).info == "Client Hello (SNI=www.example.com)");
  CHECK(ofFlight(tls13, 1).label == "Server Hello, encrypted");
  CHECK(ofFlight(tls13, 1).info == "Server Hello, Change Cipher Spec, Application Data, "
                                   "Application Data, Application Data, Application Data");
  CHECK(ofFlight(tls12, 1).label == "Server Hello, Certificate, …");
  CHECK(ofFlight(tls12, 1).info ==
        "Server Hello, Certificate, Server Key Exchange, Server Hello Done");
  CHECK(ofFlight(tls12, 2).label == "Client Key Exchange, encrypted");
  CHECK(ofFlight(tls12, 2).info ==
        "Client Key Exchange, Change Cipher Spec, Encrypted Handshake Message");
  CHECK(ofFlight(tls12, 3).label == "New Session Ticket, encrypted");
  CHECK(labelOf(record(23, Bytes(1256))) == "Application Data, 1256 B");
  CHECK(labelOf(joined(record(23, Bytes(100)), record(23, Bytes(50)))) ==
        "Application Data, 150 B");
  CHECK(labelOf(record(20, Bytes{1})) == "Change Cipher Spec");
  CHECK(labelOf(record(21, Bytes{2, 40})) == "Alert: handshake_failure");
  CHECK(labelOf(record(21, Bytes(26))) == "Encrypted Alert");
  for (const Packet &p : conversation()) CHECK(shortLabel(p).size() <= 45);
}

TEST_CASE("An alert in clear says what happened") {
  const Dissection d = dissect(segment(record(21, Bytes{2, 48})));
  CHECK(valuesOf(d, "tls.alert_message.level") == "2");
  CHECK(valuesOf(d, "tls.alert_message.desc") == "48");
  CHECK(findField(d, "tls.alert_message.desc")->value.find("authority") != std::string::npos);
}

TEST_CASE("A HelloRetryRequest is called by its name and holds the group wanted") {
  tls::ServerHello m;
  m.random = tls::helloRetryRandom;
  m.suite = 0x1301;
  m.extensions = {tls::selectedVersion(0x0304), tls::keyShareGroup(23), tls::cookie(Bytes{1, 2})};
  const Packet p =
      segment(record(22, tls::handshake(tls::HandshakeType::ServerHello, tls::write(m))));
  const Dissection d = dissect(p);
  CHECK(d.label == "Hello Retry Request");
  CHECK(valuesOf(d, "tls.handshake.extensions_key_share_selected_group") == "23");
  CHECK(valuesOf(d, "tls.handshake.extensions.cookie") == "0102");
  CHECK(valuesOf(d, "tls.handshake.extensions.supported_version") == "772");
}

TEST_CASE("A Diffie-Hellman key exchange shows its group and public values") {
  tls::ServerKeyExchange m;
  m.p = Bytes(256, 0xab);
  m.g = {2};
  m.publicValue = Bytes(256, 0xcd);
  m.signature = {0x0804, Bytes(256, 1)};
  const auto body = tls::handshake(tls::HandshakeType::ServerKeyExchange, tls::write(m));
  const Dissection d = dissect(segment(record(22, body)));
  CHECK(valuesOf(d, "tls.handshake.g") == "02");
  CHECK(valuesOf(d, "tls.handshake.ys_len") == "256");
  CHECK(valuesOf(d, "tls.handshake.sig_hash_alg") == "2052");
  CHECK(findField(d, "_ws.malformed") == nullptr);
  const auto answer =
      tls::handshake(tls::HandshakeType::ClientKeyExchange, joined({1, 0}, Bytes(256, 7)));
  CHECK(valuesOf(dissect(segment(record(22, answer))), "tls.handshake.client_exchange_len") ==
        "256");
}

TEST_CASE("A record that goes on in other segments is shown as far as it is there") {
  const Bytes whole = record(22, tlsSamples::clientHello(), 0x0301);
  for (std::size_t n = 1; n < whole.size(); ++n) {
    const Dissection d = dissect(segment(Bytes(whole.begin(), whole.begin() + long(n))));
    INFO(n << " of " << whole.size());
    CHECK(d.protocol == "TLS");
    CHECK(findField(d, "_ws.malformed") == nullptr);
    CHECK(findField(d, n < 5 ? "tls.segment.data" : "tls.record.length") != nullptr);
    if (n >= 9) CHECK(d.label == "Client Hello");
    if (n >= 80) CHECK(valuesOf(d, "tls.handshake.extensions_server_name") == "server");
  }
  const Bytes data = record(23, Bytes(16401, 9));
  const Bytes first(data.begin(), data.begin() + 1448);
  CHECK(labelOf(first) == "Application Data, 1443 of 16401 B");
  CHECK(labelOf(Bytes(1448, 9)) == "TLS segment data, 1448 B");
  const Dissection rest = dissect(segment(Bytes(1448, 9)));
  CHECK(rest.layers.back().value == "TLS segment data (continues), 1448 bytes");
  CHECK(findField(rest, "_ws.malformed") == nullptr);
}

TEST_CASE("A message that overruns itself is malformed") {
  Bytes hello = tlsSamples::clientHello();
  hello[4 + 2 + 32] = 200; // a session ID longer than all that follows
  const Dissection d = dissect(segment(record(22, hello)));
  REQUIRE(findField(d, "_ws.malformed") != nullptr);
  CHECK(d.layers.back().malformed);
  Bytes longer = tls::write(tls::Signature{0x0403, Bytes(70)});
  longer.push_back(0);
  const auto verify = tls::handshake(tls::HandshakeType::CertificateVerify, longer);
  CHECK(findField(dissect(segment(record(22, verify))), "_ws.malformed")->value ==
        "1 bytes too many");
}

TEST_CASE("Encrypted handshake messages are not taken for messages in clear") {
  // An explicit nonce that counts from 0, as TLS 1.2's AES-GCM has it, looks like HelloRequests.
  Bytes finished(40, 0);
  for (std::size_t i = 8; i < finished.size(); ++i) finished[i] = static_cast<std::uint8_t>(7 * i);
  CHECK(shortInfo(segment(record(22, finished))) == "Encrypted Handshake Message");
  RandomStream r(7, "test", "ciphertext");
  int taken = 0;
  for (int round = 0; round < 10000; ++round) {
    Bytes body(40);
    for (auto &byte : body) byte = static_cast<std::uint8_t>(r.next());
    if (shortInfo(segment(record(22, body))) != "Encrypted Handshake Message") ++taken;
  }
  CHECK(taken < 20);
}

TEST_CASE("TLS is known by its port, and on any TCP port by its first bytes") {
  const Bytes hello = record(22, tlsSamples::clientHello(), 0x0301);
  for (const std::uint16_t port : std::vector<std::uint16_t>{443, 8443, 8080, 3128, 80}) {
    const Packet p = segment(hello, port);
    CHECK(p.protocol == ProtocolClass::Tls);
    CHECK(summarise(p).protocol == "TLS");
    CHECK(findField(dissect(p), "tls.handshake.random") != nullptr);
  }
  const Bytes text{'G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T', 'P', '/', '1', '.', '1', '\n'};
  CHECK(segment(text, 443).protocol == ProtocolClass::Tls);
  CHECK(segment(text, 80).protocol == ProtocolClass::Http);
  CHECK(summarise(segment(text, 80)).protocol == "HTTP");
  CHECK(segment(text, 3128).protocol == ProtocolClass::Tcp);
  CHECK(segment({}, 443).protocol == ProtocolClass::Tcp);
  CHECK(summarise(segment({}, 443)).protocol == "TCP");
  CHECK(summarise(segment(Bytes{24, 3, 3, 0, 1, 0}, 3128)).protocol == "TCP");
  CHECK(summarise(segment(Bytes{23, 3, 5, 0, 1, 0}, 3128)).protocol == "TCP");
  CHECK(summarise(segment(Bytes{23, 3, 3, 0x41, 1, 0}, 3128)).protocol == "TCP");
}

TEST_CASE("Any change to a TLS segment can still be taken apart within its bounds") {
  RandomStream r(5, "test", "tls noise");
  const auto packets = conversation();
  for (int round = 0; round < 2000; ++round) {
    Bytes frame = encode(packets[r.below(packets.size())]);
    for (auto n = 1 + r.below(6); n > 0; --n)
      frame[54 + r.below(frame.size() - 54)] = static_cast<std::uint8_t>(r.next());
    const Dissection d = dissectBytes(frame);
    bool inside = true;
    visitAll(d.layers, [&](const Field &f) {
      inside = inside && std::size_t{f.offset} + f.length <= frame.size();
    });
    REQUIRE(inside);
    REQUIRE_FALSE(d.info.empty());
  }
}
