// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/raft_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace packetarium::programs::raft::testing {

class Cluster::NodeHands final : public Hands {
public:
  NodeHands(Cluster &cluster, std::size_t node) : m_cluster(cluster), m_node(node) {}

  SimTime now() const override {
    return SimTime::zero() + scaled(m_cluster.m_now - SimTime::zero(), 1 + drift());
  }
  Duration drawTimeout() override {
    return node().random.uniform(m_cluster.m_rules.electionMin, m_cluster.m_rules.electionMax);
  }
  void send(MemberId to, const Rpc &rpc) override {
    Cluster &c = m_cluster;
    ++c.m_sent[rpc.kind];
    if (c.m_random.chance(c.weather.loss)) return;
    const int copies = c.m_random.chance(c.weather.duplicate) ? 2 : 1;
    // What arrives is what a datagram carries.
    const std::string line =
        wire::cluster::encode(toMessage(rpc, c.m_book.nameOf(static_cast<MemberId>(m_node))));
    if (line.size() > datagramBytesMax) c.breaks("a message does not fit into a datagram");
    const auto message = wire::cluster::decode(line);
    const auto read = message ? fromMessage(*message) : std::nullopt;
    if (!read) {
      c.breaks("a message cannot be read: " + line);
      return;
    }
    for (int i = 0; i < copies; ++i)
      c.at(c.m_now + c.m_random.uniform(c.weather.delayMin, c.weather.delayMax),
           [&c, from = m_node, to, life = c.m_messageLife, rpc = *read] {
             c.deliver(from, to, life, rpc);
           });
  }
  void wait(Alarm alarm, std::optional<Duration> delay) override {
    const auto which = static_cast<std::size_t>(alarm);
    const std::uint64_t number = ++node().alarms[which];
    if (!delay) return;
    Cluster &c = m_cluster;
    c.at(c.m_now + scaled(*delay, 1 / (1 + drift())),
         [&c, n = m_node, which, number, life = node().life] {
           Node &node = c.m_nodes[n];
           if (!node.core || node.life != life || node.alarms[which] != number) return;
           NodeHands hands(c, n);
           node.core->alarm(hands, static_cast<Alarm>(which));
         });
  }
  void savePromise(const Promise &promise) override { node().disk.seen.promise = promise; }
  void saveEntry(const Entry &entry) override {
    node().disk.seen.log.append(decodeEntry(encodeEntry(entry)));
  }
  void dropEntries(std::uint64_t keep) override {
    Log &log = node().disk.seen.log;
    log.truncate(log.base() + keep);
  }
  void saveSnapshot(const SnapshotRef &snapshot, const Log &log) override {
    if (snapshot != nullptr) node().disk.seen.snapshot = snapshot;
    node().disk.seen.log = log;
  }
  void sync(std::uint64_t ticket) override {
    Cluster &c = m_cluster;
    c.at(c.m_now + c.weather.disk,
         [&c, n = m_node, ticket, life = node().life, written = node().disk.seen] {
           Node &node = c.m_nodes[n];
           if (!node.core || node.life != life) return;
           node.disk.durable = written;
           NodeHands hands(c, n);
           node.core->synced(hands, ticket);
         });
  }
  void tell(trace::FactTopic topic, std::string_view value, std::string_view) override {
    if (topic == trace::FactTopic::Role && value == "leader") m_cluster.checkLeader(m_node);
    if (topic == trace::FactTopic::Snapshot && value.rfind("installed", 0) == 0) {
      ++m_cluster.m_installed;
      std::from_chars(value.data() + 10, value.data() + value.size(), node().applied);
    }
  }
  void tellFailover(trace::FailoverStage, std::string_view) override {}
  void phase(std::string_view, std::string_view) override {}
  void countdown(trace::CountdownKind, std::optional<Duration>) override {}
  void applied(Index index, const Entry &entry, const Outcome &) override {
    m_cluster.onApplied(m_node, index, entry);
    const auto waiting = node().writes.extract(index);
    if (!waiting.empty())
      m_cluster.answered(waiting.mapped().first, waiting.mapped().second, index);
  }
  void readable(std::uint64_t read) override {
    const auto found = node().reads.extract(read);
    if (found.empty()) return;
    Client &client = m_cluster.m_clients[found.mapped()];
    if (client.kind != Op::Read || client.attempt != read) return;
    const Index seen = node().core->applied();
    if (seen < client.floor)
      m_cluster.breaks(fmt::format("a stale read at {}: it saw {}, {} was known before it began",
                                   m_node, seen, client.floor));
    ++m_cluster.m_readsAnswered;
    m_cluster.answered(found.mapped(), read, seen);
  }
  void deposed() override {
    node().writes.clear();
    node().reads.clear();
  }

private:
  static Duration scaled(Duration d, double by) {
    return by == 1 ? d : Duration::ns(static_cast<std::int64_t>(static_cast<double>(d.ns()) * by));
  }
  double drift() const { return m_cluster.m_nodes[m_node].drift; }
  Node &node() { return m_cluster.m_nodes[m_node]; }
  Cluster &m_cluster;
  std::size_t m_node;
};

