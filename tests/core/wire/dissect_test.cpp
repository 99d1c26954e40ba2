// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/dissect.h"
#include "tests/core/wire/samples.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <functional>
#include <set>

using namespace packetarium;
using namespace packetarium::wire;

namespace {

void visit(const std::vector<Field> &fields, const std::function<void(const Field &)> &see) {
  for (const Field &f : fields) {
    see(f);
    visit(f.children, see);
  }
}

std::string keyText(const Field &f) {
  if (const auto *n = std::get_if<std::uint64_t>(&f.key)) return std::to_string(*n);
  if (const auto *a = std::get_if<Ipv4Address>(&f.key)) return a->text();
  if (const auto *m = std::get_if<MacAddress>(&f.key)) return m->text();
  if (const auto *s = std::get_if<std::string>(&f.key)) return *s;
  return f.value;
}

/// tshark's text for a value as ours: hexadecimal and truth values as decimal numbers.
std::string normalised(const std::string &text) {
  if (text.substr(0, 2) == "0x") return std::to_string(std::stoull(text, nullptr, 16));
  if (text == "True") return "1";
  if (text == "False") return "0";
  return text;
}

const std::vector<std::string> compared = {"frame.len",
                                           "eth.dst",
                                           "eth.src",
                                           "eth.type",
                                           "arp.hw.type",
                                           "arp.proto.type",
                                           "arp.hw.size",
                                           "arp.proto.size",
                                           "arp.opcode",
                                           "arp.src.hw_mac",
                                           "arp.src.proto_ipv4",
                                           "arp.dst.hw_mac",
                                           "arp.dst.proto_ipv4",
                                           "ip.version",
                                           "ip.hdr_len",
                                           "ip.dsfield",
                                           "ip.dsfield.dscp",
                                           "ip.dsfield.ecn",
                                           "ip.len",
                                           "ip.id",
                                           "ip.flags",
                                           "ip.flags.rb",
                                           "ip.flags.df",
                                           "ip.flags.mf",
                                           "ip.frag_offset",
                                           "ip.ttl",
                                           "ip.proto",
                                           "ip.checksum",
                                           "ip.src",
                                           "ip.dst",
                                           "icmp.type",
                                           "icmp.code",
                                           "icmp.checksum",
                                           "icmp.checksum.status",
                                           "icmp.ident",
                                           "icmp.seq",
                                           "icmp.mtu",
                                           "udp.srcport",
                                           "udp.dstport",
                                           "udp.length",
                                           "udp.checksum",
                                           "tcp.srcport",
                                           "tcp.dstport",
                                           "tcp.len",
                                           "tcp.seq",
                                           "tcp.seq_raw",
                                           "tcp.ack_raw",
                                           "tcp.hdr_len",
                                           "tcp.flags",
                                           "tcp.flags.cwr",
                                           "tcp.flags.ece",
                                           "tcp.flags.urg",
                                           "tcp.flags.ack",
                                           "tcp.flags.push",
                                           "tcp.flags.reset",
                                           "tcp.flags.syn",
                                           "tcp.flags.fin",
                                           "tcp.window_size_value",
                                           "tcp.checksum",
                                           "tcp.urgent_pointer",
                                           "tcp.options.mss_val",
                                           "tcp.options.wscale.shift",
                                           "dns.id",
                                           "dns.flags",
                                           "dns.flags.response",
                                           "dns.flags.opcode",
                                           "dns.flags.authoritative",
                                           "dns.flags.truncated",
                                           "dns.flags.recdesired",
                                           "dns.flags.recavail",
                                           "dns.flags.z",
                                           "dns.flags.authenticated",
                                           "dns.flags.rcode",
                                           "dns.count.queries",
                                           "dns.count.answers",
                                           "dns.count.auth_rr",
                                           "dns.count.zones",
                                           "dns.count.prerequisites",
                                           "dns.count.updates",
                                           "dns.count.add_rr",
                                           "dns.qry.name",
                                           "dns.qry.type",
                                           "dns.qry.class",
                                           "dns.resp.name",
                                           "dns.resp.type",
                                           "dns.resp.class",
                                           "dns.resp.ttl",
                                           "dns.resp.len",
                                           "dns.a",
                                           "dns.cname",
                                           "dns.ns",
                                           "dns.ptr.domain_name",
                                           "dns.txt",
                                           "dns.soa.mname",
                                           "dns.soa.rname",
                                           "dns.soa.serial_number",
                                           "dns.soa.refresh_interval",
                                           "dns.soa.retry_interval",
                                           "dns.soa.expire_limit",
                                           "dns.soa.minimum_ttl",
                                           "http.request.method",
                                           "http.request.uri",
                                           "http.request.version",
                                           "http.response.code",
                                           "http.response.phrase",
                                           "http.response.version",
                                           "http.host",
                                           "http.user_agent",
                                           "http.connection",
                                           "http.server",
                                           "http.cookie",
                                           "http.cookie_pair",
                                           "http.set_cookie",
                                           "http.location",
                                           "http.content_type",
                                           "rtp.version",
                                           "rtp.marker",
                                           "rtp.p_type",
                                           "rtp.seq",
                                           "rtp.timestamp",
                                           "rtp.ssrc",
                                           "vrrp.version",
                                           "vrrp.type",
                                           "vrrp.virt_rtr_id",
                                           "vrrp.prio",
                                           "vrrp.addr_count",
                                           "vrrp.reserved_mbz",
                                           "vrrp.short_adver_int",
                                           "vrrp.checksum",
                                           "vrrp.checksum.status",
                                           "vrrp.ip_addr"};

/// Flags of responses that queries have not, in tshark's eyes, are not asked of it there.
bool onlyInResponses(const std::string &abbrev) {
  return abbrev == "dns.flags.authoritative" || abbrev == "dns.flags.recavail" ||
         abbrev == "dns.flags.rcode" || abbrev == "dns.flags.authenticated";
}

std::string ours(const Dissection &d, const std::string &abbrev) {
  std::string out;
  visit(d.layers, [&](const Field &f) {
    if (f.abbrev == abbrev) out += (out.empty() ? "" : ";") + keyText(f);
  });
  return out;
}

std::string theirs(const std::string &column) {
  std::string out;
  for (const auto &value : tshark::split(column, ';'))
    out += (out.empty() ? "" : ";") + normalised(value);
  return out;
}

Dissection of(const char *sampleName) {
  for (const auto &s : samples::all())
    if (s.name == sampleName) return dissect(s.packet);
  FAIL("no sample " << sampleName);
  return {};
}

} // namespace

