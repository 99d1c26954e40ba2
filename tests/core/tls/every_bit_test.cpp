// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of a handshake of TLS 1.3 with one bit flipped, or cut short. A part of all bits and
// cuts is tried; with PACKETARIUM_EVERY_BIT=1 in the environment, each of them.
#include "tests/core/tls/pair.h"
#include "tests/support/catch.h"

#include <cstdlib>
#include <map>
#include <set>

using namespace tlstest;

namespace {

/// A kind of handshake with all that makes it.
struct Scene {
  std::string name;
  ClientConfig client;
  ServerConfig server;
  std::string early; ///< sent before the handshake
  bool (*is)(const Pair &);
};

Pair played(const Scene &scene, const Pair::Change &change) {
  Pair pair(scene.client, scene.server);
  if (!scene.early.empty()) pair.send(Role::Client, scene.early);
  pair.run(change);
  return pair;
}

std::vector<Scene> scenes() {
  const Authority authority = makeAuthority();
  Scene full{"full", clientConfig(authority), serverConfig(authority), {}, [](const Pair &p) {
               return !p.client.facts().resumed && !p.client.facts().retried;
             }};
  full.client.versions = full.server.versions = {Version::Tls13};
  full.server.maxEarlyData = 1000;
  const auto sessions = played(full, {}).client.takeSessions();
  REQUIRE(sessions.size() == 1);
  full.server.tickets = 0;

  Scene mutual = full;
  mutual.name = "client certificate";
  mutual.client.identity = makeIdentity(authority, crypto::KeyKind::EcP256, "alice", true);
  mutual.server.requestClientCertificate = mutual.server.requireClientCertificate = true;
  mutual.is = [](const Pair &p) { return !p.server.facts().peerChain.empty(); };

  Scene retried = full;
  retried.name = "HelloRetryRequest";
  retried.server.groups = {0x17};
  retried.is = [](const Pair &p) { return p.client.facts().retried; };

  Scene early = full;
  early.name = "resumed, early data";
  early.client.session = std::make_shared<const Session>(sessions.front());
  early.client.earlyData = true;
  early.early = "GET / HTTP/1.1";
  early.is = [](const Pair &p) { return p.server.facts().early == Facts::Early::Accepted; };
  return {full, mutual, retried, early};
}

/// What a byte on the way belongs to.
enum class Place { Header, Hello, ChangeCipherSpec, Protected };

std::vector<Place> placesOf(View records) {
  std::vector<Place> places;
  while (!records.empty()) {
    const auto type = static_cast<ContentType>(records[0]);
    const std::size_t length = std::size_t{records[3]} << 8 | records[4];
    places.insert(places.end(), recordHeaderSize, Place::Header);
    places.insert(places.end(), length,
                  type == ContentType::Handshake          ? Place::Hello
                  : type == ContentType::ChangeCipherSpec ? Place::ChangeCipherSpec
                                                          : Place::Protected);
    records = records.subspan(recordHeaderSize + length);
  }
  return places;
}

/// The alerts that RFC 8446 has for damage at a place.
const std::set<Alert> &alertsAt(Place place) {
  using enum Alert;
  // Sections 5.1 and 5.2. The header of a protected record is authenticated with it; after a wrong
  // length, what is no header is read as one, of a record or (illegal_parameter) a message.
  static const std::set<Alert> header = {UnexpectedMessage, ProtocolVersion, RecordOverflow,
                                         DecodeError,       BadRecordMac,    IllegalParameter};
  // Section 5: "MUST abort the handshake with an unexpected_message alert".
  static const std::set<Alert> changeCipherSpec = {UnexpectedMessage};
  // Section 5.2.
  static const std::set<Alert> sealed = {BadRecordMac};
  // Sections 4.1 and 4.2; bad_record_mac where keys come from what is not the same at both ends,
  // decrypt_error for a binder (4.2.11) or a Finished (4.4.4).
  static const std::set<Alert> hello = {
      DecodeError,      IllegalParameter,     UnexpectedMessage, HandshakeFailure,
      MissingExtension, UnsupportedExtension, ProtocolVersion,   NoApplicationProtocol,
      DecryptError,     BadRecordMac};
  switch (place) {
  case Place::Header: return header;
  case Place::Hello: return hello;
  case Place::ChangeCipherSpec: return changeCipherSpec;
  case Place::Protected: break;
  }
  return sealed;
}

std::optional<Alert> ownAlert(const Connection &c) {
  return c.failure() && !c.failedByPeer() ? std::optional(c.failure()->alert) : std::nullopt;
}

bool everyBit() {
  const char *const value = std::getenv("PACKETARIUM_EVERY_BIT");
  return value != nullptr && std::string_view(value) == "1";
}

/// How all the flips of a scene ended.
struct Tally {
  std::map<std::string, std::size_t> ends;
  std::size_t flips = 0, alerts = 0, unnoticed = 0;
  std::string text() const {
    std::string out = std::to_string(flips) + " flips:";
    for (const auto &[end, count] : ends) out += " " + end + " " + std::to_string(count) + ",";
    return out + " unnoticed " + std::to_string(unnoticed);
  }
};

void checkAlert(const Connection &end, Place place, Tally &tally) {
  const auto alert = ownAlert(end);
  if (!alert) return;
  const std::string name = nameOfAlert(static_cast<std::uint8_t>(*alert));
  ++tally.ends[name];
  INFO(name << ": " << end.failure()->why);
  CHECK(alertsAt(place).count(*alert) == 1);
}

void checkStillSound(Pair &pair) {
  pair.send(Role::Client, "still");
  pair.send(Role::Server, "sound");
  pair.run();
  CHECK(pair.received(Role::Server) == "still");
  CHECK(pair.received(Role::Client) == "sound");
  CHECK(pair.client.facts().suite == pair.server.facts().suite);
}

void checkFlip(const Scene &scene, std::size_t bit, Place place, Tally &tally) {
  INFO("bit " << bit % 8 << " of byte " << bit / 8);
  std::size_t seen = 0;
  Pair pair = played(scene, [&](Role, Bytes &bytes) {
    if (bit / 8 >= seen && bit / 8 < seen + bytes.size())
      bytes[bit / 8 - seen] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    seen += bytes.size();
  });
  ++tally.flips;
  checkAlert(pair.client, place, tally);
  checkAlert(pair.server, place, tally);
  const std::string early = pair.received(Role::Server);
  CHECK((early.empty() || early == scene.early));
  if (pair.client.failure() || pair.server.failure()) {
    ++tally.alerts;
    CHECK_FALSE((pair.client.open() && pair.server.open()));
  } else if (!pair.established()) {
    ++tally.ends["waiting"];
  } else {
    // The version in a record's header is all that nobody looks at (RFC 8446 section 5.1).
    ++tally.unnoticed;
    CHECK(place == Place::Header);
    checkStillSound(pair);
  }
}

} // namespace

