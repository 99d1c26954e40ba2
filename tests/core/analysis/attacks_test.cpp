// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/why.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <map>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using trace::FactTopic;
using trace::RecordKind;
using trace::RequestOutcome;

namespace {

constexpr SimTime firstRound = SimTime::fromNs(19'900'000'000);

std::string nodeOf(const Run &run, const trace::Record &r) {
  return run.network().nodes[r.node].id;
}

/// Alerts that end connections in error, in order: "guest sent unknown_ca".
std::vector<std::string> alertsIn(const Run &run) {
  std::vector<std::string> out;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.kind != RecordKind::Fact || static_cast<FactTopic>(r.detail) != FactTopic::TlsAlert)
      return;
    const std::string name(run.trace.text(s, r.args[1])), way(run.trace.text(s, r.args[2]));
    if (name != "close_notify") out.push_back(nodeOf(run, r) + " " + way + " " + name);
  });
  return out;
}

/// How often each node reached a milestone.
std::map<std::string, int> milestones(const Run &run, std::string_view milestone) {
  std::map<std::string, int> out;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.kind == RecordKind::Phase && run.trace.text(s, r.args[0]) == milestone)
      ++out[nodeOf(run, r)];
  });
  return out;
}

struct Ended {
  trace::Sequence sequence = 0;
  SimTime at;
  RequestOutcome outcome = RequestOutcome::Ok;
  double ms = 0;
};
std::vector<Ended> requestsOf(const Run &run, std::string_view node) {
  std::vector<Ended> out;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.kind != RecordKind::RequestEnded || nodeOf(run, r) != node) return;
    out.push_back(
        {s, r.at, static_cast<RequestOutcome>(r.detail), static_cast<double>(r.args[1]) * 1e-6});
  });
  return out;
}

/// The parts stand in the chain, in this order.
bool tells(const Run &run, trace::Sequence record, const std::vector<std::string> &parts) {
  std::size_t next = 0;
  for (const WhyStep &step : whyOf(run.trace, run.network(), record).chain)
    if (next < parts.size() && step.sentence.find(parts[next]) != std::string::npos) ++next;
  return next == parts.size();
}

} // namespace

TEST_CASE("Four attacks in the café end in the alerts that TLS has for them") {
  const Run run = fixture::run("man-in-the-middle", firstRound);
  CHECK(alertsIn(run) ==
        std::vector<std::string>{"guest sent unknown_ca", "forger received unknown_ca",
                                 "web sent bad_record_mac", "guest received bad_record_mac",
                                 "web sent bad_record_mac", "guest received bad_record_mac",
                                 "guest sent illegal_parameter", "web received illegal_parameter"});
  const auto guest = requestsOf(run, "guest");
  REQUIRE(guest.size() == 4);
  for (const Ended &e : guest) CHECK(e.outcome == RequestOutcome::Untrusted);
}

TEST_CASE("The chain of each failed visit leads to what the attacker did") {
  const Run run = fixture::run("man-in-the-middle", firstRound);
  const auto guest = requestsOf(run, "guest");
  REQUIRE(guest.size() == 4);
  CHECK(tells(run, guest[0].sequence,
              {"TLS on guest gave up: The certificate was not issued by anybody",
               "forger sent the TLS data", "forger showed its own certificate for bank.example.com",
               "café name server sent", "guest asked for"}));
  CHECK(tells(run, guest[1].sequence,
              {"TLS on guest gave up", "changer was caught: the server sent", "web server sent",
               "TLS on web server gave up: A record's authentication tag does not fit",
               "changer changed one bit of application record 1", "guest sent the TLS data"}));
  CHECK(tells(run, guest[2].sequence,
              {"repeater was caught", "TLS on web server gave up",
               "repeater sent application record 1 of"}));
  CHECK(tells(run, guest[3].sequence,
              {"TLS on guest gave up", "web server sent", "downgrader sent the TLS data",
               "downgrader took TLS 1.3 out of the ClientHello"}));
}

