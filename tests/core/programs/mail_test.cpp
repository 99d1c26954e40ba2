// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/mail_queue/dialogue.h"
#include "tests/core/programs/lab.h"
#include "tests/core/programs/switched_network.h"
#include "tests/support/catch.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace testing;
using namespace mail;
using Action = world::Action::Kind;
using Given = std::map<std::string, ParameterValue>;

constexpr std::int64_t second = 1'000'000'000;

/// ann writes to bob: here (10.0.0.1) and there (10.0.0.2) are the servers of their domains.
Lab twoDomains(const Given &more = {}) {
  Lab lab(switchedNetwork({"here", "there", "ann"}));
  const auto relay = [](const std::string &domain, const std::string &address) {
    return std::vector<ParameterRow>{{{{"domain", domain}, {"address", address}}}};
  };
  lab.run("here", "mail-queue",
          {{"domain", std::string("example.com")}, {"relays", relay("example.org", "10.0.0.2")}});
  lab.run("there", "mail-queue",
          {{"domain", std::string("example.org")}, {"relays", relay("example.com", "10.0.0.1")}});
  Given ann{{"peer", std::string("10.0.0.1")},
            {"from", std::string("ann@example.com")},
            {"to", std::string("bob@example.org")},
            {"interval_ns", second}};
  for (const auto &[key, value] : more) ann[key] = value;
  lab.run("ann", "mail-sender", ann);
  return lab;
}

std::ptrdiff_t times(const Run &run, std::uint32_t node, const std::string &milestone) {
  const auto all = run.phases(node);
  return std::count(all.begin(), all.end(), milestone);
}

} // namespace

TEST_CASE("A letter goes over SMTP as RFC 5321 has it") {
  const Letter letter{"ann@example.com", "bob@example.org", "1@ann", SimTime::fromNs(7 * second),
                      ".a line that begins with a dot\r\nand another one\r\n"};
  ClientDialogue client("ann", letter);
  ServerDialogue server;
  std::string toClient = "220 example.org ESMTP\r\n", toServer;
  std::vector<std::string> said;
  std::optional<Letter> arrived;
  auto end = ClientDialogue::End::None;
  bool over = false;
  for (int i = 0; i < 20 && !over; ++i) {
    const auto step = client.hear(toClient.substr(0, toClient.size() - 2));
    if (step.end != ClientDialogue::End::None) end = step.end;
    over = step.over;
    toClient.clear();
    toServer = step.text;
    while (!toServer.empty()) {
      const std::size_t at = toServer.find("\r\n");
      const std::string line = toServer.substr(0, at);
      toServer.erase(0, at + 2);
      said.push_back(line);
      auto reply = server.hear(line);
      if (!reply.recipient.empty()) reply.text = server.takeRecipient(reply.recipient, true);
      if (reply.letter) {
        arrived = reply.letter;
        reply.text = "250 OK, queued as 1\r\n";
      }
      toClient += reply.text;
    }
  }
  REQUIRE(over);
  REQUIRE(end == ClientDialogue::End::Accepted);
  REQUIRE(arrived == letter);
  const std::vector<std::string> begin(said.begin(), said.begin() + 5);
  REQUIRE(begin == std::vector<std::string>{"EHLO ann", "MAIL FROM:<ann@example.com>",
                                            "RCPT TO:<bob@example.org>", "DATA",
                                            "Date: Thu, 01 Jan 2026 00:00:07 +0000"});
  REQUIRE(std::find(said.begin(), said.end(), "..a line that begins with a dot") != said.end());
  REQUIRE(said.back() == "QUIT");
}

