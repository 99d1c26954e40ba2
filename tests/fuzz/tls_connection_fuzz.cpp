// SPDX-License-Identifier: GPL-3.0-or-later
// Connections of TLS under attack. The first byte says how: bytes from anywhere for one end, in
// arbitrary pieces; a handshake of two ends whose bytes are changed on the way; or one whose server
// lies in what it encrypts. Nothing may crash, answer without bounds, believe a handshake that its
// peer has not seen, or give away data that was not sent.
#include "core/tls/authority.h"
#include "core/tls/connection.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

using namespace packetarium;
using namespace packetarium::tls;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// Takes the input apart; zeros when it is at its end.
class Input {
public:
  Input(const std::uint8_t *data, std::size_t size) : m_rest(data, size) {}
  bool empty() const { return m_rest.empty(); }
  std::uint8_t byte() {
    const View one = bytes(1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }
  View bytes(std::size_t count) {
    const View taken = m_rest.first(std::min(count, m_rest.size()));
    m_rest = m_rest.subspan(taken.size());
    return taken;
  }
  View rest() { return bytes(m_rest.size()); }

private:
  View m_rest;
};

struct Configs {
  ClientConfig client;
  ServerConfig server;
};

/// Both ends and their random streams, equal at the beginning of every input.
struct Ends {
  explicit Ends(const Configs &configs)
      : client(std::make_shared<const ClientConfig>(configs.client)),
        server(std::make_shared<const ServerConfig>(configs.server)) {}
  Hands hands(Role role) {
    return {role == Role::Client ? clientEntropy : serverEntropy, runEpochSeconds * 1000, {}};
  }
  Connection &of(Role role) { return role == Role::Client ? client : server; }

  RandomStream clientStream{1, "client", "fuzz"}, serverStream{1, "server", "fuzz"};
  crypto::StreamEntropy clientEntropy{clientStream}, serverEntropy{serverStream};
  Connection client, server;
};

enum class Kind { Full, Mutual, Retried, Resumed, Count_ };
enum class Versions { Only13, Only12, Both, Count_ };

constexpr std::string_view clientText = "GET / HTTP/1.1", serverText = "HTTP/1.1 200 OK";

/// Answers with nobody in between.
void talkPlainly(Ends &ends) {
  Hands client = ends.hands(Role::Client), server = ends.hands(Role::Server);
  ends.client.start(client);
  for (bool more = true; more;) {
    const Bytes up = ends.client.takeOutput();
    ends.server.feed(up, server);
    const Bytes down = ends.server.takeOutput();
    ends.client.feed(down, client);
    more = !up.empty() || !down.empty();
  }
}

Configs makeConfigs(Kind kind, Versions versions) {
  static const auto authority = [] {
    AuthoritySpec spec;
    spec.id = spec.name = "Example Root CA";
    return std::make_shared<const Authority>(1, spec);
  }();
  Configs c;
  if (versions == Versions::Only13) c.client.versions = c.server.versions = {Version::Tls13};
  if (versions == Versions::Only12) c.client.versions = c.server.versions = {Version::Tls12};
  c.client.serverName = "www.example.com";
  c.client.alpn = c.server.alpn = {"http/1.1"};
  c.client.trust = c.server.trust = trustStore({authority}, true, {}, false);
  LeafSpec leaf;
  leaf.names = {c.client.serverName};
  c.server.identity = authority->identity(leaf);
  c.server.ticketKey = Bytes(32, 0x42);
  c.server.maxEarlyData = 1000;
  for (CommonConfig *each :
       {static_cast<CommonConfig *>(&c.client), static_cast<CommonConfig *>(&c.server)})
    each->observed = false;
  if (kind == Kind::Retried) c.server.groups = {0x17};
  if (kind == Kind::Mutual) {
    leaf = {{"alice"}, crypto::KeyKind::Ed25519};
    leaf.forClients = true;
    c.client.identity = authority->identity(leaf);
    c.server.requestClientCertificate = c.server.requireClientCertificate = true;
  }
  if (kind == Kind::Resumed) {
    Ends first(c);
    talkPlainly(first);
    const auto sessions = first.client.takeSessions();
    require(!sessions.empty());
    c.client.session = std::make_shared<const Session>(sessions.front());
    c.client.earlyData = true;
  }
  return c;
}

/// Made once: keys and certificates take their time.
const Configs &configsFor(std::uint8_t choice) {
  constexpr auto kinds = static_cast<std::size_t>(Kind::Count_);
  constexpr auto versions = static_cast<std::size_t>(Versions::Count_);
  static std::array<std::optional<Configs>, kinds * versions> made;
  const std::size_t index = choice % made.size();
  auto &configs = made[index];
  if (!configs)
    configs = makeConfigs(static_cast<Kind>(index % kinds), static_cast<Versions>(index / kinds));
  return *configs;
}

/// What one end has told and got in all.
struct Tally {
  std::map<std::string, std::string> keyLog;
  std::string data;
  std::size_t fed = 0, said = 0;