Cluster::Cluster(std::size_t members, Rules rules, std::uint64_t seed, std::size_t outsiders)
    : m_rules(rules), m_clients(3), m_random(seed, "network", "test") {
  for (std::size_t i = 0; i < members + outsiders; ++i) {
    const MemberId id =
        m_book.add(fmt::format("m{}", i + 1),
                   wire::Ipv4Address::parse(fmt::format("10.0.0.{}", i + 1)).value());
    if (i < members) m_first = m_first.with(id);
    m_nodes.emplace_back();
    m_nodes.back().random = RandomStream(seed, fmt::format("m{}", i + 1), "election");
  }
}

void Cluster::prepare(std::size_t node, Promise promise, Log log) {
  m_nodes[node].disk.durable =
      m_nodes[node].disk.seen = {std::move(promise), nullptr, std::move(log)};
}

void Cluster::start() {
  for (std::size_t i = 0; i < size(); ++i)
    if (!up(i)) restart(i);
}

void Cluster::at(SimTime when, std::function<void()> what) {
  m_events[{when, ++m_order}] = std::move(what);
}

bool Cluster::step(SimTime until) {
  if (m_events.empty() || m_events.begin()->first.first > until) {
    m_now = until;
    return false;
  }
  const auto event = m_events.extract(m_events.begin());
  m_now = event.key().first;
  event.mapped()();
  return true;
}

void Cluster::runFor(Duration d) {
  const SimTime until = m_now + d;
  while (step(until)) {
  }
}

bool Cluster::runUntil(const std::function<bool()> &so, Duration atMost) {
  const SimTime until = m_now + atMost;
  while (!so())
    if (!step(until)) return so();
  return true;
}

void Cluster::deliver(std::size_t from, std::size_t to, std::uint64_t life, const Rpc &rpc) {
  if (!up(to) || m_nodes[from].side != m_nodes[to].side || life != m_messageLife) return;
  NodeHands hands(*this, to);
  core(to).receive(hands, static_cast<MemberId>(from), rpc);
}

void Cluster::crash(std::size_t node) {
  Node &n = m_nodes[node];
  if (!n.core) return;
  n.core = nullptr;
  ++n.life;
  n.disk.seen = n.disk.durable;
  n.reads.clear();
  n.writes.clear();
}

void Cluster::restart(std::size_t node) {
  Node &n = m_nodes[node];
  if (n.core) return;
  const bool outside = !m_first.has(static_cast<MemberId>(node));
  n.core = std::make_unique<Core>(m_rules, m_book, static_cast<MemberId>(node),
                                  outside ? Configuration{} : m_first);
  n.applied = n.disk.seen.snapshot ? n.disk.seen.snapshot->index : 0;
  NodeHands hands(*this, node);
  n.core->start(hands, n.disk.seen, std::exchange(n.everUp, true));
}

void Cluster::wipe(std::size_t node) {
  Stored empty;
  empty.promise.emptied = true;
  m_nodes[node].disk.seen = m_nodes[node].disk.durable = empty;
}

void Cluster::heal() {
  for (Node &n : m_nodes) n.side = 0;
}

void Cluster::dropMessages() { ++m_messageLife; }

void Cluster::timeOut(std::size_t node) {
  NodeHands hands(*this, node);
  if (up(node)) core(node).timeOut(hands);
}
void Cluster::takeOver(std::size_t node) {
  NodeHands hands(*this, node);
  if (up(node)) core(node).takeOver(hands);
}
void Cluster::join(std::size_t node) {
  NodeHands hands(*this, node);
  if (up(node)) core(node).join(hands);
}
void Cluster::leave(std::size_t node) {
  NodeHands hands(*this, node);
  if (up(node)) core(node).leave(hands);
}

std::vector<std::size_t> Cluster::leaders() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < size(); ++i)
    if (up(i) && core(i).role() == Role::Leader) out.push_back(i);
  return out;
}

std::optional<std::size_t> Cluster::leader() const {
  std::optional<std::size_t> best;
  for (const std::size_t i : leaders())
    if (!best || core(i).term() > core(*best).term()) best = i;
  return best;
}