TEST_CASE("tshark finds every checksum good and nothing malformed in what we encode") {
  if (!tshark::present()) {
    WARN("tshark is not installed: frames were not compared with it");
    return;
  }
  tshark::Capture capture("sound");
  PcapngWriter writer(capture.out());
  REQUIRE(writer.begin({}));
  REQUIRE(writer.addInterface({"test", ""}).ok());
  const auto all = samples::all();
  for (std::size_t i = 0; i < all.size(); ++i)
    REQUIRE(writer.packet(0, SimTime::fromNs(static_cast<std::int64_t>(i) * 1'000'000),
                          encode(all[i].packet)));
  const std::string text = capture.read("-V");
  CHECK(text.find("Malformed") == std::string::npos);
  CHECK(text.find("incorrect") == std::string::npos);
  CHECK(text.find("Bad checksum") == std::string::npos);
  CHECK(text.find("Bad length") == std::string::npos);
  const auto rows = tshark::split(
      capture.read("-T fields -E separator='|' -E aggregator=';' -E occurrence=f"
                   " -e ip.checksum.status -e udp.checksum.status -e tcp.checksum.status"
                   " -e icmp.checksum.status"),
      '\n');
  REQUIRE(rows.size() == all.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(all[i].name << ": " << rows[i]);
    const Packet &p = all[i].packet;
    // A quoted datagram is cut short, so its checksum cannot be verified: 2.
    const bool quotes = p.kind == PacketKind::Icmp && (p.icmp.type == 3 || p.icmp.type == 11);
    for (const auto &status : tshark::split(rows[i], '|'))
      CHECK((status.empty() || status == "1" || (quotes && status == "2")));
    // IP and, where there is one, the transport checksum were indeed looked at.
    const auto good = std::count(rows[i].begin(), rows[i].end(), '1');
    CHECK(good >= (p.kind == PacketKind::Ip ? 1 : p.isIp() ? 2 : 0));
  }
}

