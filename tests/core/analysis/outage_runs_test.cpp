// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_facts.h"
#include "core/analysis/outages.h"
#include "core/analysis/why.h"
#include "core/base/random.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>
#include <stdexcept>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using Kind = world::Action::Kind;

namespace {

SimTime seconds(std::int64_t v) { return SimTime::zero() + Duration::seconds(v); }

/// A request as the records alone tell it.
struct Asked {
  trace::Sequence start = 0, end = 0;
  SimTime startAt, endAt;
  bool inTime = false;
};

struct Change {
  trace::Sequence sequence = 0;
  SimTime at;
  bool fault = false;
};

/// What clients saw, found by looking at everything again and again.
class NaiveOutages {
public:
  NaiveOutages(const Run &run, std::string_view service) {
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::size_t> open;
    for (const auto &slot : run.trace.slots())
      for (std::size_t i = 0; i < slot.chunk->records.size(); ++i)
        take(slot.chunk->records[i], slot.summary.first + i, *slot.chunk, service, open);
    std::erase_if(m_requests, [](const Asked &a) { return a.end == 0; });
  }

  void take(const trace::Record &r, trace::Sequence s, const trace::Chunk &chunk,
            std::string_view service,
            std::map<std::pair<std::uint32_t, std::uint64_t>, std::size_t> &open) {
    if (r.kind == trace::RecordKind::RequestStarted) {
      if (chunk.text(r.args[2]) != service) return;
      open[{r.node, r.args[0]}] = m_requests.size();
      m_requests.push_back({s, 0, r.at, {}, false});
    } else if (r.kind == trace::RecordKind::RequestEnded) {
      const auto at = open.find({r.node, r.args[0]});
      if (at == open.end()) return;
      Asked &asked = m_requests[at->second];
      asked.end = s;
      asked.endAt = r.at;
      asked.inTime = static_cast<trace::RequestOutcome>(r.detail) == trace::RequestOutcome::Ok;
    } else if (r.kind == trace::RecordKind::NodeState || r.kind == trace::RecordKind::LinkState ||
               r.kind == trace::RecordKind::LinkChanged ||
               r.kind == trace::RecordKind::NodeChanged) {
      m_changes.push_back({s, r.at, isFault(r)});
    }
  }

  /// Beginning and end of each; no end while it lasts.
  std::vector<std::pair<SimTime, std::optional<SimTime>>> find() const {
    std::vector<std::pair<SimTime, std::optional<SimTime>>> out;
    SimTime free;
    for (const Asked &f : m_requests) {
      if (f.inTime || f.startAt < free) continue;
      const auto cause = causeOf(f);
      const trace::Sequence since = cause ? std::min(cause->sequence, f.end) : f.start;
      std::optional<SimTime> to;
      trace::Sequence earliest = ~trace::Sequence{0};
      for (const Asked &a : m_requests)
        if (a.inTime && a.start > since && a.end < earliest) {
          earliest = a.end;
          to = a.endAt;
        }
      const SimTime from = cause ? std::max(cause->at, free) : f.startAt;
      std::size_t failed = 0;
      for (const Asked &a : m_requests)
        failed += !a.inTime && a.start >= f.start && (!to || a.startAt < *to) ? 1 : 0;
      if (to && *to - from < Duration::ms(1)) continue;
      const SimTime until = to.value_or(seconds(40));
      if (!cause && (failed < 2 || f.endAt > until || until - from < Duration::seconds(1)))
        continue;
      out.emplace_back(from, to);
      free = to.value_or(SimTime::max());
    }
    return out;
  }

private:
  std::optional<Change> causeOf(const Asked &f) const {
    trace::Sequence good = 0;
    for (const Asked &a : m_requests)
      if (a.inTime && a.end <= f.start) good = std::max(good, a.start);
    for (const bool faultsOnly : {true, false}) {
      std::optional<Change> last;
      for (const Change &c : m_changes)
        if (c.sequence > good && c.sequence <= f.start && (c.fault || !faultsOnly)) last = c;
      if (last) return last;
      for (const Change &c : m_changes)
        if (c.sequence > f.start && c.sequence <= f.end && (c.fault || !faultsOnly)) return c;
    }
    return std::nullopt;
  }