std::string Cluster::terms(std::size_t node) const {
  std::string out;
  const Log &log = core(node).log();
  for (Index i = log.base() + 1; i <= log.last(); ++i)
    out += (out.empty() ? "" : " ") + std::to_string(log.termAt(i));
  return out;
}

bool Cluster::settled() const {
  const auto first = leader();
  if (!first) return false;
  const Core &l = core(*first);
  if (l.commit() != l.log().last()) return false;
  for (std::size_t i = 0; i < size(); ++i) {
    if (!up(i) || !l.configuration().has(static_cast<MemberId>(i))) continue;
    if (core(i).applied() != l.applied() || core(i).term() != l.term()) return false;
  }
  return true;
}

Term Cluster::highestTerm() const {
  Term term = 0;
  for (std::size_t i = 0; i < size(); ++i)
    if (up(i)) term = std::max(term, core(i).term());
  return term;
}

std::size_t Cluster::sent(RpcKind kind) const {
  const auto found = m_sent.find(kind);
  return found == m_sent.end() ? 0 : found->second;
}

std::optional<Index> Cluster::propose(std::size_t node, Command command) {
  NodeHands hands(*this, node);
  return core(node).propose(hands, std::move(command));
}

void Cluster::beginAdd(std::size_t client, std::optional<std::size_t> at) {
  Client &c = m_clients[client];
  c.kind = Op::Add;
  ++c.number;
  c.floor = m_floor;
  ask(client, at);
}

void Cluster::beginRead(std::size_t client, std::optional<std::size_t> at) {
  Client &c = m_clients[client];
  c.kind = Op::Read;
  c.floor = m_floor;
  ask(client, at);
}

/// At some member that believes to lead, the deposed ones too; once more after a while.
void Cluster::ask(std::size_t client, std::optional<std::size_t> first) {
  Client &c = m_clients[client];
  c.attempt = ++m_lastRead;
  at(m_now + Duration::ms(400), [this, client, attempt = c.attempt] {
    if (m_clients[client].kind != Op::None && m_clients[client].attempt == attempt) ask(client);
  });
  const auto who = leaders();
  if (who.empty()) return;
  const std::size_t node = first ? *first : who[m_random.below(who.size())];
  if (c.kind == Op::Read) {
    m_nodes[node].reads[c.attempt] = client;
    NodeHands hands(*this, node);
    core(node).read(hands, c.attempt);
    return;
  }
  const auto index = propose(
      node,
      {"add", fmt::format("client-{}", client), "1", {}, fmt::format("c{} {}", client, c.number)});
  if (index) m_nodes[node].writes[*index] = {client, c.attempt};
}

void Cluster::answered(std::size_t client, std::uint64_t attempt, Index index) {
  Client &c = m_clients[client];
  if (c.kind == Op::None || c.attempt != attempt) return;
  if (c.kind == Op::Add) ++c.done;
  c.kind = Op::None;
  m_floor = std::max(m_floor, index);
}

void Cluster::breaks(std::string what) {
  if (m_broken.size() < 10)
    m_broken.push_back(fmt::format("{} ms: {}", (m_now - SimTime::zero()).ns() / 1'000'000, what));
}

/// Election safety, and leader completeness: it holds all that was ever applied.
void Cluster::checkLeader(std::size_t node) {
  const Core &leader = core(node);
  const auto [at, fresh] = m_leaderOf.emplace(leader.term(), node);
  if (!fresh && at->second != node) breaks(fmt::format("two leaders in term {}", leader.term()));
  for (auto chosen = m_chosen.rbegin(); chosen != m_chosen.rend(); ++chosen) {
    const Index index = chosen->first;
    if (index <= leader.log().base()) break;
    const bool has = leader.log().holds(index);
    if (has &&
        fmt::format("{} {} {}", leader.log().termAt(index), leader.log().at(index)->command.text(),
                    leader.log().at(index)->command.once) == chosen->second)
      continue;
    breaks(fmt::format("the leader of term {} lacks entry {}", leader.term(), index));
    break;
  }
}

/// State machine safety, and in order without a gap.
void Cluster::onApplied(std::size_t node, Index index, const Entry &entry) {
  const std::string what =
      fmt::format("{} {} {}", entry.term, entry.command.text(), entry.command.once);
  const auto [at, fresh] = m_chosen.emplace(index, what);
  if (!fresh && at->second != what)
    breaks(fmt::format("member {} applies {} at {}, where another one applied {}", node, what,
                       index, at->second));
  Index &last = m_nodes[node].applied;
  if (index != last + 1) breaks(fmt::format("member {} applies {} after {}", node, index, last));
  last = index;
}

} // namespace packetarium::programs::raft::testing
