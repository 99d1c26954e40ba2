// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/text.h"
#include "core/programs/quorum_store/quorum_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

/// How replicas that missed something come to have it: hints, repairs, and comparing trees.
namespace packetarium::programs::quorum {

using cluster::MerkleTree;

namespace {

/// Under way at once; of what is lost on the way, the next round brings the rest.
constexpr std::size_t repairsMax = 1000, hintsAtOnceMax = 32, repairsAtOnceMax = 50;

std::uint64_t hexOf(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

} // namespace

std::uint64_t QuorumStore::bringUp(Context &ctx, MemberIndex to, const std::string &key,
                                   const KeyState &state, std::string_view why) {
  const std::uint64_t number = ++m_lastNumber;
  m_repairs[number] = {key, std::string(why), to, state.digest()};
  while (m_repairs.size() > repairsMax) m_repairs.erase(m_repairs.begin());
  Message m("put");
  m.add("id", static_cast<std::int64_t>(number)).add("from", m_members.nameOf(m_members.self()));
  m.add("key", key).add("why", why);
  state.addTo(m);
  tell(ctx, to, m);
  return number;
}

void QuorumStore::onRepaired(Context &ctx, const Repair &repair, bool changed) {
  const std::string to = m_members.nameOf(repair.to);
  if (repair.why == "hint") {
    handed(ctx, {to, repair.key}, repair.digest);
  } else if (changed) {
    ++m_repaired;
    ctx.phase("quorum.repaired", repair.key);
    ctx.fact(transport::noSocket, trace::FactTopic::Repair, m_set.service,
             repair.why + " " + repair.key, to);
  }
}

void QuorumStore::keepHint(Context &ctx, MemberIndex home, const std::string &key) {
  const HintName name{m_members.nameOf(home), key};
  const auto [at, fresh] = m_hints.try_emplace(name);
  at->second = {};
  if (!fresh) return;
  append(ctx, Message("hint").add("for", name.first).add("key", key));
  ctx.phase("quorum.hint-kept", key);
  ctx.fact(transport::noSocket, trace::FactTopic::Hint, m_set.service, "kept " + key, name.first);
}

void QuorumStore::handHints(Context &ctx) {
  std::size_t left = hintsAtOnceMax;
  for (auto &[name, hint] : m_hints) {
    const MemberIndex home = m_members.byName(name.first);
    if (left == 0) return;
    if (home >= m_members.size() || !m_peers[home].alive ||
        (hint.sent && ctx.now() - hint.sentAt < m_set.retry))
      continue;
    m_repairs.erase(hint.sentAs);
    hint = {bringUp(ctx, home, name.second, held(name.second), "hint"), ctx.now(), true};
    --left;
  }
}

/// The member has what was kept for it, unless something was added meanwhile.
void QuorumStore::handed(Context &ctx, const HintName &name, std::uint64_t digest) {
  const auto at = m_hints.find(name);
  if (at == m_hints.end()) return;
  if (held(name.second).digest() != digest) {
    at->second = {};
    return;
  }
  const std::string key = name.second;
  const std::string home = name.first;
  m_hints.erase(at);
  append(ctx, Message("handed").add("for", home).add("key", key));
  ctx.phase("quorum.hint-handed", key);
  ctx.fact(transport::noSocket, trace::FactTopic::Hint, m_set.service, "handed " + key, home);
  const bool others = std::any_of(m_hints.begin(), m_hints.end(),
                                  [&key](const auto &hint) { return hint.first.second == key; });
  if (!others && !isHome(key)) forget(ctx, key);
}

/// Compares with the next member in the row.
void QuorumStore::onAntiEntropy(Context &ctx) {
  ctx.setTimer(m_set.antiEntropy, tagOf(AntiEntropy));
  for (std::size_t i = 0; i < m_members.size(); ++i) {
    const MemberIndex to = m_nextCompared;
    m_nextCompared = (m_nextCompared + 1) % m_members.size();
    if (to == m_members.self() || !m_peers[to].alive) continue;
    const std::uint64_t hash = m_peers[to].tree.hash(MerkleTree::root);
    tell(ctx, to,
         Message("hashes")
             .add("from", m_members.nameOf(m_members.self()))
             .add("node", fmt::format("{}:{:x}", MerkleTree::root, hash)));
    return;
  }
}

void QuorumStore::onHashes(Context &ctx, MemberIndex from, const Message &message) {
  const MerkleTree &tree = m_peers[from].tree;
  Message beneath("hashes");
  beneath.add("from", m_members.nameOf(m_members.self()));
  std::size_t hashes = 0;
  for (const auto &[name, text] : message.fields()) {
    if (name != "node") continue;
    const auto [number, hash] = cluster::cutAt(text, ':');
    const auto node = cluster::unsignedOf(number);
    if (!node || !MerkleTree::isNode(*node)) continue;
    const auto at = static_cast<std::uint32_t>(*node);
    if (tree.hash(at) == hexOf(hash.value_or(""))) continue;
    if (MerkleTree::isLeaf(at)) {
      tellLeaf(ctx, from, at);
      continue;
    }
    for (const std::uint32_t child : {2 * at, 2 * at + 1})
      if (++hashes <= repairsAtOnceMax)
        beneath.add("node", fmt::format("{}:{:x}", child, tree.hash(child)));
  }
  if (hashes > 0) tell(ctx, from, beneath);
}

void QuorumStore::tellLeaf(Context &ctx, MemberIndex to, std::uint32_t leaf) {
  std::string keys;
  for (const auto &[key, digest] : m_peers[to].tree.keys(leaf))
    keys += fmt::format("{}{:x}:{}", keys.empty() ? "" : ";", digest, cluster::escaped(key));
  tell(ctx, to,
       Message("held")
           .add("from", m_members.nameOf(m_members.self()))
           .add("leaf", static_cast<std::int64_t>(leaf))
           .add("keys", keys));
}

/// Gives what the other one has not, and asks for what it has otherwise.
void QuorumStore::onHeld(Context &ctx, MemberIndex from, const Message &message) {
  const std::int64_t leaf = message.number("leaf", 0);
  if (leaf < 0 || !MerkleTree::isNode(static_cast<std::uint64_t>(leaf)) ||
      !MerkleTree::isLeaf(static_cast<std::uint32_t>(leaf)))
    return;
  std::map<std::string, std::uint64_t> theirs;
  const std::string keys(message.text("keys"));
  for (const std::string_view entry : cluster::parts(keys, ';')) {
    const auto [digest, name] = cluster::cutAt(entry, ':');
    if (const auto key = cluster::unescaped(name.value_or(""))) theirs[*key] = hexOf(digest);
  }
  const auto mine = m_peers[from].tree.keys(static_cast<std::uint32_t>(leaf));
  std::size_t given = 0, wanted = 0;
  for (const auto &[key, digest] : mine) {
    const auto other = theirs.find(key);
    if (other != theirs.end() && other->second == digest) continue;
    if (++given <= repairsAtOnceMax) bringUp(ctx, from, key, held(key), "merkle");
  }
  Message want("want");
  want.add("from", m_members.nameOf(m_members.self()));
  for (const auto &[key, digest] : theirs) {
    const auto own = mine.find(key);
    if (own != mine.end() && own->second == digest) continue;
    if (++wanted <= repairsAtOnceMax) want.add("key", key);
  }
  if (wanted > 0) tell(ctx, from, want);
}

void QuorumStore::onWant(Context &ctx, MemberIndex from, const Message &message) {
  for (const auto &[name, key] : message.fields())
    if (name == "key" && m_held.find(key) != m_held.end())
      bringUp(ctx, from, key, held(key), "merkle");
}

} // namespace packetarium::programs::quorum
