// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "tests/app/cli/process.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <set>

using namespace packetarium;
using namespace packetarium::clitest;
using Json = nlohmann::json;

namespace {

bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

std::set<std::string> keysOf(const Json &object) {
  std::set<std::string> keys;
  for (const auto &[key, value] : object.items()) keys.insert(key);
  return keys;
}

Json runJson(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "run");
  arguments.push_back("--json");
  const Ended ended = cli(arguments);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return Json::parse(ended.out);
}

void write(const std::string &file, const std::string &text) { std::ofstream(file) << text; }

} // namespace

TEST_CASE("scenarios lists every built-in scenario, the default one first, a line each") {
  const Ended ended = cli({"scenarios"});
  CHECK(ended.code == 0);
  const auto lines = linesOf(ended.out);
  const auto ids = scenario::builtInIds();
  REQUIRE(lines.size() == ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto s = *scenario::loadBuiltIn(ids[i]);
    CHECK(lines[i].starts_with(ids[i] + " "));
    CHECK(has(lines[i], s.tab));
    CHECK(has(lines[i], s.title));
  }
  CHECK(lines[0].starts_with("web-request "));
}

TEST_CASE("run --json prints one object with the keys that scripts rely on") {
  const Json object = runJson({"web-request", "--until", "3s"});
  CHECK(keysOf(object) == std::set<std::string>{"scenario", "seed", "simulated_s", "wall_s",
                                                "events", "events_per_s", "fingerprint", "metrics",
                                                "requirements"});
  CHECK(object["scenario"] == "web-request");
  CHECK(object["seed"] == scenario::loadBuiltIn("web-request")->seed);
  CHECK(object["simulated_s"] == 3.0);
  CHECK(object["events"] > 0);
  CHECK(object["requirements"] == Json::array());
  CHECK(object["fingerprint"].get<std::string>().size() == 16);
  CHECK(object["metrics"]["request.ok"] == 2);
  CHECK(object["metrics"]["packets.dropped"] == 0);
}

