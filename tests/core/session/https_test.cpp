// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "core/session/runner.h"
#include "core/trace/chunk.h"
#include "tests/support/catch.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

using namespace packetarium;
using nlohmann::json;

namespace {

/// A browser and a server with one router between them, 5 ms on each link, and an authority. Both
/// cables are so fast that only their length counts.
json network(const json &browser, const json &server, const json &authority = json::object()) {
  const auto node = [](std::string id, std::string kind, std::string address, json programs) {
    json n = {{"id", id},
              {"name", id},
              {"kind", kind},
              {"interfaces", {{{"id", "eth0"}, {"address", address}}}},
              {"programs", std::move(programs)}};
    return n;
  };
  const auto program = [](std::string kind, const json &parameters) {
    return json{{"id", kind}, {"kind", kind}, {"parameters", parameters}};
  };
  json web = {{"https", true}, {"service_ns", 1'000'000}, {"nagle", false}};
  web.update(server);
  json visitor = {
      {"url", "https://www.example.com/"}, {"count", 2}, {"interval_ns", 1'000'000'000}};
  visitor.update(browser);
  json client =
      node("client", "laptop", "192.0.2.10/24", json::array({program("browser", visitor)}));
  client["gateway"] = "192.0.2.1";
  client["name_servers"] = {"203.0.113.80"};
  json host = node(
      "server", "server", "203.0.113.80/24",
      json::array(
          {program("http-server", web),
           program("dns-server",
                   {{"zone", "example.com"},
                    {"records",
                     {{{"name", "www.example.com"}, {"type", "A"}, {"value", "203.0.113.80"}}}}}),
           program("certificate-authority", authority)}));
  host["gateway"] = "203.0.113.1";
  const json router = {
      {"id", "router"},
      {"name", "router"},
      {"kind", "router"},
      {"interfaces",
       {{{"id", "a"}, {"address", "192.0.2.1/24"}}, {{"id", "b"}, {"address", "203.0.113.1/24"}}}}};
  const auto link = [](std::string id, std::string from, std::string port) {
    return json{{"id", id},
                {"from", {{"node", from}, {"interface", "eth0"}}},
                {"to", {{"node", "router"}, {"interface", port}}},
                {"rate_bps", 100'000'000'000},
                {"delay_ns", 5'000'000}};
  };
  return {{"version", 1},
          {"id", "https"},
          {"title", "https"},
          {"seed", 5},
          {"duration_ns", 4'000'000'000},
          {"nodes", {client, router, host}},
          {"links", {link("left", "client", "a"), link("right", "server", "b")}}};
}

struct Request {
  trace::RequestOutcome outcome{};
  double ms = 0;
  std::string detail;
};
struct Seen {
  std::vector<Request> requests;
  std::vector<std::string> phases;
  std::multimap<std::string, std::string> facts; ///< "topic/name" to value
  std::uint64_t fingerprint = 0;
};

void take(Seen &seen, const trace::Chunk &chunk) {
  for (const trace::Record &r : chunk.records) {
    if (r.kind == trace::RecordKind::RequestEnded)
      seen.requests.push_back({static_cast<trace::RequestOutcome>(r.detail),
                               static_cast<double>(r.args[1]) / 1e6,
                               std::string(chunk.text(r.args[3]))});
    if (r.kind == trace::RecordKind::Phase) seen.phases.emplace_back(chunk.text(r.args[0]));
    if (r.kind == trace::RecordKind::Fact)
      seen.facts.emplace(fmt::format("{}/{}", trace::name(static_cast<trace::FactTopic>(r.detail)),
                                     chunk.text(r.args[1])),
                         chunk.text(r.args[2]));
  }
}

Seen run(const json &document) {
  const auto parsed = scenario::parse(document.dump());
  if (!parsed.ok()) FAIL(parsed.faults().front().text());
  const auto built = scenario::build(*parsed);
  REQUIRE(built.ok());
  session::Runner runner(built->plan, built->script, built->end);
  Seen seen;
  while (!runner.ended()) {
    runner.advance(built->end, 50'000);
    for (const auto &chunk : runner.takeChunks()) take(seen, *chunk);
  }
  runner.flush();
  for (const auto &chunk : runner.takeChunks()) take(seen, *chunk);
  seen.fingerprint = runner.world().fingerprint();
  return seen;
}

bool has(const Seen &seen, const std::string &phase) {
  return std::find(seen.phases.begin(), seen.phases.end(), phase) != seen.phases.end();
}

// A round trip takes 20 ms; the server thinks for 1 ms, and 0.2 ms over a name the first time.
constexpr double roundTrip = 20, service = 1;

} // namespace

TEST_CASE("a page over https takes a round trip more in TLS 1.3, and two more in 1.2") {
  const Seen plain = run(network({{"url", "http://www.example.com/"}}, json::object()));
  const Seen v13 = run(network({{"resume_sessions", false}}, json::object()));
  const Seen v12 =
      run(network({{"resume_sessions", false}, {"tls_versions", "1.2"}}, json::object()));
  for (const Seen *seen : {&plain, &v13, &v12}) {
    REQUIRE(seen->requests.size() == 2);
    for (const Request &r : seen->requests) CHECK(r.outcome == trace::RequestOutcome::Ok);
  }
  // The second fetch has the name at hand: connection, TLS, request.
  CHECK(plain.requests[1].ms == Approx(2 * roundTrip + service).margin(0.1));
  CHECK(v13.requests[1].ms == Approx(3 * roundTrip + service).margin(0.1));
  CHECK(v12.requests[1].ms == Approx(4 * roundTrip + service).margin(0.1));
}

TEST_CASE("resumption saves no round trip in TLS 1.3 and one in 1.2; early data saves one") {
  const Seen resumed13 = run(network(json::object(), json::object()));
  const Seen resumed12 = run(network({{"tls_versions", "1.2"}}, json::object()));
  const Seen early = run(network({{"early_data", true}}, {{"early_data_bytes", 4096}}));
  CHECK(resumed13.requests[1].ms == Approx(3 * roundTrip + service).margin(0.1));
  CHECK(resumed12.requests[1].ms == Approx(3 * roundTrip + service).margin(0.1));
  CHECK(early.requests[1].ms == Approx(2 * roundTrip + service).margin(0.1));
  for (const Seen *seen : {&resumed13, &resumed12, &early})
    CHECK(seen->facts.count("tls-check/name") == 1); // the certificate travels once
}

TEST_CASE("the same document and seed give the same bytes") {
  const json document = network(json::object(), json::object());
  CHECK(run(document).fingerprint == run(document).fingerprint);
  json other = document;
  other["seed"] = 6;
  CHECK(run(document).fingerprint != run(other).fingerprint);
}

TEST_CASE("a browser refuses what its checks find, and no request leaves it") {
  json browser = json::object(), server = json::object(), authority = json::object();
  std::string fault;
  SECTION("an authority that nobody trusts") {
    authority = {{"trusted", false}};
    fault = "unknown_ca";
  }
  SECTION("signed by itself") {
    server = {{"authority", "self"}};
    fault = "unknown_ca";
  }
  SECTION("expired before the run") {
    server = {{"certificate_life_ns", 86'400'000'000'000}};
    fault = "certificate_expired";
  }
  SECTION("for another name") {
    server = {{"certificate_names", "www.example.org"}};
    fault = "bad_certificate";
  }
  SECTION("revoked") {
    browser = {{"check_revocation", true}};
    server = {{"certificate_names", "www.example.com"}};
    authority = {{"revoked", json::array({{{"name", "www.example.com"}}})}};
    fault = "certificate_revoked";
  }
  const Seen seen = run(network(browser, server, authority));
  REQUIRE_FALSE(seen.requests.empty());
  CHECK(seen.requests[0].outcome == trace::RequestOutcome::Untrusted);
  CHECK(seen.requests[0].detail.find(fault) != std::string::npos);
  CHECK(seen.facts.count("tls-alert/" + fault) >= 2); // sent by one, received by the other
  CHECK_FALSE(has(seen, "browser.request-sent"));
}

TEST_CASE("a certificate expires in simulated time, in the middle of a run") {
  // It ends at 1 s: the first fetch is before, the second after.
  const std::int64_t second = 1'000'000'000;
  const Seen seen =
      run(network({{"resume_sessions", false}, {"start_ns", 0}},
                  {{"certificate_age_ns", 100 * second}, {"certificate_life_ns", 101 * second}}));
  REQUIRE(seen.requests.size() == 2);
  CHECK(seen.requests[0].outcome == trace::RequestOutcome::Ok);
  CHECK(seen.requests[1].outcome == trace::RequestOutcome::Untrusted);
}

TEST_CASE("an authority that is put into the trust store is believed") {
  const Seen seen = run(network({{"trusted", json::array({{{"authority", "Example Root CA"}}})}},
                                {{"authority", "Example Root CA"}}, {{"trusted", false}}));
  REQUIRE(seen.requests.size() == 2);
  CHECK(seen.requests[0].outcome == trace::RequestOutcome::Ok);
}

TEST_CASE("a policy heard over https turns later http into https before anything leaves") {
  const Seen seen = run(network({{"visits", json::array({{{"url", "http://www.example.com/"}}})}},
                                {{"hsts_max_age_s", 1000}}));
  REQUIRE(seen.requests.size() == 2);
  CHECK(seen.requests[1].outcome == trace::RequestOutcome::Ok);
  CHECK(has(seen, "browser.hsts-upgraded"));
}

TEST_CASE("http leads to https where the server says so") {
  const Seen seen =
      run(network({{"url", "http://www.example.com/"}}, {{"redirect_to_https", true}}));
  REQUIRE_FALSE(seen.requests.empty());
  CHECK(seen.requests[0].outcome == trace::RequestOutcome::Ok);
  CHECK(has(seen, "browser.redirected"));
  CHECK(has(seen, "tls.secure-transfer"));
}

TEST_CASE("ends without a version in common part with protocol_version") {
  const Seen seen = run(network({{"tls_versions", "1.3"}}, {{"tls_versions", "1.2"}}));
  REQUIRE_FALSE(seen.requests.empty());
  CHECK(seen.requests[0].outcome == trace::RequestOutcome::Untrusted);
  CHECK(seen.requests[0].detail.find("protocol_version") != std::string::npos);
}

TEST_CASE("a client that must show a certificate and has none is turned away") {
  const Seen none = run(network(json::object(), {{"client_certificates", "required"}}));
  REQUIRE_FALSE(none.requests.empty());
  CHECK(none.requests[0].outcome == trace::RequestOutcome::Untrusted);
  CHECK(none.requests[0].detail.find("certificate_required") != std::string::npos);
  const Seen shown = run(
      network({{"client_certificate", "Example Root CA"}}, {{"client_certificates", "required"}}));
  REQUIRE(shown.requests.size() == 2);
  CHECK(shown.requests[0].outcome == trace::RequestOutcome::Ok);
}