TEST_CASE("no bit of a 1.3 handshake can be flipped unnoticed") {
  for (const Scene &scene : scenes()) {
    INFO(scene.name);
    std::vector<Place> places;
    const Pair sound = played(scene, [&](Role, Bytes &bytes) {
      const auto more = placesOf(bytes);
      places.insert(places.end(), more.begin(), more.end());
    });
    REQUIRE(sound.established());
    REQUIRE(scene.is(sound));
    Tally tally;
    const std::size_t step = everyBit() ? 1 : 31;
    for (std::size_t bit = 0; bit < places.size() * 8; bit += step)
      checkFlip(scene, bit, places[bit / 8], tally);
    if (everyBit()) WARN(scene.name << ", " << tally.text());
    CHECK(tally.alerts > tally.flips * 9 / 10);
    CHECK(tally.unnoticed < tally.flips / 50);
  }
}

TEST_CASE("a handshake that is cut anywhere waits, and nobody believes it is complete") {
  for (const Scene &scene : scenes()) {
    INFO(scene.name);
    std::size_t total = 0;
    played(scene, [&](Role, Bytes &bytes) { total += bytes.size(); });
    for (std::size_t cut = 0; cut < total; cut += everyBit() ? 1 : 11) {
      INFO("cut after " << cut << " of " << total);
      std::size_t seen = 0;
      const Pair pair = played(scene, [&](Role, Bytes &bytes) {
        const std::size_t room = cut > seen ? cut - seen : 0;
        seen += bytes.size();
        if (bytes.size() > room) bytes.resize(room);
      });
      CHECK_FALSE(pair.established());
      CHECK_FALSE(pair.client.failure());
      CHECK_FALSE(pair.server.failure());
    }
  }
}