  /// Everything is taken, so that nothing is counted twice.
  Bytes take(Connection &end) {
    const Bytes plain = end.takeData();
    data.append(plain.begin(), plain.end());
    for (const Event &e : end.takeEvents())
      if (e.kind == Event::Kind::KeyLog) keyLog[e.name] = e.value;
    Bytes output = end.takeOutput();
    said += output.size();
    // Certificates go out but once, and what asks for an answer is about as long as the answer.
    require(said <= 8192 + 4 * fed);
    require(data.size() <= fed);
    if (end.failure()) require(end.failedByPeer() || end.failure()->alert != Alert::InternalError);
    return output;
  }
};

/// Bytes from anywhere. A copy made on the way must go on as the original.
void attackOne(Input in) {
  Ends ends(configsFor(in.byte()));
  const Role role = in.byte() % 2 == 0 ? Role::Client : Role::Server;
  Connection &end = ends.of(role);
  Hands hands = ends.hands(role);
  end.start(hands);
  end.send(crypto::viewOf(role == Role::Client ? clientText : serverText), hands);
  Tally tally, copyTally;
  tally.take(end);
  const std::uint8_t copyAt = in.byte();
  std::optional<Connection> copy;
  RandomStream copyStream = ends.clientStream;
  crypto::StreamEntropy copyEntropy(copyStream);
  Hands copyHands{copyEntropy, hands.nowMs, {}};
  for (unsigned piece = 0; !in.empty(); ++piece) {
    if (piece == copyAt) {
      copy = end;
      copyStream = role == Role::Client ? ends.clientStream : ends.serverStream;
      copyTally = tally;
    }
    const std::uint8_t length = in.byte();
    const View bytes = length == 0 ? in.rest() : in.bytes(length);
    const bool wasOpen = end.open();
    end.feed(bytes, hands);
    tally.fed += bytes.size();
    const Bytes answer = tally.take(end);
    require(wasOpen || answer.empty());
    if (!copy) continue;
    copy->feed(bytes, copyHands);
    copyTally.fed += bytes.size();
    require(copyTally.take(*copy) == answer);
  }
  if (copy) require(copyTally.data == tally.data && copyTally.keyLog == tally.keyLog);
}

/// One change of bytes on the way.
struct Change {
  std::size_t at = 0; ///< bytes on the way before it, in both directions together
  std::uint8_t kind = 0, value = 0;
};

/// Where the record that holds an offset begins, and the next one.
std::pair<std::size_t, std::size_t> recordAround(const Bytes &flight, std::size_t offset) {
  std::size_t from = 0;
  while (from + recordHeaderSize <= flight.size()) {
    const std::size_t length = std::size_t{flight[from + 3]} << 8 | flight[from + 4];
    const std::size_t to = std::min(flight.size(), from + recordHeaderSize + length);
    if (offset < to) return {from, to};
    from = to;
  }
  return {from, flight.size()};
}

void apply(const Change &change, std::size_t offset, Bytes &flight) {
  const auto at = [&](std::size_t i) {
    return flight.begin() + static_cast<std::ptrdiff_t>(std::min(i, flight.size()));
  };
  const auto [from, to] = recordAround(flight, offset);
  switch (change.kind % 7) {
  case 0: flight[offset] ^= static_cast<std::uint8_t>(1U << (change.value % 8)); break;
  case 1: flight[offset] = change.value; break;
  case 2: flight.insert(at(offset), 1 + change.value / 16, change.value); break;
  case 3: flight.erase(at(offset), at(offset + 1 + change.value)); break;
  case 4: { // a record twice
    const Bytes record(at(from), at(to));
    flight.insert(at(to), record.begin(), record.end());
    break;
  }
  case 5: flight.erase(at(from), at(to)); break;
  case 6: std::rotate(at(from), at(to), at(recordAround(flight, to).second)); break;
  }
}

std::vector<Change> changesFrom(Input in) {
  std::vector<Change> changes;
  for (std::size_t at = 0; !in.empty() && changes.size() < 16;) {
    at += std::size_t{in.byte()} << 8;
    at += in.byte();
    const std::uint8_t kind = in.byte();
    changes.push_back({at, kind, in.byte()});
  }
  return changes;
}

/// Changes bytes on their way, whatever they are.
class Wire {
public:
  explicit Wire(Input in) : m_changes(changesFrom(in)) {}
  void carry(Bytes &flight) {
    const std::size_t size = flight.size();
    for (; m_next < m_changes.size() && m_changes[m_next].at < m_seen + size; ++m_next) {
      const std::size_t offset = m_changes[m_next].at - m_seen;
      if (offset < flight.size()) apply(m_changes[m_next], offset, flight);
    }
    m_seen += size;
  }

private:
  std::vector<Change> m_changes;
  std::size_t m_next = 0, m_seen = 0;
};

/// The secret at the end of a key log's line.
Bytes secretOf(std::string_view line) { return crypto::fromHex(line.substr(line.rfind(' ') + 1)); }

/// Changes the messages that a server of TLS 1.3 sends under its handshake keys, and protects them
/// again: what comes from a peer that has all keys, and means no good.
class Liar {
public:
  explicit Liar(Input in) : m_changes(changesFrom(in)) {}
  void carry(Bytes &flight, const Facts &server, const Tally &told) {
    const auto line = told.keyLog.find("SERVER_HANDSHAKE_TRAFFIC_SECRET");
    if (m_done || line == told.keyLog.end()) return;
    m_done = true;
    flight = lied(flight, trafficKeys(*server.suite, secretOf(line->second)));
  }

private:
  Bytes lied(const Bytes &flight, const TrafficKeys &keys) const {
    Protection opens(Version::Tls13, keys);
    RecordWriter writer;
    writer.protect(Version::Tls13, keys);
    Bytes out, messages, after; // a server may answer early data at once, under its next keys
    for (View rest(flight); !rest.empty();) {
      const View header = rest.first(recordHeaderSize);
      const View body = rest.subspan(recordHeaderSize, std::size_t{header[3]} << 8 | header[4]);
      const View whole = rest.first(recordHeaderSize + body.size());
      rest = rest.subspan(whole.size());
      Bytes plain;
      std::uint8_t type = header[0];
      if (type != static_cast<std::uint8_t>(ContentType::ApplicationData))
        crypto::append(out, whole);
      else if (opens.open(header, body, plain, type))
        crypto::append(messages, plain);
      else
        crypto::append(after, whole);
    }
    require(!messages.empty());
    for (const Change &change : m_changes)
      if (change.at < messages.size())
        apply({change.at, static_cast<std::uint8_t>(change.kind % 4), change.value}, change.at,
              messages);
    writer.write(ContentType::Handshake, messages, out);
    crypto::append(out, after);
    return out;
  }