  std::vector<Asked> m_requests;
  std::vector<Change> m_changes;
};

/// Faults of all kinds to the servers and to cables with such an id, at random instants of [6 s,
/// 30 s).
world::Script randomFaults(RandomStream &random, const net::Blueprint &network,
                           std::string_view cables = "switch") {
  std::vector<std::uint32_t> servers, links;
  for (std::uint32_t n = 0; n < network.nodes.size(); ++n)
    if (network.nodes[n].id.starts_with("server")) servers.push_back(n);
  for (std::uint32_t l = 0; l < network.links.size(); ++l)
    if (network.links[l].id.find(cables) != std::string::npos) links.push_back(l);
  world::Script script;
  const std::uint64_t count = 1 + random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    const SimTime from =
        SimTime::fromNs(6'000'000'000 + static_cast<std::int64_t>(random.below(24'000'000'000ULL)));
    const SimTime to =
        from + Duration::ns(static_cast<std::int64_t>(random.below(8'000'000'000ULL)));
    const NodeIndex node{servers[random.below(servers.size())]};
    const LinkIndex link{links[random.below(links.size())]};
    const auto during = [&](Kind begin, double value, Kind end, double after) {
      script.push_back({from, {begin, node, link, value}});
      script.push_back({to, {end, node, link, after}});
    };
    switch (random.below(6)) {
    case 0: during(Kind::CrashNode, 0, Kind::RestartNode, 0); break;
    case 1: during(Kind::PauseNode, 0, Kind::ResumeNode, 0); break;
    case 2: during(Kind::CutLink, 0, Kind::RestoreLink, 0); break;
    case 3: during(Kind::SetLoss, 0.5, Kind::SetLoss, 0); break;
    case 4:
      during(Kind::SetBlocked, 1 + static_cast<double>(random.below(2)), Kind::SetBlocked, 0);
      break;
    default: during(Kind::SetPartition, 1, Kind::SetPartition, 0); break;
    }
  }
  return script;
}

/// The outages of a service in the first 40 s, each of them as long as clients saw it.
std::vector<Outage> requireWholeOutages(const Run &run, const std::string &service) {
  FactBook facts;
  facts.extend(run.trace);
  auto list = outages(run.chronicle, facts, run.network(), seconds(40));
  std::erase_if(list, [&](const Outage &o) { return o.service != service; });
  const auto naive = NaiveOutages(run, service).find();
  REQUIRE(list.size() == naive.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Outage &o = list[i];
    REQUIRE(o.from == naive[i].first);
    REQUIRE(o.open == !naive[i].second.has_value());
    const SimTime to = naive[i].second.value_or(seconds(40));
    Duration sum;
    for (const OutageStep &step : o.steps) {
      REQUIRE(step.to >= step.from);
      sum = sum + (step.to - step.from);
    }
    REQUIRE(o.steps.size() == outageParts);
    REQUIRE(sum == to - naive[i].first);
  }
  return list;
}

/// What crossed the card of a node, read from the packets alone.
class Wiretap {
public:
  struct Opening {
    SimTime sent, taken; ///< the first SYN; its SYN, ACK (never: SimTime::max())
    wire::Ipv4Address to;
    std::uint16_t ownPort = 0;
  };
  Wiretap(const Run &run, const std::string &node) {
    const auto &nodes = run.network().nodes;
    std::uint32_t own = 0;
    while (nodes.at(own).id != node) ++own;
    std::map<std::uint64_t, const wire::Packet *> packets;
    for (const auto &slot : run.trace.slots())
      for (const wire::Packet &p : slot.chunk->packets) packets[p.id] = &p;
    run.forEach([&](const trace::Record &r, trace::Sequence) {
      const auto packet = packets.find(r.packet);
      if (packet == packets.end() || r.node != own) return;
      if (r.kind == trace::RecordKind::FrameSent) sent(*packet->second, r.at);
      if (r.kind == trace::RecordKind::FrameReceived) received(*packet->second, r.at);
    });
  }
  std::vector<Opening> openings; ///< in order, each once
  std::vector<SimTime> dnsAnswers;

private:
  void sent(const wire::Packet &p, SimTime at) {
    if (p.kind != wire::PacketKind::Tcp || !p.tcp.has(wire::TcpFlags::Syn) ||
        p.tcp.has(wire::TcpFlags::Ack))
      return;
    if (m_byPort.try_emplace({p.ip.destination, p.tcp.sourcePort}, openings.size()).second)
      openings.push_back({at, SimTime::max(), p.ip.destination, p.tcp.sourcePort});
  }
  void received(const wire::Packet &p, SimTime at) {
    if (p.kind == wire::PacketKind::Udp && p.udp.sourcePort == 53) dnsAnswers.push_back(at);
    if (p.kind != wire::PacketKind::Tcp || !p.tcp.has(wire::TcpFlags::Syn)) return;
    const auto opening = m_byPort.find({p.ip.source, p.tcp.destinationPort});
    if (opening == m_byPort.end()) return;
    Opening &o = openings[opening->second];
    o.taken = std::min(o.taken, at);
  }
  std::map<std::pair<wire::Ipv4Address, std::uint16_t>, std::size_t> m_byPort;
};

/// The requests of a client whose requests have a connection each, in order, with theirs.
struct AskedBy {
  const RequestMark *request = nullptr;
  const Wiretap::Opening *opening = nullptr;
};
std::map<trace::Sequence, AskedBy> connectionsOf(const Run &run, const Wiretap &tap,
                                                 std::string_view service) {
  std::map<trace::Sequence, AskedBy> all;
  std::size_t next = 0;
  for (const RequestMark &r : run.chronicle.requests())
    if (run.chronicle.text(r.service) == service && next < tap.openings.size())
      all[r.started] = {&r, &tap.openings[next++]};
  return all;
}

const AskedBy &answeredFirst(const std::map<trace::Sequence, AskedBy> &all, const Outage &o) {
  for (const auto &[started, asked] : all)
    if (asked.request->ended == o.answered) return asked;
  throw std::runtime_error("nobody was answered");
}

SimTime endOf(const Outage &o, OutagePart part) {
  return o.steps[static_cast<std::size_t>(part)].to;
}

/// A document with its own script left out, run with random faults to the servers. dies: one of two
/// that does so early on.
Run troubled(const std::string &id, std::uint64_t trial, bool dies = false) {
  const auto loaded = scenario::loadBuiltIn(id);
  if (!loaded.ok()) throw std::runtime_error(id);
  scenario::Scenario document = *loaded;
  document.script.clear();
  document.seed = trial;
  const auto built = scenario::build(document);
  if (!built.ok()) throw std::runtime_error(id);
  RandomStream random(trial, "trial", "faults");
  const net::Blueprint &network = built->plan->network;
  world::Script script = randomFaults(random, network, "switch-server");
  if (dies) {
    const std::string server = random.below(2) == 0 ? "server-a" : "server-b";
    std::uint32_t node = 0;
    while (network.nodes.at(node).id != server) ++node;
    const Duration after = random.uniform(Duration::seconds(5), Duration::seconds(15));
    script = {{SimTime::zero() + after, {Kind::CrashNode, NodeIndex{node}, {}, 0}},
              random.below(2) == 0 ? script.front() : script.back()};
  }
  return fixture::runDocument(document, seconds(40), 0, script);
}

} // namespace