TEST_CASE("Field values equal tshark's for every kind of packet") {
  if (!tshark::present()) {
    WARN("tshark is not installed: field values were not compared with it");
    return;
  }
  tshark::Capture capture("fields");
  PcapngWriter writer(capture.out());
  REQUIRE(writer.begin({}));
  REQUIRE(writer.addInterface({"test", ""}).ok());
  const auto all = samples::all();
  for (const auto &s : all) REQUIRE(writer.packet(0, SimTime::zero(), encode(s.packet)));
  std::string options = "-T fields -E separator='|' -E aggregator=';'";
  for (const auto &abbrev : compared) options += " -e " + abbrev;
  const auto rows = tshark::split(capture.read(options), '\n');
  REQUIRE(rows.size() == all.size());
  std::size_t values = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto columns = tshark::split(rows[i], '|');
    REQUIRE(columns.size() == compared.size());
    const Dissection d = dissect(all[i].packet);
    const bool query = all[i].name == "DNS query" || all[i].name == "DNS update";
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (query && onlyInResponses(compared[c])) continue;
      INFO(all[i].name << ", " << compared[c]);
      CHECK(ours(d, compared[c]) == theirs(columns[c]));
      values += columns[c].empty() ? 0U : 1U;
    }
  }
  CHECK(values > 600); // the comparison was not of empty with empty
}

TEST_CASE("Every field is of the catalogue, lies within the frame and has a meaning") {
  for (const auto &s : samples::all()) {
    const Dissection d = dissect(s.packet);
    CHECK(d.bytes == encode(s.packet));
    visit(d.layers, [&](const Field &f) {
      INFO(s.name << ", " << f.abbrev);
      CHECK(findFieldSpec(f.abbrev) != nullptr);
      CHECK_FALSE(f.name.empty());
      CHECK_FALSE(f.help.empty());
      CHECK(f.layer >= 1);
      CHECK(f.layer <= 7);
      CHECK(f.offset + f.length <= d.bytes.size());
      CHECK_FALSE(f.malformed);
    });
  }
}

TEST_CASE("The layers below the frame cover its bytes without a gap or an overlap") {
  for (const auto &s : samples::all()) {
    const Dissection d = dissect(s.packet);
    std::size_t at = 0;
    for (std::size_t i = 1; i < d.layers.size(); ++i) {
      INFO(s.name << ", " << d.layers[i].abbrev);
      CHECK(d.layers[i].offset == at);
      at = d.layers[i].offset + d.layers[i].length;
    }
    const Field *padding = findField(d, "eth.padding");
    CHECK(at == (padding != nullptr ? padding->offset : d.bytes.size()));
  }
}

TEST_CASE("Children lie within their parents, padding aside") {
  std::function<void(const Field &)> check = [&](const Field &parent) {
    for (const Field &f : parent.children) {
      INFO(parent.abbrev << " > " << f.abbrev);
      const bool carried =
          f.abbrev == "eth.padding" || f.abbrev == "tcp.payload" || f.abbrev == "udp.payload";
      if (f.length > 0 && !carried) {
        CHECK(f.offset >= parent.offset);
        CHECK(f.offset + f.length <= parent.offset + parent.length);
      }
      check(f);
    }
  };
  for (const auto &s : samples::all())
    for (const Field &layer : dissect(s.packet).layers) check(layer);
}

