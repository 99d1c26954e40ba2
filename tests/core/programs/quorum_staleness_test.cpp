// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/pbs.h"
#include "tests/core/programs/quorum_lab.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace packetarium::programs {
namespace {

using namespace testing;
using namespace testing::quorum;

constexpr std::size_t sites = 3;
constexpr int uplinkMs = 20;
/// So many frames take half of an uplink's delay longer, apart from each other.
constexpr double strays = 0.4;

/// Three sites, each with a member, a host of clients and a switch; the sites' switches on one in
/// the middle, a long way off. On the ways of the first two, some frames go astray for a while
/// (jitter would keep the order of frames, so that one that waits holds up all behind it).
QuorumLab sitesLab(Given member, const std::vector<ClientHost> &clients, std::uint64_t seed) {
  QuorumLab store(sites, std::move(member), clients, seed);
  net::Blueprint &b = store.lab.edit().network;
  net::NodeSpec &middle = b.nodes.back();
  const NodeIndex middleIndex{static_cast<std::uint32_t>(b.nodes.size() - 1)};
  middle.interfaces.clear();
  for (std::size_t s = 0; s < sites; ++s) {
    net::NodeSpec site;
    site.id = site.name = fmt::format("s{}", s + 1);
    site.kind = net::NodeKind::Switch;
    const NodeIndex siteIndex{static_cast<std::uint32_t>(b.nodes.size())};
    const auto addPort = [&](net::NodeSpec &node, std::size_t link, std::uint8_t end) {
      net::InterfaceSpec port;
      port.name = fmt::format("p{}", node.interfaces.size());
      port.mac = wire::MacAddress::fromBits(0x020000002000ULL + 16 * link + end);
      port.link = LinkIndex{static_cast<std::uint32_t>(link)};
      port.end = end;
      node.interfaces.push_back(port);
    };
    for (const std::size_t cable : {s, sites + s}) {
      if (cable >= sites + clients.size()) continue;
      b.links[cable].delay = Duration::us(10);
      b.links[cable].ends[1] = {siteIndex, static_cast<std::uint32_t>(site.interfaces.size())};
      addPort(site, cable, 1);
    }
    net::LinkSpec up;
    up.id = fmt::format("up{}", s);
    up.rateBps = 1'000'000'000;
    up.delay = Duration::ms(uplinkMs);
    if (s < 2) up.reorder = strays;
    up.ends = {{{siteIndex, static_cast<std::uint32_t>(site.interfaces.size())},
                {middleIndex, static_cast<std::uint32_t>(s)}}};
    b.links.push_back(up);
    addPort(site, b.links.size() - 1, 0);
    addPort(b.nodes[middleIndex.value], b.links.size() - 1, 1);
    b.nodes.push_back(site);
    store.lab.edit().programs.emplace_back();
  }
  return store;
}

Given memberOf(std::int64_t r, std::int64_t w) {
  return {{"r", r},
          {"w", w},
          {"sloppy", false},
          {"read_repair", false},
          {"anti_entropy_ns", std::int64_t{0}},
          {"service_ns", std::int64_t{10'000}}};
}

Given clientOf(double readShare, std::int64_t thinkNs) {
  return {{"keys", std::int64_t{1}},
          {"read_share", readShare},
          {"read_from", std::string("nearest")},
          {"think_ns", thinkNs},
          {"duration_ns", std::int64_t{300'000'000'000}}};
}

struct Reading {
  double afterMs = 0; ///< since the latest write was known to be done
  bool fresh = false;
};

/// Reads whose latest write had been done, and that no further one overlapped.
std::vector<Reading> readingsOf(const Run &run) {
  std::vector<Done> writes, reads;
  for (const Done &d : doneIn(run)) (d.verb == "read" ? reads : writes).push_back(d);
  std::vector<Reading> all;
  for (const Done &read : reads) {
    const auto next = std::find_if(writes.begin(), writes.end(),
                                   [&](const Done &w) { return w.ended > read.began; });
    if (next == writes.begin() || (next != writes.end() && next->began < read.ended)) continue;
    const Done &latest = *(next - 1);
    all.push_back({(read.began - latest.ended).toMs(), read.value == latest.value});
  }
  return all;
}

} // namespace

TEST_CASE("Reads far from the writer are fresh as often as predicted from the delays of the links",
          "[statistics]") {
  QuorumLab store =
      sitesLab(memberOf(1, 1), {{clientOf(0, 250'000'000), {0}}, {clientOf(1, 7'000'000), {1}}}, 5);
  Run run(store.lab);
  run.until(Duration::seconds(302));

  // The own replica needs 2 ms for its disk. The way to the reader's site is two uplinks long, of
  // which each may take longer.
  const double straight = 1 - strays;
  cluster::PbsModel model;
  model.acknowledge = *cluster::Delay::parse("2");
  model.remote = *cluster::Delay::parse(fmt::format("{}*{}+{}*{}+{}*{}", straight * straight,
                                                    2 * uplinkMs, 2 * straight * strays,
                                                    2.5 * uplinkMs, strays * strays, 3 * uplinkMs));
  model.writerSite = 0;
  model.readerSite = 1;
  const auto predicted = cluster::predictPbs(model, {3, 1, 1}, 100'000);

  struct Tally {
    double reads = 0, fresh = 0, expected = 0;
  };
  std::map<int, Tally> byTens;
  Tally all;
  for (const Reading &one : readingsOf(run)) {
    if (one.afterMs >= 80) continue;
    for (Tally *tally : {&all, &byTens[static_cast<int>(one.afterMs / 10)]}) {
      ++tally->reads;
      tally->fresh += one.fresh ? 1 : 0;
      tally->expected += predicted.freshAt(one.afterMs);
    }
  }
  CHECK(all.reads > 4000);
  CHECK(all.fresh / all.reads == Approx(all.expected / all.reads).margin(.015));
  CHECK(byTens.size() == 8);
  for (const auto &[tens, tally] : byTens) {
    INFO("from " << 10 * tens << " ms");
    CHECK(tally.fresh / tally.reads == Approx(tally.expected / tally.reads).margin(.04));
  }
}

TEST_CASE("The same sites with quorums that overlap give no stale read, and take longer") {
  const auto latency = [](std::int64_t r, std::int64_t w, std::size_t &stale) {
    QuorumLab store = sitesLab(memberOf(r, w),
                               {{clientOf(0, 250'000'000), {0}}, {clientOf(1, 7'000'000), {1}}}, 6);
    Run run(store.lab);
    run.until(Duration::seconds(60));
    double sum = 0, reads = 0;
    for (const Reading &one : readingsOf(run)) stale += one.fresh ? 0 : 1;
    for (const Done &d : doneIn(run))
      if (d.verb == "read" && d.how == "ok") {
        sum += (d.ended - d.began).toMs();
        ++reads;
      }
    REQUIRE(reads > 100);
    return sum / reads;
  };
  std::size_t staleAtOne = 0, staleAtTwo = 0;
  const double fast = latency(1, 1, staleAtOne), slow = latency(2, 2, staleAtTwo);
  CHECK(staleAtOne > 0);
  CHECK(staleAtTwo == 0);
  CHECK(fast < 1);
  CHECK(slow > 4 * uplinkMs);
}

} // namespace packetarium::programs
