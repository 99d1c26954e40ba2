// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/packet_filter.h"
#include "tests/core/wire/samples.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

#include <set>

using namespace packetarium;
using namespace packetarium::wire;
using analysis::PacketFilter;

namespace {

/// Numbers (from 1) of the sample packets that a filter lets through.
std::set<std::size_t> selected(const std::string &text) {
  static const auto dissections = [] {
    std::vector<Dissection> out;
    for (const auto &s : samples::all()) out.push_back(dissect(s.packet));
    return out;
  }();
  const auto filter = PacketFilter::parse(text);
  INFO(text << ": " << (filter ? "" : filter.faults()[0].text()));
  REQUIRE(filter.ok());
  std::set<std::size_t> out;
  for (std::size_t i = 0; i < dissections.size(); ++i)
    if (filter->matches(dissections[i])) out.insert(i + 1);
  return out;
}

std::set<std::string> names(const std::string &text) {
  const auto all = samples::all();
  std::set<std::string> out;
  for (const std::size_t i : selected(text)) out.insert(all[i - 1].name);
  return out;
}

std::string fault(std::string_view text) {
  const auto filter = PacketFilter::parse(text);
  return filter ? "fine" : filter.faults()[0].message;
}

Field extra(std::string name, FieldKey key, std::string value) {
  Field f;
  f.abbrev = std::move(name);
  f.key = std::move(key);
  f.value = std::move(value);
  return f;
}

using Names = std::set<std::string>;

} // namespace

TEST_CASE("A filter lets through the packets that tshark's display filter lets through") {
  if (!tshark::present()) {
    WARN("tshark is not installed: filters were not compared with it");
    return;
  }
  tshark::Capture capture("filter");
  PcapngWriter writer(capture.out());
  REQUIRE(writer.begin({}));
  REQUIRE(writer.addInterface({"test", ""}).ok());
  for (const auto &s : samples::all()) REQUIRE(writer.packet(0, SimTime::zero(), encode(s.packet)));
  for (const std::string text : {"dns",
                                 "!arp",
                                 "not (tcp or udp)",
                                 "tcp.flags.syn == 1 && ip.dst == 192.0.2.1",
                                 "ip.addr == 192.168.0.0/16",
                                 "ip.src == 192.0.2.1 || arp",
                                 "tcp.port == 80",
                                 "udp.port in {53, 5004}",
                                 "udp.dstport in {7000..7100}",
                                 "tcp.port in {79..81, 443}",
                                 "eth.addr == ff:ff:ff:ff:ff:ff",
                                 "frame.len > 500",
                                 "frame.len <= 60",
                                 "ip.ttl >= 64",
                                 "tcp.window_size_value == 64240",
                                 "dns.qry.name == \"www.example.com\"",
                                 "dns.qry.name contains \"nowhere\"",
                                 "http.request.method == \"GET\"",
                                 "http.response.code == 200",
                                 "icmp.type == 3 or icmp.type == 11",
                                 "arp.opcode == 2",
                                 "ip.dsfield.dscp != 0",
                                 "tcp.flags.fin == 1 or tcp.flags.reset == 1",
                                 "tcp.len > 0",
                                 "eth.type == 0x88b5",
                                 "ip.proto == 253",
                                 "tcp and not tcp.flags.ack == 1",
                                 "rtp.seq == 12",
                                 "dns.flags.rcode == 3",
                                 "(udp && !dns) || icmp.code == 4",
                                 "tcp.options.mss"}) {
    const auto rows =
        tshark::split(capture.read("-Y '" + text + "' -T fields -e frame.number"), '\n');
    std::set<std::size_t> expected;
    for (const auto &row : rows) expected.insert(std::stoul(row));
    INFO(text);
    CHECK_FALSE(expected.empty());
    CHECK(selected(text) == expected);
  }
}

TEST_CASE("A bare flag asks whether it is set, a bare name whether it is there") {
  CHECK(names("tcp.flags.syn") == Names{"SYN", "SYN, ACK"});
  CHECK(names("tcp.flags.syn && ip.dst == 192.0.2.1") == Names{"SYN"});
  CHECK(names("tcp.options.wscale.shift") == Names{"SYN", "SYN, ACK"});
  CHECK(names("dns.flags.response and dns.a") == Names{"DNS answer"});
  CHECK(names("tcp.flags.fin == true") == Names{"FIN"});
}