TEST_CASE("The catalogue is in order, so that names are found, and each help is one sentence") {
  std::string_view last;
  for (const auto &spec : fieldCatalogue()) {
    INFO(spec.abbrev);
    CHECK(last < spec.abbrev);
    last = spec.abbrev;
    CHECK(findFieldSpec(spec.abbrev) == &spec);
    CHECK(spec.help.back() == '.');
    CHECK(spec.help.find(". ") == std::string_view::npos);
  }
  CHECK(findFieldSpec("ip.tll") == nullptr);
}

TEST_CASE("Labels and lines say what an analyser's list would") {
  const auto label = [](const char *name) { return of(name).label; };
  const auto info = [](const char *name) { return of(name).info; };
  CHECK(label("ARP request") == "who has 10.0.0.2?");
  CHECK(info("ARP request") == "Who has 10.0.0.2? Tell 10.0.0.1");
  CHECK(info("ARP reply") == "10.0.0.1 is at 02:00:00:00:00:01");
  CHECK(info("DNS query") == "A? www.example.com");
  CHECK(label("DNS answer") == "A 192.0.2.1");
  CHECK(label("DNS no such name") == "No such name");
  CHECK(label("DNS update") == "update A 192.0.2.7");
  CHECK(info("DNS update") == "Update example.com: www.example.com: delete A, add A 192.0.2.7; "
                              "old.example.com: delete CNAME www.example.com");
  CHECK(info("DNS update refused") == "Update → Name out of zone");
  CHECK(label("VRRP") == "VRRP 200");
  CHECK(info("VRRP") == "Advertisement prio 200 router=7 every 1 s: 192.0.2.10 192.0.2.11");
  CHECK(label("Cluster") == "append 7");
  CHECK(info("Cluster") == "append epoch=2 index=7 op=write%20cart%201%0A2%20%25");
  CHECK(label("SYN") == "SYN");
  CHECK(label("SYN, ACK") == "SYN, ACK");
  CHECK(label("HTTP request") == "GET /index.html");
  CHECK(label("HTTP response") == "200 OK");
  CHECK(label("HTTP cookies") == "GET /account");
  CHECK(label("HTTP redirect") == "302 Found");
  CHECK(label("HTTP rest") == "HTTP data 152 bytes");
  CHECK(label("FIN") == "FIN, ACK");
  CHECK(label("RST") == "RST");
  CHECK(label("Echo request") == "Echo request");
  CHECK(label("Port unreachable") == "Port unreachable");
  CHECK(label("Time exceeded") == "Time to live exceeded");
  CHECK(label("RTP") == "voice 12");
  CHECK(of("HTTP request").protocol == "HTTP");
  CHECK(of("RTP").protocol == "RTP");
  for (const auto &s : samples::all()) CHECK(shortLabel(s.packet).size() <= 45);
}