TEST_CASE("In runs with random faults the parts of each outage sum to what clients saw") {
  auto loaded = scenario::loadBuiltIn("active-passive-hot");
  REQUIRE(loaded.ok());
  std::size_t outagesSeen = 0;
  for (std::uint64_t trial = 1; trial <= 100; ++trial) {
    scenario::Scenario document = *loaded;
    document.script.clear();
    document.seed = trial;
    const auto built = scenario::build(document);
    REQUIRE(built.ok());
    RandomStream random(trial, "trial", "faults");
    const Run run =
        fixture::runDocument(document, seconds(40), 0, randomFaults(random, built->plan->network));
    outagesSeen += requireWholeOutages(run, "shop").size();
  }
  CHECK(outagesSeen > 20);
}

TEST_CASE("The takeover of a crashed server is told stage by stage") {
  const Run run = fixture::run("active-passive-hot", seconds(35));
  FactBook facts;
  facts.extend(run.trace);
  const auto list = outages(run.chronicle, facts, run.network(), seconds(35));
  REQUIRE(list.size() == 1);
  CHECK(list[0].service == "shop");
  CHECK(list[0].from == seconds(20));
  for (const OutagePart part : {OutagePart::Detect, OutagePart::TakeOver, OutagePart::Redirect,
                                OutagePart::Reconnect, OutagePart::Retry}) {
    INFO(name(part));
    CHECK(list[0].steps[static_cast<std::size_t>(part)].record != 0);
  }

  // Why did the last request fail that was sent before the other server took over?
  const RequestMark *failed = nullptr;
  for (const RequestMark &r : run.chronicle.requests())
    if (!r.open() && r.outcome == trace::RequestOutcome::Timeout && r.endedAt < list[0].to)
      failed = &r;
  REQUIRE(failed != nullptr);
  const Why why = whyOf(run.trace, run.network(), failed->ended);
  const auto told = [&](const std::string &part) {
    for (const WhyStep &step : why.chain)
      if (step.sentence.find(part) != std::string::npos) return true;
    return false;
  };
  for (const WhyStep &step : why.chain) UNSCOPED_INFO(step.sentence);
  CHECK(told("server A crashed."));
  CHECK(told("no advertisement from"));
  CHECK(told("client 1 asked for"));
}

