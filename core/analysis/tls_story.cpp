// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/tls_story.h"

#include "core/crypto/certificate.h"
#include "core/wire/tls_scan.h"

#include <algorithm>

namespace packetarium::analysis {
namespace {

using trace::FactTopic;
constexpr std::string_view earlyTraffic = "client early traffic";

TlsInstant instantOf(const FactMark &fact) { return {fact.sequence, fact.at}; }

std::vector<std::string> partsOfList(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(", "), text.size());
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 2, text.size()));
  }
  return parts;
}

bool isRetry(const std::vector<std::uint8_t> &message) {
  constexpr std::uint8_t serverHello = 2;
  constexpr std::size_t head = 4;
  return message.size() > head && message[0] == serverHello &&
         wire::tls::isHelloRetry(std::span(message).subspan(head));
}

TlsCertificateRow certificateRow(std::string_view name, std::string_view hex) {
  TlsCertificateRow row;
  row.ofServer = name.starts_with("server");
  row.stored = name.ends_with(" root");
  if (row.stored) row.place = 0;
  const std::size_t of = name.find(" of ");
  if (of != std::string_view::npos && of > 0) {
    const auto numberAt = [&](std::size_t at) {
      unsigned n = 0;
      for (; at < name.size() && name[at] >= '0' && name[at] <= '9'; ++at)
        n = n * 10 + static_cast<unsigned>(name[at] - '0');
      return n;
    };
    row.place = numberAt(name.find(' ') + 1);
    row.count = numberAt(of + 4);
  }
  const auto parsed = crypto::Certificate::fromDer(crypto::fromHex(hex));
  row.readable = parsed.ok();
  if (!row.readable) return row;
  const crypto::PublicKey key = parsed->publicKey();
  row.subject = parsed->subject();
  row.issuer = parsed->issuer();
  row.commonName = parsed->commonName();
  row.serial = parsed->serial();
  row.key = std::string(crypto::name(key.kind()));
  row.signature = parsed->signatureAlgorithm();
  row.fingerprint = crypto::hex(parsed->fingerprint());
  row.names = parsed->dnsNames();
  row.notBefore = parsed->notBefore();
  row.notAfter = parsed->notAfter();
  row.authority = parsed->isAuthority();
  row.selfIssued = parsed->isSelfIssued();
  return row;
}

/// Goes through one end's facts and adds what they tell.
class EndTeller {
public:
  EndTeller(const FactBook &book, TlsStory &story, bool client)
      : m_book(book), m_story(story), m_client(client) {}

  void take(const FactMark &fact);
  unsigned flights() const { return m_flights; }

private:
  std::string_view text(std::uint32_t index) const { return m_book.text(index); }
  TlsInstant &mine(TlsLine &line, bool sent) const { return sent ? line.sent : line.received; }
  /// The line that the other end has told already and that this fact completes, or a new one.
  TlsLine &line(TlsLine::Kind kind, bool sent, std::string_view name);
  void takeMessage(const FactMark &fact, bool sent);
  void takeSecret(const FactMark &fact);
  void takeKeys(const FactMark &fact);
  void takeOffer(const FactMark &fact);
  void takeChoice(const FactMark &fact);
  void takePhase(const FactMark &fact);
  void takeAlert(const FactMark &fact);
  void takeEstablished(const FactMark &fact);
  void takeCertificate(const FactMark &fact);
  void takeCheck(const FactMark &fact);
  void countFlight(bool sent);

  const FactBook &m_book;
  TlsStory &m_story;
  bool m_client;
  std::string m_writeKey = "no key";
  unsigned m_flights = 0; ///< of the server, before application data
  bool m_serverSpoke = false, m_counting = true;
};

TlsLine &EndTeller::line(TlsLine::Kind kind, bool sent, std::string_view name) {
  const bool fromClient = sent == m_client;
  for (TlsLine &known : m_story.lines)
    if (known.kind == kind && known.fromClient == fromClient && !mine(known, sent).known() &&
        (kind == TlsLine::Kind::Message || known.name == name))
      return known;
  TlsLine line;
  line.kind = kind;
  line.fromClient = fromClient;
  line.name = name;
  m_story.lines.push_back(std::move(line));
  return m_story.lines.back();
}

void EndTeller::countFlight(bool sent) {
  const bool byServer = sent != m_client;
  if (m_counting && byServer && !m_serverSpoke) ++m_flights;
  m_serverSpoke = byServer;
}

void EndTeller::takeMessage(const FactMark &fact, bool sent) {
  TlsLine &known = line(TlsLine::Kind::Message, sent, text(fact.name));
  const bool fresh = !known.sent.known() && !known.received.known();
  mine(known, sent) = instantOf(fact);
  if (fresh || sent) { // what was sent counts; the other end may have received something else
    known.name = text(fact.name);
    known.bytes = crypto::fromHex(text(fact.value));
    known.key = text(fact.detail);
    if (isRetry(known.bytes)) known.name = "Hello Retry Request";
  }
  countFlight(sent);
}

