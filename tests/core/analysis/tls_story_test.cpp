// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/tls_story.h"
#include "core/crypto/hash.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <limits>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;

namespace {

constexpr trace::Sequence allOfIt = std::numeric_limits<trace::Sequence>::max();

const Run &tls13Run() {
  static const Run r = fixture::run("https-handshake", SimTime::fromNs(5'000'000'000), 20);
  return r;
}
const Run &tls12Run() {
  static const Run r = fixture::run("https-tls12", SimTime::fromNs(3'000'000'000), 20);
  return r;
}

FactBook bookOf(const trace::Trace &trace) {
  FactBook book;
  book.extend(trace);
  return book;
}

TlsStory firstStory(const Run &run, trace::Sequence upTo = allOfIt) {
  const FactBook book = bookOf(run.trace);
  const auto all = tlsConnections(book, allOfIt);
  REQUIRE_FALSE(all.empty());
  return tlsStory(book, all.front(), upTo);
}

bool sameBooks(const FactBook &a, const FactBook &b) {
  if (a.facts().size() != b.facts().size() || a.ends().size() != b.ends().size()) return false;
  for (std::size_t i = 0; i < a.facts().size(); ++i) {
    const FactMark &x = a.facts()[i], &y = b.facts()[i];
    if (x.sequence != y.sequence || x.topic != y.topic || a.text(x.name) != b.text(y.name) ||
        a.text(x.value) != b.text(y.value) || a.text(x.detail) != b.text(y.detail))
      return false;
  }
  for (std::size_t i = 0; i < a.ends().size(); ++i)
    if (a.ends()[i].peer != b.ends()[i].peer || a.ends()[i].facts != b.ends()[i].facts)
      return false;
  return true;
}

/// "client: Client Hello" in the order of sending.
std::vector<std::string> messagesOf(const TlsStory &story) {
  std::vector<std::string> out;
  for (const TlsLine &line : story.lines)
    if (line.kind == TlsLine::Kind::Message)
      out.push_back((line.fromClient ? "client: " : "server: ") + line.name);
  return out;
}

std::string keyOf(const TlsStory &story, const std::string &name, bool fromClient) {
  for (const TlsLine &line : story.lines)
    if (line.name == name && line.fromClient == fromClient) return line.key;
  return "no such message";
}

std::vector<std::string> milestones(const TlsStory &story) {
  std::vector<std::string> out;
  for (const TlsPhaseRow &p : story.phases)
    if (std::find(out.begin(), out.end(), p.milestone) == out.end()) out.push_back(p.milestone);
  return out;
}

std::size_t placeOf(const std::vector<std::string> &all, const std::string &what) {
  const auto it = std::find(all.begin(), all.end(), what);
  REQUIRE(it != all.end());
  return static_cast<std::size_t>(it - all.begin());
}

} // namespace

TEST_CASE("A book of facts that was cut back and grown again equals one made at once") {
  const Run &run = tls13Run();
  const FactBook whole = bookOf(run.trace);
  REQUIRE(whole.facts().size() > 50);
  FactBook book = whole;
  for (std::size_t slot = run.trace.slots().size(); slot-- > 0;) {
    const auto from = run.trace.slots()[slot].summary.first;
    trace::Trace part = run.trace;
    part.truncate(from);
    book.truncate(from);
    REQUIRE(sameBooks(book, bookOf(part)));
    if (slot % 7 == 0) {
      book.extend(run.trace);
      REQUIRE(sameBooks(book, whole));
    }
  }
}

TEST_CASE("Both ends of a connection are found by the hello that one sent and the other received") {
  for (const Run *run : {&tls13Run(), &tls12Run()}) {
    const FactBook book = bookOf(run->trace);
    REQUIRE(book.ends().size() >= 2);
    for (std::size_t i = 0; i < book.ends().size(); ++i) {
      const TlsEnd &end = book.ends()[i];
      REQUIRE(end.peer);
      CHECK(book.ends()[*end.peer].peer == i);
      CHECK(book.ends()[*end.peer].client != end.client);
    }
    CHECK(tlsConnections(book, allOfIt).size() == book.ends().size() / 2);
  }
}

TEST_CASE("The messages of TLS 1.3 come in the order of RFC 8446, figure 1, under its keys") {
  const TlsStory story = firstStory(tls13Run());
  const auto messages = messagesOf(story);
  REQUIRE(messages.size() >= 7);
  const std::vector<std::string> first(messages.begin(), messages.begin() + 7);
  CHECK(first == std::vector<std::string>{"client: Client Hello", "server: Server Hello",
                                          "server: Encrypted Extensions", "server: Certificate",
                                          "server: Certificate Verify", "server: Finished",
                                          "client: Finished"});
  CHECK(keyOf(story, "Client Hello", true) == "no key");
  CHECK(keyOf(story, "Server Hello", false) == "no key");
  CHECK(keyOf(story, "Certificate", false) == "server handshake traffic");
  CHECK(keyOf(story, "Finished", false) == "server handshake traffic");
  CHECK(keyOf(story, "Finished", true) == "client handshake traffic");
  CHECK(keyOf(story, "Application data", true) == "client application traffic");
  CHECK(story.version == "TLS 1.3");
  CHECK(story.roundTrips == 1);
  CHECK(story.host == "www.example.com");
}

TEST_CASE(
    "The messages of TLS 1.2 come in the order of RFC 5246, section 7.3, in two round trips") {
  const TlsStory story = firstStory(tls12Run());
  std::vector<std::string> messages = messagesOf(story);
  std::erase(messages, "server: New Session Ticket"); // RFC 5077 puts it before Finished
  CHECK(messages == std::vector<std::string>{
                        "client: Client Hello", "server: Server Hello", "server: Certificate",
                        "server: Server Key Exchange", "server: Server Hello Done",
                        "client: Client Key Exchange", "client: Finished", "server: Finished"});
  CHECK(keyOf(story, "Certificate", false) == "no key");
  CHECK(keyOf(story, "Finished", true) == "client write key");
  CHECK(story.version == "TLS 1.2");
  CHECK(story.roundTrips == 2);
}

TEST_CASE("Every message that was sent arrives with its bytes, later than it left") {
  for (const Run *run : {&tls13Run(), &tls12Run()})
    for (const TlsLine &line : firstStory(*run).lines) {
      INFO(line.name);
      REQUIRE(line.sent.known());
      if (!line.received.known()) continue; // the close at the end may not be read any more
      CHECK(line.received.at > line.sent.at);
      if (line.kind == TlsLine::Kind::Message) CHECK(line.bytes.size() >= 4);
    }
}

TEST_CASE("Both ends derive the same secrets, and the transcript is the hash of the messages") {
  for (const Run *run : {&tls13Run(), &tls12Run()}) {
    const TlsStory story = firstStory(*run);
    REQUIRE(story.secrets.size() >= 6);
    for (const TlsSecretRow &row : story.secrets) {
      INFO(row.name);
      CHECK(row.client.known());
      CHECK(row.server.known());
      CHECK_FALSE(row.differs);
      CHECK(row.detail.find("RFC") != std::string::npos);
    }
    // RFC 8446 section 4.4.1: over the concatenation of the messages.
    crypto::Bytes hellos;
    for (const TlsLine &line : story.lines)
      if (line.name == "Client Hello" || line.name == "Server Hello")
        crypto::append(hellos, line.bytes);
    const auto transcript =
        std::find_if(story.transcripts.begin(), story.transcripts.end(),
                     [](const TlsTranscriptRow &t) { return t.upTo == "ServerHello"; });
    REQUIRE(transcript != story.transcripts.end());
    const auto hash = transcript->hash.size() == 64 ? crypto::Hash::Sha256 : crypto::Hash::Sha384;
    CHECK(transcript->hash == crypto::hex(crypto::digest(hash, hellos)));
  }
}

TEST_CASE(
    "The course's six steps are the order of 1.2; in 1.3 keys come early and the server first") {
  const auto old = milestones(firstStory(tls12Run()));
  CHECK(std::vector<std::string>(old.begin(), old.begin() + 6) ==
        std::vector<std::string>{"tls.client-hello", "tls.server-hello",
                                 "tls.certificate-verification", "tls.session-keys",
                                 "tls.client-finished", "tls.server-finished"});
  const auto now = milestones(firstStory(tls13Run()));
  CHECK(placeOf(now, "tls.session-keys") < placeOf(now, "tls.certificate-verification"));
  CHECK(placeOf(now, "tls.server-finished") < placeOf(now, "tls.client-finished"));
  CHECK(placeOf(now, "tls.client-finished") < placeOf(now, "tls.secure-transfer"));
  CHECK(placeOf(now, "tls.secure-transfer") < placeOf(now, "tls.session-termination"));
}

TEST_CASE("The chain is the server's, and every check is told with its verdict") {
  const TlsStory story = firstStory(tls13Run());
  REQUIRE(story.certificates.size() == 3);
  CHECK(story.certificates[0].place == 1);
  CHECK(story.certificates[0].names == std::vector<std::string>{"www.example.com"});
  CHECK_FALSE(story.certificates[0].authority);
  CHECK(story.certificates[1].authority);
  CHECK(story.certificates[2].stored); // what the client believes, and nobody sent
  CHECK(story.certificates[2].selfIssued);
  CHECK(story.certificates[1].issuer == story.certificates[2].subject);
  CHECK(story.certificates[0].issuer == story.certificates[1].subject);
  CHECK(story.certificates[0].fingerprint.size() == 64);
  REQUIRE(story.checks.size() >= 4);
  for (const TlsCheckRow &check : story.checks) {
    INFO(check.name << ": " << check.detail);
    CHECK(check.verdict != TlsCheckRow::Verdict::Failed);
  }
}

TEST_CASE("A story tells nothing that comes after its record") {
  const FactBook book = bookOf(tls13Run().trace);
  const auto end = tlsConnections(book, allOfIt).front();
  std::size_t secrets = 0;
  for (const std::uint32_t fact : book.ends()[end].facts) {
    const trace::Sequence upTo = book.facts()[fact].sequence;
    const TlsStory story = tlsStory(book, end, upTo);
    for (const TlsLine &line : story.lines) {
      CHECK(line.sent.sequence <= upTo);
      CHECK(line.received.sequence <= upTo);
    }
    for (const TlsSecretRow &row : story.secrets) {
      CHECK(row.client.sequence <= upTo);
      CHECK(row.server.sequence <= upTo);
    }
    for (const TlsPhaseRow &row : story.phases) CHECK(row.when.sequence <= upTo);
    CHECK(story.secrets.size() >= secrets); // and it only grows
    secrets = story.secrets.size();
  }
  CHECK(tlsConnections(book, 0).empty());
}

TEST_CASE("A man in the middle is an end of two connections, read where his root is trusted only") {
  const Run run = fixture::run("man-in-the-middle", SimTime::fromNs(6'000'000'000));
  const FactBook book = bookOf(run.trace);
  std::size_t read = 0, refused = 0;
  for (const std::size_t end : tlsConnections(book, allOfIt)) {
    const TlsStory story = tlsStory(book, end, allOfIt);
    const bool distrusted =
        std::any_of(story.checks.begin(), story.checks.end(), [](const TlsCheckRow &c) {
          return c.byClient && c.verdict == TlsCheckRow::Verdict::Failed;
        });
    if (story.isRead()) ++read;
    if (distrusted) ++refused;
    CHECK_FALSE((story.isRead() && distrusted));
    if (distrusted) CHECK_FALSE(story.failure.empty());
  }
  CHECK(read > 0);
  CHECK(refused > 0);
}