TEST_CASE("The same scenario and seed give the same run; another seed another one") {
  const auto fingerprint = [](const std::vector<std::string> &more) {
    std::vector<std::string> arguments = {"lossy-link", "--until", "3s"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runJson(arguments)["fingerprint"];
  };
  const Json first = fingerprint({});
  CHECK(fingerprint({}) == first);
  CHECK(fingerprint({"--seed", "99"}) != first);
  CHECK(fingerprint({"--set", "seed=99"}) == fingerprint({"--seed", "99"}));
  const Folder folder; // watching a run does not change it
  CHECK(fingerprint({"--trace", folder.file("t"), "--pcap", folder.file("p"), "--metrics",
                     folder.file("m")}) == first);
}

TEST_CASE("The option --set changes what happens") {
  const Json cut = runJson({"web-request", "--until", "3s", "--set", "links.isp-core.up=false",
                            "--set", "links.isp-backup.up=false"});
  CHECK(cut["metrics"]["request.ok"] == 0);
  CHECK(cut["metrics"]["drops.no-route"] > 0);
}

TEST_CASE("run takes a file as well as an id, and prints a summary for people") {
  const Folder folder;
  REQUIRE(scenario::saveFile(folder.file("mine.packetarium"), *scenario::loadBuiltIn("two-paths"))
              .ok());
  const Ended ended = cli({"run", folder.file("mine.packetarium"), "--until", "5s"});
  CHECK(ended.code == 0);
  CHECK(has(ended.out, "two-paths: Two paths and a cut cable"));
  CHECK(has(ended.out, "dropped"));
  CHECK(ended.err.empty()); // progress is for terminals
}

TEST_CASE("The trace is JSON lines in order, each caused by an earlier one") {
  const Folder folder;
  const Json object = runJson({"web-request", "--until", "3s", "--trace", folder.file("t")});
  std::uint64_t sequence = 0;
  std::int64_t at = 0;
  std::map<std::string, std::uint64_t> kinds;
  std::set<std::uint64_t> sent;
  for (const std::string &line : linesOf(contents(folder.file("t")))) {
    const Json r = Json::parse(line);
    for (const char *key : {"t_ns", "seq", "cause", "node", "link", "packet", "kind"})
      REQUIRE(r.contains(key));
    REQUIRE(r["seq"] == ++sequence);
    REQUIRE(r["cause"] < sequence);
    REQUIRE(r["t_ns"] >= at);
    at = r["t_ns"];
    const std::string kind = r["kind"];
    ++kinds[kind];
    if (kind == "frame-sent") sent.insert(sequence);
    if (kind == "frame-received") REQUIRE(sent.contains(r["sent"]));
  }
  CHECK(at <= 3'000'000'000);
  CHECK(object["metrics"]["frames.sent"] == kinds["frame-sent"]);
  CHECK(object["metrics"]["frames.received"] == kinds["frame-received"]);
  CHECK(object["metrics"]["request.count"] == kinds["request-started"]);
  CHECK(kinds["phase"] > 10);
  CHECK(kinds["tcp-state"] > 10);
}

TEST_CASE("The retransmissions of the trace are those of the metrics, with reason and number") {
  const Folder folder;
  const Json object = runJson({"lossy-link", "--until", "10s", "--trace", folder.file("t")});
  std::uint64_t count = 0;
  for (const std::string &line : linesOf(contents(folder.file("t")))) {
    if (!has(line, "\"tcp-retransmit\"")) continue;
    const Json r = Json::parse(line);
    CHECK(r["reason"].is_string());
    CHECK(r["tcp_seq"].is_number());
    ++count;
  }
  CHECK(count > 0);
  CHECK(object["metrics"]["tcp.retransmissions"] == count);
}

TEST_CASE("The metrics file is CSV with its header, in order of time") {
  const Folder folder;
  runJson({"busy-bottleneck", "--until", "2s", "--metrics", folder.file("m")});
  const auto lines = linesOf(contents(folder.file("m")));
  REQUIRE(lines.size() > 10);
  CHECK(lines[0] == "t_ns,entity,metric,value,unit");
  std::int64_t at = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    CHECK(std::count(lines[i].begin(), lines[i].end(), ',') == 4);
    const std::int64_t t = std::stoll(lines[i]);
    REQUIRE(t >= at);
    at = t;
  }
}

TEST_CASE("The capture is a pcapng file with an interface for each link end") {
  const Folder folder;
  runJson({"web-request", "--until", "1s", "--pcap", folder.file("p")});
  const std::string bytes = contents(folder.file("p"));
  REQUIRE(bytes.size() > 100);
  CHECK(bytes.substr(0, 4) == "\x0a\x0d\x0d\x0a"); // section header block
  for (const char *name : {"browser:eth0", "home-router:lan", "home-router:wan", "web:eth0"})
    CHECK(has(bytes, name));
}

TEST_CASE("validate is silent on a good file and tells each fault on its own line") {
  const Folder folder;
  const std::string good = scenario::toJson(*scenario::loadBuiltIn("web-request"));
  write(folder.file("good"), good);
  const Ended fine = cli({"validate", folder.file("good")});
  CHECK(fine.code == 0);
  CHECK(fine.out.empty());

  Json document = Json::parse(good);
  document["links"][3]["rate_bps"] = 0;
  document["nodes"][0]["kind"] = "toaster";
  write(folder.file("bad"), document.dump());
  const Ended faulty = cli({"validate", folder.file("bad")});
  CHECK(faulty.code == 1);
  const auto lines = linesOf(faulty.out);
  REQUIRE(lines.size() == 2);
  CHECK(has(lines[0] + lines[1], "links[3].rate_bps: must be at least 1, got 0"));
  CHECK(has(lines[0] + lines[1], "nodes[0].kind: must be host, laptop"));

  write(folder.file("broken"), "{\n  \"version\": 1,\n");
  const Ended broken = cli({"validate", folder.file("broken")});
  CHECK(broken.code == 1);
  CHECK(has(broken.out, "line 3, column 1: not valid JSON"));
  CHECK(cli({"validate", folder.file("nothing")}).code == 1);
}

TEST_CASE("generate writes a file that validates and runs, for each template") {
  const Folder folder;
  for (const char *shape : {"star", "ring", "grid", "dumbbell"}) {
    INFO(shape);
    const std::string file = folder.file(shape);
    const Ended made = cli({"generate", shape, "--workload", "udp", "--rate", "20M", "--delay",
                            "3ms", "--queue", "50", "-o", file});
    INFO(made.err);
    REQUIRE(made.code == 0);
    CHECK(cli({"validate", file}).code == 0);
    CHECK(runJson({file, "--until", "1s"})["metrics"]["packets.delivered"] > 0);
    const auto loaded = *scenario::loadFile(file);
    CHECK(std::any_of(loaded.links.begin(), loaded.links.end(),
                      [](const auto &l) { return l.rateBps == 20'000'000; }));
  }
  const Ended printed = cli({"generate", "star", "-o", "-"});
  CHECK(printed.code == 0);
  CHECK(scenario::parse(printed.out).ok());
}

TEST_CASE("bench prints the figures that are compared") {
  const Ended ended = cli({"bench", "dumbbell", "--json"});
  REQUIRE(ended.code == 0);
  const Json object = Json::parse(ended.out);
  for (const char *key : {"events_per_s", "packet_hops_per_s", "goodput_bps", "peak_mib", "wall_s"})
    CHECK(object[key] > 0);
  // 60 s of a 10 Mbit/s link: 95 % of its payload rate, slow start included.
  CHECK(object["goodput_bps"] > 0.9 * 10e6 * 1460 / 1514);
  const Json traced = Json::parse(cli({"bench", "dumbbell", "--trace", "--json"}).out);
  CHECK(traced["events"] == object["events"]);
  CHECK(traced["goodput_bps"] == object["goodput_bps"]);
  CHECK(traced["checkpoints"] > 0);
}

TEST_CASE("bench puts TLS beside OpenSSL's") {
  const Ended ended = cli({"bench", "tls", "--duration", "1ms", "--json"});
  REQUIRE(ended.code == 0);
  const Json object = Json::parse(ended.out);
  CHECK(object["handshakes_per_s"].size() == 4);
  CHECK(object["bulk_mb_per_s"].size() == 3);
  for (const char *table : {"handshakes_per_s", "bulk_mb_per_s"})
    for (const Json &line : object[table])
      for (const char *key : {"own", "own_observed", "openssl", "ratio", "ratio_observed"})
        CHECK(line[key] > 0);
}

TEST_CASE("Wrong usage ends with 2 and says how to go on") {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"rum"},
      {"run"},
      {"run", "web-request", "--fast"},
      {"run", "web-request", "--until", "10"},
      {"run", "web-request", "--until", "soon"},
      {"run", "web-request", "--seed", "-1"},
      {"run", "web-request", "--seed", "many"},
      {"run", "web-request", "--set", "seed"},
      {"run", "web-request", "lossy-link"},
      {"validate"},
      {"generate", "star"},
      {"generate", "pentagon", "-o", "-"},
      {"generate", "star", "--rate", "fast", "-o", "-"},
      {"generate", "star", "--hosts", "0", "-o", "-"},
      {"generate", "star", "--workload", "smtp", "-o", "-"},
      {"bench"},
      {"bench", "everything"}};
  for (const auto &arguments : wrong) {
    const Ended ended = cli(arguments);
    std::string shown;
    for (const auto &a : arguments) shown += a + " ";
    INFO(shown << "-> " << ended.err);
    CHECK(ended.code == 2);
    CHECK_FALSE(ended.err.empty());
    CHECK(ended.out.empty());
  }
}