void EndTeller::takeSecret(const FactMark &fact) {
  const std::string_view name = text(fact.name);
  auto &secrets = m_story.secrets;
  auto row = std::find_if(secrets.begin(), secrets.end(),
                          [&](const TlsSecretRow &r) { return r.name == name; });
  if (row == secrets.end()) {
    secrets.push_back({std::string(name),
                       std::string(text(fact.value)),
                       std::string(text(fact.detail)),
                       {},
                       {},
                       false});
    row = secrets.end() - 1;
  }
  TlsInstant &own = m_client ? row->client : row->server;
  const bool other = (m_client ? row->server : row->client).known();
  // Tickets are many and each has a key; the newest one is shown.
  row->differs = other && name != "resumption PSK" && row->value != text(fact.value);
  if (!other) row->value = text(fact.value);
  if (!own.known() || !other) own = instantOf(fact);
}

void EndTeller::takeKeys(const FactMark &fact) {
  const bool write = text(fact.detail) == "write";
  if (write) m_writeKey = text(fact.name);
  if (text(fact.name) != earlyTraffic) return;
  TlsLine &known = line(TlsLine::Kind::Data, write, "Early data (0-RTT)");
  mine(known, write) = instantOf(fact);
  known.key = earlyTraffic;
}

void EndTeller::takeOffer(const FactMark &fact) {
  TlsOfferRow row{std::string(text(fact.name)), partsOfList(text(fact.value)),
                  std::string(text(fact.detail))};
  auto &offers = m_story.offers;
  const auto known = std::find_if(offers.begin(), offers.end(),
                                  [&](const TlsOfferRow &r) { return r.name == row.name; });
  if (known == offers.end())
    offers.push_back(std::move(row));
  else if (m_client) // a server reads what the client has told already
    *known = std::move(row);
}

void EndTeller::takeChoice(const FactMark &fact) {
  TlsChoiceRow row{std::string(text(fact.name)), std::string(text(fact.value)),
                   std::string(text(fact.detail)), instantOf(fact)};
  auto &choices = m_story.choices;
  const auto known = std::find_if(choices.begin(), choices.end(),
                                  [&](const TlsChoiceRow &r) { return r.name == row.name; });
  if (known == choices.end()) {
    choices.push_back(std::move(row));
    return;
  }
  // The server knows first; it is told after the client here.
  if (row.when.sequence < known->when.sequence) known->when = row.when;
  if (known->detail.empty()) known->detail = row.detail;
}

void EndTeller::takePhase(const FactMark &fact) {
  const std::string_view milestone = text(fact.name);
  m_story.phases.push_back(
      {std::string(milestone), std::string(text(fact.detail)), m_client, instantOf(fact)});
  if (milestone == "tls.failed" && m_story.failure.empty()) m_story.failure = text(fact.detail);
  if (milestone == "tls.session-termination" &&
      (!m_story.closed.known() || fact.sequence < m_story.closed.sequence))
    m_story.closed = instantOf(fact);
  if (milestone != "tls.secure-transfer") return;
  m_counting = false;
  // Who comes to it first has sent; the client is told first, and asks first in all that is here.
  TlsLine &known = line(TlsLine::Kind::Data, m_client, "Application data");
  mine(known, m_client) = instantOf(fact);
  if (m_client || known.key.empty()) known.key = m_client ? m_writeKey : "application traffic";
}

void EndTeller::takeAlert(const FactMark &fact) {
  const bool sent = text(fact.value) == "sent";
  TlsLine &known = line(TlsLine::Kind::Alert, sent, text(fact.name));
  mine(known, sent) = instantOf(fact);
  if (sent || known.detail.empty()) known.detail = text(fact.detail);
  if (sent) known.key = m_writeKey;
}

void EndTeller::takeEstablished(const FactMark &fact) {
  m_counting = false;
  (m_client ? m_story.clientReady : m_story.serverReady) = instantOf(fact);
  m_story.how = text(fact.detail);
}

void EndTeller::takeCertificate(const FactMark &fact) {
  TlsCertificateRow row = certificateRow(text(fact.name), text(fact.value));
  auto &all = m_story.certificates;
  const auto known = std::find_if(all.begin(), all.end(), [&](const TlsCertificateRow &r) {
    return r.ofServer == row.ofServer && r.place == row.place;
  });
  row.when = instantOf(fact);
  if (known == all.end()) all.push_back(std::move(row));
}

void EndTeller::takeCheck(const FactMark &fact) {
  using Verdict = TlsCheckRow::Verdict;
  const std::string_view verdict = text(fact.value);
  m_story.checks.push_back({std::string(text(fact.name)), std::string(text(fact.detail)),
                            verdict == "passed"   ? Verdict::Passed
                            : verdict == "failed" ? Verdict::Failed
                                                  : Verdict::NotReached,
                            m_client, instantOf(fact)});
}