TEST_CASE("Behind DNS clients wait for the TTL: the packets say how long, whatever breaks") {
  std::size_t waited = 0;
  for (std::uint64_t trial = 1; trial <= 40; ++trial) {
    INFO(trial);
    const Run run = troubled("active-active-dns", trial, trial % 4 != 0);
    const Wiretap tap(run, "unlucky");
    const auto asked = connectionsOf(run, tap, "shop");
    for (const Outage &o : requireWholeOutages(run, "shop")) {
      if (o.open) continue;
      const AskedBy &answer = answeredFirst(asked, o);
      if (answer.opening->to == asked.at(o.firstFailed).opening->to) continue;
      SimTime told = answer.opening->sent; // remembered since before it asked
      for (const SimTime at : tap.dnsAnswers)
        if (at >= answer.request->startedAt && at <= answer.opening->sent) told = at;
      REQUIRE(endOf(o, OutagePart::Redirect) == told);
      REQUIRE(endOf(o, OutagePart::Reconnect) == answer.opening->taken);
      ++waited;
    }
  }
  CHECK(waited > 5);
}

TEST_CASE("Behind a balancer the choice and its connection end redirect and reconnect") {
  std::size_t led = 0;
  for (std::uint64_t trial = 1; trial <= 15; ++trial) {
    INFO(trial);
    const Run run = troubled("active-active-balancer", trial);
    const Wiretap people(run, "crowd"), balancer(run, "balancer");
    const auto asked = connectionsOf(run, people, "shop");
    for (const char *service : {"shop with basket", "shop, one visitor"})
      requireWholeOutages(run, service);
    for (const Outage &o : requireWholeOutages(run, "shop")) {
      if (o.open) continue;
      const AskedBy &answer = answeredFirst(asked, o);
      const std::string own = "for 10.0.1.20:" + std::to_string(answer.opening->ownPort);
      const PhaseMark *chosen = nullptr, *first = nullptr; // first: of that server in a row
      for (const PhaseMark &p : run.chronicle.phases())
        if (run.chronicle.text(p.milestone) == "lb.chosen" && p.sequence < o.answered &&
            p.sequence > answer.request->started && run.chronicle.text(p.object).ends_with(own)) {
          if (chosen == nullptr || chosen->object != p.object) first = &p;
          chosen = &p;
        }
      REQUIRE(chosen != nullptr);
      SimTime joined = chosen->at; // over a connection that it kept
      for (const Wiretap::Opening &opening : balancer.openings)
        if (opening.sent == chosen->at &&
            run.chronicle.text(chosen->object).starts_with(opening.to.text() + ":"))
          joined = opening.taken;
      const SimTime noticed = o.steps.front().to;
      REQUIRE(endOf(o, OutagePart::Reconnect) == std::max(joined, noticed));
      REQUIRE(endOf(o, OutagePart::Redirect) <= std::max(chosen->at, noticed));
      const OutageStep &redirect = o.steps[static_cast<std::size_t>(OutagePart::Redirect)];
      if (redirect.text.find("led 10.0.1.20:") != std::string::npos)
        REQUIRE(redirect.to == std::max(first->at, redirect.from));
      ++led;
    }
  }
  CHECK(led > 10);
}