TEST_CASE("An input at fault ends with 1 and a message, never with a trace of the stack") {
  const Folder folder;
  write(folder.file("rubbish"), std::string("\0\1\2 rubbish", 11));
  write(folder.file("deep"), std::string(100'000, '['));
  const std::vector<std::vector<std::string>> bad = {
      {"run", "no-such-scenario"},
      {"run", folder.file("rubbish")},
      {"run", folder.file("deep")},
      {"run", "/"},
      {"run", "web-request", "--set", "links.nowhere.loss=1"},
      {"run", "web-request", "--set", "links.isp-core.loss=7"},
      {"run", "web-request", "--pcap", "/nowhere/file"},
      {"run", "web-request", "--until", "1s", "--trace", "/dev/full"},
      {"generate", "star", "-o", "/nowhere/file"}};
  for (const auto &arguments : bad) {
    const Ended ended = cli(arguments);
    INFO(arguments[1] << " -> " << ended.err);
    CHECK(ended.code == 1);
    CHECK_FALSE(ended.err.empty());
    CHECK(ended.out.empty());
    CHECK_FALSE(has(ended.err, "terminate"));
    CHECK_FALSE(has(ended.err, "This should not have happened"));
  }
  CHECK(has(cli({"run", "no-such-scenario"}).err, "neither a built-in scenario nor a file"));
  CHECK(has(cli({"run", "web-reqest"}).err, "did you mean \"web-request\"?"));
}

TEST_CASE("Ctrl+C ends a run in good order: what there is is written and told") {
  const Folder folder;
  const Ended ended = cliInterrupted(
      {"run", "busy-bottleneck", "--until", "100h", "--json", "--trace", folder.file("t")}, SIGINT,
      1000);
  CHECK(ended.code == 130);
  const Json object = Json::parse(ended.out);
  CHECK(object["simulated_s"] < 360'000.0);
  CHECK(has(ended.err, "Ended early at"));
  const auto lines = linesOf(contents(folder.file("t")));
  REQUIRE_FALSE(lines.empty());
  CHECK(Json::accept(lines.back())); // no half line
}

TEST_CASE("--help lists every metric and trace kind, and is no fault") {
  for (const auto &arguments :
       std::vector<std::vector<std::string>>{{"--help"}, {"run", "--help"}}) {
    const Ended ended = cli(arguments);
    CHECK(ended.code == 0);
    for (const char *word :
         {"packets.sent", "request.latency_ms.p99", "frame-sent", "tcp-retransmit"})
      CHECK(has(ended.out, word));
  }
  CHECK(has(cli({"run", "--help"}).out, "--until"));
  CHECK(cli({"--version"}).code == 0);
}

TEST_CASE("The reference page says what the program says") {
  const Ended ended = cli({"reference"});
  REQUIRE(ended.code == 0);
  CHECK(ended.out == contents(PACKETARIUM_SOURCE_DIR "/resources/reference/cli.md"));
}

TEST_CASE("Every metric of a run is described on the reference page, directly or by its pattern") {
  const std::string page = contents(PACKETARIUM_SOURCE_DIR "/resources/reference/cli.md");
  const Json metrics = runJson({"lossy-link", "--until", "3s"})["metrics"];
  for (const auto &[name, value] : metrics.items()) {
    const bool direct = has(page, "`" + name + "`");
    const bool byPattern = name.starts_with("link.") || name.starts_with("drops.") ||
                           name.starts_with("tcp.retransmissions.") || name.ends_with(".count") ||
                           name.ends_with(".mean") || name.ends_with(".min") ||
                           name.ends_with(".max");
    INFO(name);
    CHECK((direct || byPattern));
  }
}

TEST_CASE("run --keylog writes what opens the capture beside it") {
  const Folder folder;
  runJson(
      {"eavesdropper", "--until", "6s", "--keylog", folder.file("k"), "--pcap", folder.file("p")});
  const auto lines = linesOf(contents(folder.file("k")));
  REQUIRE(lines.size() >= 5);
  CHECK(lines[0].starts_with("CLIENT_HANDSHAKE_TRAFFIC_SECRET "));
  const std::string capture = contents(folder.file("p"));
  for (const std::string &line : lines) CHECK(has(capture, line));
  const Ended unwritable = cli({"run", "eavesdropper", "--until", "1s", "--keylog", "/nowhere/k"});
  CHECK(unwritable.code == 1);
  CHECK(has(unwritable.err, "/nowhere/k"));
}

TEST_CASE("tap tells what an eavesdropper on a link reads, for people and for programs") {
  const Ended people = cli({"tap", "eavesdropper", "tapped", "--until", "6s"});
  CHECK(people.code == 0);
  CHECK(has(people.out, "GET /login HTTP/1.1"));
  CHECK(has(people.out, "server name: bank.example.com"));
  CHECK_FALSE(has(people.out, "Balance"));
  const Ended ended = cli({"tap", "eavesdropper", "tapped", "--until", "6s", "--json"});
  REQUIRE(ended.code == 0);
  const Json object = Json::parse(ended.out);
  CHECK(object["link"] == "tapped");
  CHECK(object["until_s"] == 6.0);
  std::set<std::string> protocols;
  for (const Json &c : object["conversations"]) protocols.insert(c["protocol"]);
  CHECK(protocols == std::set<std::string>{"DNS", "HTTP", "TLS 1.3"});
  const Ended unknown = cli({"tap", "eavesdropper", "taped"});
  CHECK(unknown.code == 1);
  CHECK(has(unknown.err, "isp-bank"));
}
