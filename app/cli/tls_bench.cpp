// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/tls_bench.h"

#include "core/tls/connection.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <stdexcept>

namespace packetarium::cli {
namespace {

constexpr int rounds = 9;
constexpr Duration turnTime = Duration::ms(100);
constexpr std::size_t recordBytes = 16384;
constexpr int recordsAtOnce = 16; ///< between two looks at the clock

/// tls::Connection at both ends.
class OwnTls final : public TlsContestant {
public:
  OwnTls(const TlsConditions &conditions, const TlsParties &parties, bool observed) {
    tls::ClientConfig client;
    tls::ServerConfig server;
    for (tls::CommonConfig *each :
         {static_cast<tls::CommonConfig *>(&client), static_cast<tls::CommonConfig *>(&server)}) {
      each->versions = {conditions.version};
      each->suites = {conditions.suite};
      each->groups = {0x001d, 0x0017}; // in 1.2 the second allows the certificate
      each->observed = each->keyLogged = observed;
    }
    client.serverName = parties.host;
    client.trust = tls::trustStore({parties.authority}, true, {}, false);
    server.identity = parties.server;
    server.tickets = 0;
    m_clientConfig = std::make_shared<const tls::ClientConfig>(std::move(client));
    m_serverConfig = std::make_shared<const tls::ServerConfig>(std::move(server));
  }

  void shakeHands() override {
    m_client.emplace(m_clientConfig);
    m_server.emplace(m_serverConfig);
    m_client->start(m_hands);
    for (bool more = true; more;) {
      const tls::Bytes up = m_client->takeOutput();
      if (!up.empty()) m_server->feed(up, m_hands);
      const tls::Bytes down = m_server->takeOutput();
      if (!down.empty()) m_client->feed(down, m_hands);
      more = !up.empty() || !down.empty();
    }
    if (!m_client->established() || !m_server->established())
      throw std::runtime_error("a handshake failed");
  }