  std::vector<Change> m_changes;
  bool m_done = false;
};

bool beginsWith(std::string_view whole, std::string_view start) {
  return whole.substr(0, start.size()) == start;
}

void requireSameSecrets(const Ends &ends, const Tally &client, const Tally &server) {
  const Facts &c = ends.client.facts(), &s = ends.server.facts();
  require(c.version == s.version && c.suite == s.suite && c.group == s.group);
  require(c.alpn == s.alpn && c.resumed == s.resumed && c.retried == s.retried);
  const bool v13 = c.version == Version::Tls13;
  require(client.keyLog.count(v13 ? "SERVER_TRAFFIC_SECRET_0" : "CLIENT_RANDOM") == 1);
  for (const auto &[label, line] : client.keyLog) {
    const auto theirs = server.keyLog.find(label);
    require(theirs != server.keyLog.end() ? theirs->second == line
                                          : label == "CLIENT_EARLY_TRAFFIC_SECRET");
  }
}

/// Two ends and somebody in between, or a server that lies.
void attackBoth(Input in, bool lies) {
  Ends ends(configsFor(in.byte()));
  const std::size_t pieces = 1 + in.byte() % 4; ///< in which each flight arrives
  Wire wire(lies ? Input(nullptr, 0) : in);
  Liar liar(lies ? in : Input(nullptr, 0));
  Tally client, server;
  Hands clientHands = ends.hands(Role::Client), serverHands = ends.hands(Role::Server);
  ends.client.send(crypto::viewOf(clientText), clientHands);
  ends.server.send(crypto::viewOf(serverText), serverHands);
  ends.client.start(clientHands);
  const auto carry = [&](Bytes flight, Connection &to, Tally &tally, Hands &hands) {
    if (flight.empty()) return false;
    wire.carry(flight);
    if (lies && &to == &ends.client) liar.carry(flight, ends.server.facts(), server);
    tally.fed += flight.size();
    View rest(flight);
    for (std::size_t left = pieces; left > 0; --left) {
      const View piece = rest.first(rest.size() / left);
      to.feed(piece, hands);
      rest = rest.subspan(piece.size());
    }
    return true;
  };
  unsigned turns = 0;
  for (bool more = true; more; ++turns) {
    more = carry(client.take(ends.client), ends.server, server, serverHands);
    more = carry(server.take(ends.server), ends.client, client, clientHands) || more;
    require(turns < 32);
  }
  require(beginsWith(clientText, server.data) && beginsWith(serverText, client.data));
  if (ends.client.established() && ends.server.established())
    requireSameSecrets(ends, client, server);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  Input in(data, size);
  const std::uint8_t how = in.byte() % 3;
  if (how == 0)
    attackOne(in);
  else
    attackBoth(in, how == 2);
  return 0;
}