TEST_CASE("A word that is no field is searched in the line, whatever its case") {
  CHECK(names("EXAMPLE.com") == Names{"DNS query", "DNS answer", "DNS no such name", "DNS update"});
  CHECK(names("\"such name\"") == Names{"DNS no such name"});
  CHECK(names("unreachable or voice") == Names{"Port unreachable", "RTP"});
  CHECK(names("RST") == Names{"RST"});
}

TEST_CASE("Values may be named as they are shown") {
  CHECK(names("dns.qry.type == a and dns.flags.rcode == \"No such name\"") ==
        Names{"DNS no such name"});
  CHECK(names("ip.proto == udp and not udp.port in {7000}") ==
        Names{"DNS query", "DNS answer", "DNS no such name", "DNS update", "DNS update refused",
              "RTP", "Cluster", "Port unreachable"});
}

TEST_CASE("Operators bind: not, then and, then or; words and signs mean the same") {
  CHECK(names("arp or tcp and tcp.flags.syn") == names("arp || (tcp && tcp.flags.syn)"));
  CHECK(names("not arp and udp") == names("(!arp) && udp"));
  CHECK(names("tcp.port eq 80 and frame.len gt 100") == names("tcp.port==80&&frame.len>100"));
  CHECK(names("not not arp") == Names{"ARP request", "ARP reply"});
}

TEST_CASE("Not equal holds when the field is there and none of its values is equal") {
  CHECK(names("tcp.port != 80").empty());
  CHECK(names("arp.opcode != 1") == Names{"ARP reply"});
  CHECK(names("ip.addr != 192.0.2.0/24 and not vrrp").empty());
}

TEST_CASE("Blank text lets everything through") {
  CHECK(PacketFilter::parse("  ")->matchesEverything());
  CHECK(selected("").size() == samples::all().size());
  CHECK(PacketFilter{}.matches(Dissection{}));
}

TEST_CASE("The caller's own fields can be asked for") {
  const Dissection d = dissect(samples::syn());
  const std::vector<Field> mine = {extra("node", std::string("client"), "client"),
                                   extra("dropped", std::uint64_t{0}, "no"),
                                   extra("frame.number", std::uint64_t{17}, "17")};
  const auto holds = [&](std::string_view text) {
    const std::string_view more[] = {"place"};
    const auto f = PacketFilter::parse(text, more);
    REQUIRE(f.ok());
    return f->matches(d, mine);
  };
  CHECK(holds("node == client"));
  CHECK(holds("node == \"CLIENT\" && tcp"));
  CHECK_FALSE(holds("node == server"));
  CHECK(holds("node contains lie"));
  CHECK(holds("node in {server client}"));
  CHECK_FALSE(holds("dropped"));
  CHECK(holds("!dropped"));
  CHECK(holds("frame.number >= 17"));
  CHECK_FALSE(holds("place == x"));
}

TEST_CASE("Mistakes are told with their column") {
  CHECK(fault("ip.src == ") == "column 11: expected a value, found 'the end'");
  CHECK(fault("ip.scr == 10.0.0.1") == "column 1: there is no field 'ip.scr'");
  CHECK(fault("tcp && (udp").substr(0, 10) == "column 12:");
  CHECK(fault("tcp udp") == "column 5: expected and, or, or the end, found 'udp'");
  CHECK(fault("tcp &&") == "column 7: expected a field or a word, found 'the end'");
  CHECK(fault("ip.src = 1").substr(0, 9) == "column 8:");
  CHECK(fault("tcp $ udp").substr(0, 9) == "column 5:");
  CHECK(fault("dns contains \"x").substr(0, 10) == "column 14:");
  CHECK(fault("tcp.port in {}").substr(0, 10) == "column 14:");
  CHECK(fault("tcp.port in 80").substr(0, 10) == "column 13:");
  CHECK(fault("tcp.port in {80").substr(0, 10) == "column 16:");
  CHECK(fault("ip.src < 10.0.0.0/8").substr(0, 9) == "column 8:");
  CHECK(fault(")").substr(0, 9) == "column 1:");
  CHECK(fault(std::string(5000, 'a')) == "must be at most 4096 characters");
  CHECK(fault(std::string(100, '(')).find("deeply") != std::string::npos);
  CHECK(fault(std::string(1000, '!') + "tcp").find("deeply") != std::string::npos);
}