void EndTeller::take(const FactMark &fact) {
  switch (fact.topic) {
  case FactTopic::TlsSession:
    if (m_client) m_story.host = text(fact.detail);
    break;
  case FactTopic::TlsSent: takeMessage(fact, true); break;
  case FactTopic::TlsReceived: takeMessage(fact, false); break;
  case FactTopic::TlsOffer: takeOffer(fact); break;
  case FactTopic::TlsChoice: takeChoice(fact); break;
  case FactTopic::TlsSecret: takeSecret(fact); break;
  case FactTopic::TlsKeys: takeKeys(fact); break;
  case FactTopic::TlsTranscript:
    m_story.transcripts.push_back(
        {std::string(text(fact.name)), std::string(text(fact.value)), m_client, instantOf(fact)});
    break;
  case FactTopic::TlsCertificate: takeCertificate(fact); break;
  case FactTopic::TlsCheck: takeCheck(fact); break;
  case FactTopic::TlsAlert: takeAlert(fact); break;
  case FactTopic::TlsNote: m_story.notes.emplace_back(text(fact.value)); break;
  case FactTopic::TlsEstablished: takeEstablished(fact); break;
  case FactTopic::TlsPhase: takePhase(fact); break;
  case FactTopic::Intercepted:
    m_story.interceptions.push_back({std::string(text(fact.name)), std::string(text(fact.value)),
                                     std::string(text(fact.detail)), instantOf(fact)});
    break;
  default: break; // the key log, and what is about services
  }
}

unsigned tellEnd(const FactBook &book, std::size_t index, trace::Sequence upTo, TlsStory &story) {
  const TlsEnd &end = book.ends()[index];
  if (end.sequence > upTo) return 0;
  (end.client ? story.hasClient : story.hasServer) = true;
  (end.client ? story.clientNode : story.serverNode) = end.node;
  (end.client ? story.clientSocket : story.serverSocket) = end.socket;
  if (!story.begun.known() || end.sequence < story.begun.sequence)
    story.begun = {end.sequence, end.at};
  EndTeller teller(book, story, end.client);
  for (const std::uint32_t fact : end.facts) {
    if (book.facts()[fact].sequence > upTo) break;
    teller.take(book.facts()[fact]);
  }
  return teller.flights();
}

std::string chosenValue(const TlsStory &story, std::string_view name) {
  const TlsChoiceRow *row = story.choice(name);
  return row == nullptr ? std::string() : row->value;
}

template <class Rows> auto findRow(const Rows &rows, std::string_view name) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const auto &r) { return r.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

} // namespace

const TlsInstant &TlsSecretRow::first() const {
  if (!client.known()) return server;
  return server.known() && server.sequence < client.sequence ? server : client;
}

const TlsSecretRow *TlsStory::secret(std::string_view name) const { return findRow(secrets, name); }
const TlsChoiceRow *TlsStory::choice(std::string_view name) const { return findRow(choices, name); }
const TlsOfferRow *TlsStory::offer(std::string_view name) const { return findRow(offers, name); }

bool TlsStory::isRead() const {
  return std::any_of(interceptions.begin(), interceptions.end(),
                     [](const TlsInterceptionRow &r) { return r.attack == "read"; });
}

const TlsPhaseRow *TlsStory::phase(std::string_view milestone) const {
  const auto row = std::find_if(phases.begin(), phases.end(),
                                [&](const auto &p) { return p.milestone == milestone; });
  return row == phases.end() ? nullptr : &*row;
}

std::vector<std::size_t> tlsConnections(const FactBook &book, trace::Sequence upTo) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < book.ends().size(); ++i) {
    const TlsEnd &end = book.ends()[i];
    if (end.sequence > upTo) break;
    if (end.client || !end.peer) all.push_back(i);
  }
  return all;
}

TlsStory tlsStory(const FactBook &book, std::size_t end, trace::Sequence upTo) {
  TlsStory story;
  // The client's end first: what both tell is told in its order.
  const std::optional<std::size_t> peer = book.ends()[end].peer;
  const bool client = book.ends()[end].client;
  if (peer && !client) story.roundTrips = tellEnd(book, *peer, upTo, story);
  const unsigned own = tellEnd(book, end, upTo, story);
  if (client || !peer) story.roundTrips = own;
  if (peer && client) tellEnd(book, *peer, upTo, story);
  std::stable_sort(story.lines.begin(), story.lines.end(), [](const auto &a, const auto &b) {
    return a.first().sequence < b.first().sequence;
  });
  std::stable_sort(story.phases.begin(), story.phases.end(),
                   [](const auto &a, const auto &b) { return a.when.sequence < b.when.sequence; });
  std::stable_sort(story.transcripts.begin(), story.transcripts.end(),
                   [](const auto &a, const auto &b) { return a.when.sequence < b.when.sequence; });
  story.version = chosenValue(story, "version");
  story.suite = chosenValue(story, "cipher suite");
  story.group = chosenValue(story, "group");
  story.early = chosenValue(story, "early data") == "accepted";
  if (story.early) story.roundTrips = 0;
  return story;
}

} // namespace packetarium::analysis
