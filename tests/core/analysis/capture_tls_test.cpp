// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/capture.h"
#include "core/analysis/key_log.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

#include <map>
#include <regex>
#include <set>
#include <sstream>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;

namespace {

constexpr SimTime firstRound = SimTime::fromNs(8'000'000'000);

void writeCapture(const Run &run, std::ostream &out) {
  CaptureWriter capture(out, run.sharedNetwork());
  for (const auto &slot : run.trace.slots()) capture.add(*slot.chunk);
  REQUIRE(capture.good());
}

std::string keyLogOf(const Run &run) {
  std::ostringstream out;
  KeyLogWriter log(out);
  for (const auto &slot : run.trace.slots()) log.add(*slot.chunk);
  return out.str();
}

/// What tshark reads in the file inside TLS: "GET /login", "200".
std::multiset<std::string> decrypted(const Run &run) {
  tshark::Capture file("analysis-tls");
  writeCapture(run, file.out());
  const std::string table =
      file.readPlain("-Y 'tls && http' -T fields -e http.request.method -e http.request.uri "
                     "-e http.response.code");
  std::multiset<std::string> seen;
  for (const std::string &line : tshark::split(table, '\n')) seen.insert(line);
  return seen;
}

Run bank(const std::vector<std::string> &settings) {
  std::vector<std::string> all = {"nodes.laptop.programs.browser.resume_sessions=false"};
  all.insert(all.end(), settings.begin(), settings.end());
  return fixture::run("eavesdropper", firstRound, 50, all);
}

bool readsBothPages(const Run &run) {
  const auto seen = decrypted(run);
  INFO(seen.size() << " HTTP messages inside TLS");
  CHECK(seen.count("GET\t/login\t") >= 1);
  CHECK(seen.count("GET\t/account\t") >= 1);
  CHECK(seen.count("\t\t200") >= 2);
  return !seen.empty();
}

} // namespace

TEST_CASE("tshark reads the HTTP inside HTTPS with nothing but the capture, whatever the suite") {
  if (!tshark::present()) {
    WARN("tshark is not installed");
    return;
  }
  for (const char *suite :
       {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    INFO(suite);
    CHECK(readsBothPages(bank({std::string("nodes.bank.programs.http.tls_suites=") + suite})));
  }
  for (const char *suite :
       {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"}) {
    INFO(suite);
    CHECK(readsBothPages(bank({"nodes.bank.programs.http.tls_versions=1.2",
                               std::string("nodes.bank.programs.http.tls_suites=") + suite})));
  }
}

TEST_CASE("tshark reads resumed sessions and early data, too") {
  if (!tshark::present()) {
    WARN("tshark is not installed");
    return;
  }
  CHECK(readsBothPages(fixture::run("eavesdropper", firstRound)));
  CHECK(readsBothPages(
      fixture::run("eavesdropper", firstRound, 0, {"nodes.bank.programs.http.tls_versions=1.2"})));
  CHECK(readsBothPages(fixture::run("eavesdropper", firstRound, 0,
                                    {"nodes.laptop.programs.browser.early_data=true",
                                     "nodes.bank.programs.http.early_data_bytes=4096"})));
}

TEST_CASE("tshark reads every answer of a load of many connections") {
  if (!tshark::present()) {
    WARN("tshark is not installed");
    return;
  }
  auto document = *scenario::loadBuiltIn("eavesdropper");
  auto laptop = std::find_if(document.nodes.begin(), document.nodes.end(),
                             [](const auto &n) { return n.id == "laptop"; });
  laptop->programs.front() = {"browser",
                              "client-load",
                              {{"url", std::string("https://bank.example.com/login")},
                               {"mode", std::string("closed")},
                               {"clients", std::int64_t{20}}}};
  const Run run = fixture::runDocument(std::move(document), SimTime::fromNs(2'000'000'000));
  std::set<std::uint64_t> answered;
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.kind == trace::RecordKind::RequestEnded && r.detail == 0) answered.insert(r.args[0]);
  });
  CHECK(answered.size() > 20);
  tshark::Capture file("analysis-load");
  writeCapture(run, file.out());
  const std::string streams = file.readPlain(
      "-Y 'tls && http.response && ip.src == 192.168.1.10 || tls && http.response && "
      "ip.dst == 192.168.1.10' -T fields -e tcp.stream");
  std::set<std::string> distinct;
  for (const std::string &line : tshark::split(streams, '\n')) distinct.insert(line);
  CHECK(distinct.size() >= answered.size());
}

TEST_CASE("A key log has each secret once, in the lines that its format knows") {
  const std::string log = keyLogOf(bank({}));
  const std::regex wanted("(CLIENT_RANDOM|(CLIENT|SERVER)_HANDSHAKE_TRAFFIC_SECRET|"
                          "(CLIENT|SERVER)_TRAFFIC_SECRET_[0-9]+|EXPORTER_SECRET|"
                          "CLIENT_EARLY_TRAFFIC_SECRET) [0-9a-f]{64} ([0-9a-f]{2}){32,48}");
  std::set<std::string> lines;
  std::map<std::string, int> labels;
  std::istringstream in(log);
  for (std::string line; std::getline(in, line);) {
    CHECK(std::regex_match(line, wanted));
    CHECK(lines.insert(line).second);
    ++labels[line.substr(0, line.find(' '))];
  }
  // Two connections to the bank.
  CHECK(labels["CLIENT_HANDSHAKE_TRAFFIC_SECRET"] == 2);
  CHECK(labels["SERVER_HANDSHAKE_TRAFFIC_SECRET"] == 2);
  CHECK(labels["CLIENT_TRAFFIC_SECRET_0"] == 2);
  CHECK(labels["SERVER_TRAFFIC_SECRET_0"] == 2);
}

TEST_CASE("Secrets and packets lie in a capture as they came, however the run was cut") {
  std::ostringstream small, large;
  writeCapture(fixture::run("eavesdropper", firstRound, 10), small);
  writeCapture(fixture::run("eavesdropper", firstRound), large);
  CHECK(small.str() == large.str());
  const std::string log = keyLogOf(fixture::run("eavesdropper", firstRound));
  std::istringstream in(log);
  for (std::string line; std::getline(in, line);)
    CHECK(large.str().find(line) != std::string::npos);
}