TEST_CASE("Only the laptop that trusts the attacker's root is read") {
  const Run run = fixture::run("man-in-the-middle", firstRound);
  CHECK(milestones(run, "interceptor.certificate-accepted") ==
        std::map<std::string, int>{{"forger", 2}});
  CHECK(milestones(run, "interceptor.read") == std::map<std::string, int>{{"forger", 4}});
  for (const Ended &e : requestsOf(run, "tricked")) CHECK(e.outcome == RequestOutcome::Ok);
  const Run cured = fixture::run("man-in-the-middle", firstRound, 0,
                                 {"nodes.tricked.programs.browser.trust_public=true",
                                  "nodes.forger.programs.authority.name=Another Root CA",
                                  "nodes.forger.programs.interceptor.authority=Another Root CA"});
  CHECK(milestones(cured, "interceptor.read").empty());
  for (const Ended &e : requestsOf(cured, "tricked")) CHECK(e.outcome == RequestOutcome::Untrusted);
}

TEST_CASE("With a server of TLS 1.2 alone the downgrade is caught by Finished") {
  const Run run = fixture::run("man-in-the-middle", firstRound, 0,
                               {"nodes.web.programs.http.tls_versions=1.2"});
  const auto alerts = alertsIn(run);
  REQUIRE(alerts.size() == 8);
  CHECK(alerts[6] == "web sent decrypt_error");
  CHECK(alerts[7] == "guest received decrypt_error");
}

TEST_CASE("A certificate holds until its last second and not after") {
  const Run run = fixture::run("expired-certificate", SimTime::fromNs(26'000'000'000));
  const auto expiry = SimTime::fromNs(12'999'999'999); // the certificate names whole seconds
  for (const Ended &e : requestsOf(run, "careful"))
    CHECK(e.outcome == (e.at <= expiry ? RequestOutcome::Ok : RequestOutcome::Untrusted));
  CHECK(requestsOf(run, "careful").size() == 6);
  for (const char *node : {"clicks", "resumes"})
    for (const Ended &e : requestsOf(run, node)) CHECK(e.outcome == RequestOutcome::Ok);
  for (const std::string &alert : alertsIn(run))
    CHECK((alert == "careful sent certificate_expired" ||
           alert == "web received certificate_expired"));
  CHECK(tells(run, requestsOf(run, "careful").back().sequence,
              {"TLS on careful gave up: The certificate has expired", "web server sent"}));
}

TEST_CASE("Resumption saves no round trip, early data saves one") {
  const Run run = fixture::run("resumption-0rtt", SimTime::fromNs(26'000'000'000));
  const auto full = requestsOf(run, "full"), resumed = requestsOf(run, "resumes"),
             early = requestsOf(run, "early");
  const double roundTrip = 2 * (1 + 1 + 40 + 1); // ms, of the links between browser and server
  CHECK(resumed[1].ms == Approx(full[1].ms).margin(1));
  CHECK(early[2].ms == Approx(full[1].ms - roundTrip).margin(1));
  CHECK(early[4].ms == Approx(early[2].ms).margin(1)); // each visit has got a ticket
  CHECK(alertsIn(run).empty());
}

TEST_CASE("An early order is taken twice, unless the shop remembers the ticket") {
  const auto until = SimTime::fromNs(20'000'000'000);
  const Run careless = fixture::run("resumption-0rtt", until);
  CHECK(milestones(careless, "interceptor.replayed") ==
        std::map<std::string, int>{{"recorder", 2}});
  CHECK(milestones(careless, "interceptor.replay-served") ==
        std::map<std::string, int>{{"recorder", 2}});
  CHECK(milestones(careless, "http.request-received").at("shop") == 5);
  const Run careful = fixture::run("resumption-0rtt", until, 0,
                                   {"nodes.shop.programs.http.replay_protection=true"});
  CHECK(milestones(careful, "interceptor.replayed").at("recorder") == 2);
  CHECK(milestones(careful, "interceptor.caught").at("recorder") == 2);
  CHECK(milestones(careful, "http.request-received").at("shop") == 3);
  const Run without =
      fixture::run("resumption-0rtt", until, 0, {"nodes.shop.programs.http.early_data_bytes=0"});
  CHECK(milestones(without, "interceptor.replayed").empty());
}