TEST_CASE("With a base, TCP's numbers count from the start of the connection") {
  const Packet p = samples::tcp(TcpFlags::Ack, 1001, 4'000'001'461U);
  const TcpBase base{1000, 4'000'000'000U};
  CHECK(shortLabel(p, base) == "ACK 1461");
  CHECK(shortLabel(p) == "ACK");
  CHECK(shortInfo(p, base) == "49152 → 80 ACK seq=1 ack=1461 win=64240 len=0");
  const Dissection d = dissect(p, base);
  CHECK(std::get<std::uint64_t>(findField(d, "tcp.seq")->key) == 1);
  CHECK(std::get<std::uint64_t>(findField(d, "tcp.ack")->key) == 1461);
  CHECK(std::get<std::uint64_t>(findField(d, "tcp.ack_raw")->key) == 4'000'001'461U);
}

TEST_CASE("A continuation that holds no start line is data, whatever its bytes") {
  const auto label = [](Payload payload) {
    return shortLabel(samples::tcp(TcpFlags::Ack, 1, 1, std::move(payload)));
  };
  CHECK(label(Payload::pattern(0, 1448)) == "HTTP data 1448 bytes");
  CHECK(label(Payload::of("not a start\r\nline")) == "HTTP data 17 bytes");
  CHECK(label(Payload::of("HTTP/1.1 xyz\r\n")) == "HTTP data 14 bytes");
  CHECK(label(Payload::of("HEAD /x HTTP/1.1\r\n")) == "HEAD /x");
  CHECK(label(Payload::of("GET /\x01\x02 HTTP/1.1\r\n")) == "GET /\\x01\\x02");
}

TEST_CASE("A damaged checksum shows as bad with the value it should have") {
  Bytes frame = encode(samples::syn());
  frame[50] ^= 1;
  const Dissection d = dissectBytes(frame);
  const Field *status = findField(d, "tcp.checksum.status");
  REQUIRE(status != nullptr);
  CHECK(status->malformed);
  CHECK(std::get<std::uint64_t>(status->key) == 0);
  CHECK(status->value.find("should be 0x") != std::string::npos);
  CHECK(std::get<std::uint64_t>(findField(d, "ip.checksum.status")->key) == 1);
}

TEST_CASE("Malformed bytes are shown with what is wrong, in line and tree") {
  struct Row {
    const char *sample;
    std::size_t at;
    std::uint8_t value;
    const char *part;
  };
  const Row rows[] = {{"SYN", 14, 0x41, "Malformed IPv4"},
                      {"SYN", 46, 0x10, "Malformed TCP"},
                      {"SYN", 55, 99, "Malformed TCP"},
                      {"UDP", 38, 0xff, "Malformed UDP"}};
  for (const auto &row : rows) {
    Bytes frame = of(row.sample).bytes;
    frame[row.at] = row.value;
    const Dissection d = dissectBytes(frame);
    INFO(row.sample << " " << row.at << ": " << d.info);
    CHECK(d.info.find(row.part) == 0);
    const Field *bad = findField(d, "_ws.malformed");
    REQUIRE(bad != nullptr);
    CHECK(bad->malformed);
  }
  Bytes query = of("DNS query").bytes;
  query[54] = 0xc0; // a pointer into nothing
  query[55] = 0xff;
  CHECK(dissectBytes(query).info.find("Malformed DNS") == 0);
  CHECK(findField(dissectBytes(query), "_ws.malformed") != nullptr);
  CHECK(dissectBytes(Bytes{1, 2, 3}).label == "malformed");
}

TEST_CASE("IP options, which no packet of ours has, are still shown") {
  Bytes frame = of("UDP empty").bytes;
  frame[14] = 0x46;
  frame[17] = 32;
  frame[43] = 8; // where the UDP length now is
  const Dissection d = dissectBytes(frame);
  REQUIRE(findField(d, "ip.options") != nullptr);
  CHECK(findField(d, "udp") != nullptr);
  CHECK(d.info.find("options") != std::string::npos);
}

TEST_CASE("Any bytes can be taken apart, and no field lies outside them") {
  RandomStream r(77, "test", "noise");
  const auto all = samples::all();
  for (int round = 0; round < 4000; ++round) {
    Bytes frame = encode(all[r.below(all.size())].packet);
    for (auto n = 1 + r.below(4); n > 0; --n)
      frame[r.below(frame.size())] = static_cast<std::uint8_t>(r.next());
    if (r.chance(0.3)) frame.resize(r.below(frame.size() + 1));
    const Dissection d = dissectBytes(frame);
    bool inside = true;
    visit(d.layers, [&](const Field &f) {
      inside = inside && std::size_t{f.offset} + f.length <= frame.size();
    });
    REQUIRE(inside);
    REQUIRE_FALSE(d.info.empty());
  }
}