  void transfer(std::string_view record) override {
    m_client->send(crypto::viewOf(record), m_hands);
    m_server->feed(m_client->takeOutput(), m_hands);
    if (m_server->takeData().size() != record.size()) throw std::runtime_error("a transfer failed");
  }

private:
  RandomStream m_stream{1, "bench", "tls"};
  crypto::StreamEntropy m_entropy{m_stream};
  tls::Hands m_hands{m_entropy, tls::runEpochSeconds * 1000, {}};
  std::shared_ptr<const tls::ClientConfig> m_clientConfig;
  std::shared_ptr<const tls::ServerConfig> m_serverConfig;
  std::optional<tls::Connection> m_client, m_server;
};

enum Who : std::size_t { Own, Observed, OpenSsl, Count_ };
using Rates = std::array<std::vector<double>, Count_>; ///< a second, one for each round

struct Line {
  const TlsConditions *conditions = nullptr;
  bool bulk = false;
  std::array<std::unique_ptr<TlsContestant>, Count_> contestants;
  Rates rates;
};

/// How often it can be done in a second of processor time, tried for so long.
template <class Work> double rateOf(Duration time, Work work) {
  const std::clock_t start = std::clock();
  for (std::uint64_t count = 1;; ++count) {
    work();
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (seconds >= time.toSeconds()) return static_cast<double>(count) / seconds;
  }
}

double handshakesPerSecond(TlsContestant &contestant, Duration time) {
  return rateOf(time, [&] { contestant.shakeHands(); });
}

double megabytesPerSecond(TlsContestant &contestant, Duration time) {
  static const std::string record(recordBytes, 'x');
  const double turns = rateOf(time, [&] {
    for (int i = 0; i < recordsAtOnce; ++i) contestant.transfer(record);
  });
  return turns * recordsAtOnce * recordBytes / 1e6;
}

void measure(Line &line, Duration time) {
  for (std::size_t who = 0; who < Count_; ++who) {
    TlsContestant &contestant = *line.contestants[who];
    line.rates[who].push_back(line.bulk ? megabytesPerSecond(contestant, time)
                                        : handshakesPerSecond(contestant, time));
  }
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Of the ratios round by round: what slows a whole round down does not count.
double ratio(const Line &line, Who who) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < line.rates[who].size(); ++i)
    ratios.push_back(line.rates[who][i] / line.rates[OpenSsl][i]);
  return median(std::move(ratios));
}

const std::vector<TlsConditions> &handshakeConditions() {
  using crypto::KeyKind;
  constexpr auto v13 = tls::Version::Tls13;
  static const std::vector<TlsConditions> all = {
      {"TLS 1.3, P-256", v13, 0x1301, "TLS_AES_128_GCM_SHA256", KeyKind::EcP256},
      {"TLS 1.3, Ed25519", v13, 0x1301, "TLS_AES_128_GCM_SHA256", KeyKind::Ed25519},
      {"TLS 1.3, RSA-2048", v13, 0x1301, "TLS_AES_128_GCM_SHA256", KeyKind::Rsa2048},
      {"TLS 1.2, P-256", tls::Version::Tls12, 0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256",
       KeyKind::EcP256}};
  return all;
}

const std::vector<TlsConditions> &bulkConditions() {
  using crypto::KeyKind;
  constexpr auto v13 = tls::Version::Tls13;
  static const std::vector<TlsConditions> all = {
      {"AES-128-GCM", v13, 0x1301, "TLS_AES_128_GCM_SHA256", KeyKind::EcP256},
      {"AES-256-GCM", v13, 0x1302, "TLS_AES_256_GCM_SHA384", KeyKind::EcP256},
      {"ChaCha20-Poly1305", v13, 0x1303, "TLS_CHACHA20_POLY1305_SHA256", KeyKind::EcP256}};
  return all;
}

Line lineOf(const TlsConditions &conditions, bool bulk) {
  Line line;
  line.conditions = &conditions;
  line.bulk = bulk;
  const TlsParties parties = tlsParties(conditions.key);
  line.contestants[Own] = ownTls(conditions, parties, false);
  line.contestants[Observed] = ownTls(conditions, parties, true);
  line.contestants[OpenSsl] = openSslTls(conditions, parties);
  for (auto &each : line.contestants) each->shakeHands(); // warm, and connected for bulk
  return line;
}

void printTable(const std::vector<Line> &lines) {
  fmt::print("{:<31}{:>10}{:>10}{:>10}{:>8}{:>10}\n", "", "ours", "observed", "OpenSSL's", "ratio",
             "observed");
  for (const Line &line : lines)
    fmt::print("{:<31}{:>10.4g}{:>10.4g}{:>10.4g}{:>8.2f}{:>10.2f}\n",
               line.conditions->name + (line.bulk ? ", MB/s" : ", handshakes/s"),
               median(line.rates[Own]), median(line.rates[Observed]), median(line.rates[OpenSsl]),
               ratio(line, Own), ratio(line, Observed));
  fmt::print("client and server on one core; medians of {} rounds in turns\n", rounds);
}

void printJson(const std::vector<Line> &lines) {
  nlohmann::ordered_json object = {{"bench", "tls"}, {"rounds", rounds}};
  for (const Line &line : lines) {
    nlohmann::ordered_json entry = {
        {"name", line.conditions->name},          {"suite", line.conditions->suiteName},
        {"own", median(line.rates[Own])},         {"own_observed", median(line.rates[Observed])},
        {"openssl", median(line.rates[OpenSsl])}, {"ratio", ratio(line, Own)},
        {"ratio_observed", ratio(line, Observed)}};
    object[line.bulk ? "bulk_mb_per_s" : "handshakes_per_s"].push_back(std::move(entry));
  }
  fmt::print("{}\n", object.dump(2));
}

} // namespace

TlsParties tlsParties(crypto::KeyKind key) {
  tls::AuthoritySpec spec;
  spec.id = "authority";
  spec.name = "Example Root CA";
  spec.key = key;
  TlsParties parties;
  parties.host = "www.example.com";
  parties.authority = std::make_shared<const tls::Authority>(1, spec);
  tls::LeafSpec leaf;
  leaf.names = {parties.host};
  leaf.key = key;
  parties.server = parties.authority->identity(leaf);
  return parties;
}

std::unique_ptr<TlsContestant> ownTls(const TlsConditions &conditions, const TlsParties &parties,
                                      bool observed) {
  return std::make_unique<OwnTls>(conditions, parties, observed);
}

int benchTls(const BenchOptions &options) {
  const Duration time = options.duration.value_or(turnTime);
  std::vector<Line> lines;
  for (const TlsConditions &each : handshakeConditions()) lines.push_back(lineOf(each, false));
  for (const TlsConditions &each : bulkConditions()) lines.push_back(lineOf(each, true));
  for (int round = 0; round < rounds && !stopRequested.load(); ++round)
    for (Line &line : lines) measure(line, time);
  if (options.json)
    printJson(lines);
  else
    printTable(lines);
  return stopRequested.load() ? Interrupted : Done_;
}

} // namespace packetarium::cli
