// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/address.h"
#include "tests/support/catch.h"

using namespace packetarium::wire;

TEST_CASE("IPv4 addresses are strict dotted quads") {
  CHECK(Ipv4Address::parse("192.0.2.1") == Ipv4Address{0xc0000201});
  CHECK(Ipv4Address::parse("0.0.0.0") == Ipv4Address{0});
  CHECK(Ipv4Address::parse("255.255.255.255") == Ipv4Address{0xffffffff});
  for (const char *bad :
       {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "1..2.3",
        " 1.2.3.4", "1.2.3.4 ", "1.2.3.-4", "+1.2.3.4", "1.2.3.0x4", "999999999999.1.1.1"})
    CHECK_FALSE(Ipv4Address::parse(bad).has_value());
  CHECK(Ipv4Address::of(10, 0, 255, 1).text() == "10.0.255.1");
}

TEST_CASE("MAC addresses are six pairs of hexadecimal digits with one kind of separator") {
  CHECK(MacAddress::parse("02:00:5e:10:00:0A") == MacAddress::fromBits(0x02005e10000a));
  CHECK(MacAddress::parse("02-00-5e-10-00-0a") == MacAddress::fromBits(0x02005e10000a));
  for (const char *bad : {"", "02:00:5e:10:00", "02:00:5e:10:00:0g", "02:00:5e:10:00-0a",
                          "02.00.5e.10.00.0a", "02:00:5e:10:00:0a:", "2:00:5e:10:00:0aa"})
    CHECK_FALSE(MacAddress::parse(bad).has_value());
  CHECK(MacAddress::fromBits(0x02005e10000a).text() == "02:00:5e:10:00:0a");
  CHECK(MacAddress::broadcast().isGroup());
  CHECK(MacAddress::fromBits(0x01005e000001).isGroup());
  CHECK_FALSE(MacAddress::fromBits(0x020000000001).isGroup());
}

TEST_CASE("Prefixes hold the addresses that share their leading bits") {
  const auto p = Ipv4Prefix::parse("172.16.5.4/12");
  REQUIRE(p.has_value());
  CHECK(p->text() == "172.16.5.4/12");
  CHECK(p->network() == Ipv4Address::of(172, 16, 0, 0));
  CHECK(p->directedBroadcast() == Ipv4Address::of(172, 31, 255, 255));
  CHECK(p->contains(Ipv4Address::of(172, 31, 0, 1)));
  CHECK_FALSE(p->contains(Ipv4Address::of(172, 32, 0, 1)));
  CHECK(Ipv4Prefix::parse("0.0.0.0/0")->contains(Ipv4Address::of(8, 8, 8, 8)));
  CHECK_FALSE(Ipv4Prefix::parse("8.8.8.8/32")->contains(Ipv4Address::of(8, 8, 8, 9)));
  for (const char *bad : {"1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/08", "/8"})
    CHECK_FALSE(Ipv4Prefix::parse(bad).has_value());
}

TEST_CASE("Special blocks of RFC 6890 are told at their first and last address, not beside them") {
  struct Row {
    const char *first, *last, *before, *after, *part;
  };
  const Row rows[] = {
      {"10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0", "private"},
      {"172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0", "private"},
      {"192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0", "private"},
      {"100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0", "RFC 6598"},
      {"127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0", "loopback"},
      {"169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0", "link local"},
      {"192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0", "documentation, plays public"},
      {"198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0",
       "documentation, plays public"},
      {"203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0",
       "documentation, plays public"},
      {"198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0", "benchmark"},
      {"0.0.0.1", "0.255.255.255", "1.0.0.0", "1.0.0.0", "this network"},
  };
  for (const auto &row : rows) {
    for (const char *inside : {row.first, row.last})
      CHECK(specialPurpose(*Ipv4Address::parse(inside)).find(row.part) != std::string_view::npos);
    for (const char *outside : {row.before, row.after})
      CHECK(specialPurpose(*Ipv4Address::parse(outside)).empty());
  }
  const auto purpose = [](const char *a) {
    return std::string(specialPurpose(*Ipv4Address::parse(a)));
  };
  CHECK(purpose("224.0.0.18") == "multicast (RFC 5771)");
  CHECK(purpose("239.255.255.255") == "multicast (RFC 5771)");
  CHECK(purpose("240.0.0.1") == "reserved (RFC 1112)");
  CHECK(purpose("255.255.255.255") == "limited broadcast (RFC 919)");
  CHECK(purpose("8.8.8.8").empty());
}