TEST_CASE("A server keeps to the order of commands") {
  ServerDialogue server;
  REQUIRE(server.hear("MAIL FROM:<a@b>").text.substr(0, 3) == "503");
  REQUIRE(server.hear("VRFY bob").text.substr(0, 3) == "500");
  REQUIRE(server.hear("helo me").text.substr(0, 3) == "250");
  REQUIRE(server.hear("DATA").text.substr(0, 3) == "503");
  REQUIRE(server.hear("MAIL FROM: nobody").text.substr(0, 3) == "501");
  REQUIRE(server.hear("MAIL FROM:<a@b>").text.substr(0, 3) == "250");
  REQUIRE(server.hear("RCPT TO:<c@d>").recipient == "c@d");
  REQUIRE(server.takeRecipient("c@d", false).substr(0, 3) == "550");
  REQUIRE(server.hear("DATA").text.substr(0, 3) == "503");
  REQUIRE(server.hear("QUIT").closes);
}

TEST_CASE("A letter that is too long is refused, and the next one is taken") {
  ServerDialogue server;
  for (const bool tooLong : {true, false}) {
    server.hear("EHLO me");
    server.hear("MAIL FROM:<a@b>");
    server.hear("RCPT TO:<c@d>");
    server.takeRecipient("c@d", true);
    server.hear("DATA");
    for (int i = 0; i < (tooLong ? 400 : 10); ++i) server.hear(std::string(60, 'x'));
    const auto reply = server.hear(".");
    REQUIRE((reply.text.substr(0, 3) == "552") == tooLong);
    REQUIRE(reply.letter.has_value() != tooLong);
  }
}

TEST_CASE("Mail is accepted at once and delivered soon") {
  Run run(twoDomains({{"count", std::int64_t{5}}}));
  run.until(Duration::seconds(10));
  REQUIRE(run.outcomes().at(trace::RequestOutcome::Ok) == 5);
  REQUIRE(times(run, 0, "mail.accepted") == 5);
  REQUIRE(times(run, 0, "mail.forwarded") == 5);
  REQUIRE(times(run, 1, "mail.delivered") == 5);
  for (const double spread : run.samples("mail.delivery_ms")) REQUIRE(spread < 100);
}

TEST_CASE("Mail waits while its recipient's server is down, and gets there in the end") {
  Run run(twoDomains({{"count", std::int64_t{10}}}));
  run.apply(Duration::ms(2500), {Action::CrashNode, NodeIndex{1}, {}, 0});
  run.until(Duration::ms(20'000));
  REQUIRE(times(run, 0, "mail.accepted") == 10); // its sender notices nothing
  REQUIRE(times(run, 1, "mail.delivered") == 3);
  REQUIRE(times(run, 0, "mail.deferred") >= 1);
  run.apply(Duration::ms(20'000), {Action::RestartNode, NodeIndex{1}, {}, 0});
  run.until(Duration::seconds(120));
  REQUIRE(times(run, 1, "mail.delivered") == 10);
  const auto spread = run.samples("mail.delivery_ms");
  REQUIRE(*std::max_element(spread.begin(), spread.end()) > 10'000);
}

TEST_CASE("A mail server that crashes loses nothing that it has accepted") {
  Run run(twoDomains({{"count", std::int64_t{6}}}));
  run.apply(Duration::ms(1500), {Action::CrashNode, NodeIndex{1}, {}, 0});
  run.apply(Duration::ms(4500), {Action::CrashNode, NodeIndex{0}, {}, 0});
  run.apply(Duration::ms(6000), {Action::RestartNode, NodeIndex{0}, {}, 0});
  run.apply(Duration::ms(7000), {Action::RestartNode, NodeIndex{1}, {}, 0});
  run.until(Duration::seconds(90));
  REQUIRE(times(run, 1, "mail.delivered") == 6);
}

TEST_CASE("Mail for a domain that nobody serves is sent back or not taken") {
  Run run(twoDomains({{"to", std::string("bob@example.net")}, {"count", std::int64_t{2}}}));
  run.until(Duration::seconds(5));
  REQUIRE(times(run, 2, "mail.refused") == 2);
  REQUIRE(times(run, 0, "mail.accepted") == 0);
}

} // namespace packetarium::programs