TEST_CASE("A name server's checks end detect and decide when the packets say so") {
  const Run run = fixture::run("active-active-dns", seconds(40));
  const Wiretap checks(run, "dns"), client(run, "unlucky");
  const auto list = requireWholeOutages(run, "shop");
  REQUIRE(list.size() == 1);
  std::vector<SimTime> failed; // a second after a SYN that nobody took
  for (const Wiretap::Opening &o : checks.openings)
    if (o.sent >= seconds(12) && o.to.text() == "192.0.2.11" && o.taken == SimTime::max())
      failed.push_back(o.sent + Duration::seconds(1));
  REQUIRE(failed.size() >= 2);
  CHECK(endOf(list[0], OutagePart::Detect) == failed[0]);
  CHECK(endOf(list[0], OutagePart::Decide) == failed[1]);
  const OutageStep &redirect = list[0].steps[static_cast<std::size_t>(OutagePart::Redirect)];
  CHECK(redirect.to - redirect.from > Duration::seconds(14)); // what is left of the TTL
  CHECK(redirect.text == "client 1 asked for shop.example.com anew, and was led to "
                         "192.0.2.12:80.");
  CHECK(list[0].to - redirect.to < Duration::ms(100));
}

TEST_CASE("To one visitor of the dead server the shop is down until the balancer leaves it out") {
  const Run run = fixture::run("active-active-balancer", seconds(40));
  const auto list = requireWholeOutages(run, "shop, one visitor");
  REQUIRE(!list.empty());
  const Outage &o = list.front();
  CHECK(o.cause == "server B crashed");
  CHECK(o.length().toSeconds() == Approx(4).margin(0.3));
  const auto length = [&](OutagePart part) {
    const OutageStep &step = o.steps[static_cast<std::size_t>(part)];
    return step.to - step.from;
  };
  CHECK(length(OutagePart::Detect) > Duration::ms(400));
  CHECK(length(OutagePart::Decide) > Duration::seconds(2));
  CHECK(endOf(o, OutagePart::Decide).toSeconds() == Approx(23));
  Duration all;
  for (const Outage &whole : requireWholeOutages(run, "shop")) all = all + whole.length();
  CHECK(all < Duration::ms(200)); // while to all together it was hardly down
}
