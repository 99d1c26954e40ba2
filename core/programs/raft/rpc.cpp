// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/rpc.h"

#include <array>

namespace packetarium::programs::raft {
namespace {

using wire::cluster::Message;

struct RpcVerb {
  RpcKind kind;
  bool yes;
  bool asked;
  std::string_view verb;
};
/// heartbeat and beat only say that somebody lives: views draw them quietly.
constexpr std::array<RpcVerb, 23> verbs{{
    {RpcKind::PreVote, false, false, "pre-vote"},
    {RpcKind::PreVoteAnswer, true, false, "pre-vote-yes"},
    {RpcKind::PreVoteAnswer, false, false, "pre-vote-no"},
    {RpcKind::Vote, false, false, "vote"},
    {RpcKind::VoteAnswer, true, false, "vote-yes"},
    {RpcKind::VoteAnswer, false, false, "vote-no"},
    {RpcKind::Append, false, false, "append"},
    {RpcKind::AppendAnswer, true, false, "append-ok"},
    {RpcKind::AppendAnswer, false, false, "append-no"},
    {RpcKind::Heartbeat, false, false, "heartbeat"},
    {RpcKind::Heartbeat, false, true, "confirm"},
    {RpcKind::HeartbeatAnswer, false, false, "beat"},
    {RpcKind::HeartbeatAnswer, false, true, "confirm-ok"},
    {RpcKind::Chunk, false, false, "snapshot"},
    {RpcKind::ChunkAnswer, true, false, "snapshot-ok"},
    {RpcKind::ChunkAnswer, false, false, "snapshot-no"},
    {RpcKind::Part, false, false, "append-part"},
    {RpcKind::PartAnswer, false, false, "append-part-ok"},
    {RpcKind::TimeoutNow, false, false, "timeout-now"},
    {RpcKind::Transfer, false, false, "transfer"},
    {RpcKind::Join, false, false, "join"},
    {RpcKind::Leave, false, false, "leave"},
    {RpcKind::Gone, false, false, "left"},
}};

std::string_view verbOf(const Rpc &rpc) {
  for (const RpcVerb &v : verbs)
    if (v.kind == rpc.kind && v.yes == rpc.yes && v.asked == rpc.asked) return v.verb;
  for (const RpcVerb &v : verbs)
    if (v.kind == rpc.kind) return v.verb;
  return {};
}

std::int64_t plain(std::uint64_t n) { return static_cast<std::int64_t>(n); }

std::uint64_t numberOf(const Message &m, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, m.number(key, 0)));
}

void addChunk(Message &m, const Rpc &rpc) {
  m.add("index", plain(rpc.index))
      .add("index-term", plain(rpc.indexTerm))
      .add("members", rpc.members)
      .add("members-index", plain(rpc.membersIndex))
      .add("offset", plain(rpc.offset))
      .add("total", plain(rpc.total))
      .add("data", rpc.data);
}

void addPart(Message &m, const Rpc &rpc) {
  m.add("index", plain(rpc.index))
      .add("before", plain(rpc.indexTerm))
      .add("of", plain(rpc.hintTerm))
      .add("commit", plain(rpc.commit))
      .add("offset", plain(rpc.offset))
      .add("total", plain(rpc.total))
      .add("data", rpc.data);
}

} // namespace

std::string pieceOf(std::string_view text, std::uint64_t offset, std::size_t bytesMax) {
  std::size_t end = offset, bytes = 0;
  while (end < text.size() && (bytes += encodedBytes(text[end])) <= bytesMax) ++end;
  return std::string(text.substr(offset, end - offset));
}

Message toMessage(const Rpc &rpc, std::string_view from) {
  Message m(verbOf(rpc));
  m.add("from", from).add("term", plain(rpc.term));
  switch (rpc.kind) {
  case RpcKind::PreVote:
  case RpcKind::Vote:
    m.add("last", plain(rpc.index)).add("last-term", plain(rpc.indexTerm));
    if (rpc.byHand) m.add("by-hand", 1);
    break;
  case RpcKind::Append:
    m.add("index", plain(rpc.index))
        .add("before", plain(rpc.indexTerm))
        .add("commit", plain(rpc.commit));
    for (const EntryRef &e : rpc.entries) addEntry(m, *e);
    break;
  case RpcKind::AppendAnswer:
    m.add("index", plain(rpc.index));
    if (!rpc.yes) m.add("refused", plain(rpc.refused));
    if (rpc.hintTerm > 0) m.add("hint-term", plain(rpc.hintTerm));
    break;
  case RpcKind::Heartbeat: m.add("commit", plain(rpc.commit)).add("round", plain(rpc.round)); break;
  case RpcKind::HeartbeatAnswer:
    m.add("last", plain(rpc.index)).add("round", plain(rpc.round));
    break;
  case RpcKind::Chunk: addChunk(m, rpc); break;
  case RpcKind::Part: addPart(m, rpc); break;
  case RpcKind::ChunkAnswer:
  case RpcKind::PartAnswer:
    m.add("index", plain(rpc.index)).add("offset", plain(rpc.offset));
    break;
  case RpcKind::Join: m.add("address", rpc.data); break;
  default: break;
  }
  return m;
}

std::optional<Rpc> fromMessage(const Message &m) {
  const RpcVerb *found = nullptr;
  for (const RpcVerb &v : verbs)
    if (m.is(v.verb)) found = &v;
  if (found == nullptr) return {};
  Rpc rpc;
  rpc.kind = found->kind;
  rpc.yes = found->yes;
  rpc.asked = found->asked;
  const bool vote = rpc.kind == RpcKind::Vote || rpc.kind == RpcKind::PreVote;
  const bool beat = rpc.kind == RpcKind::HeartbeatAnswer;
  rpc.term = numberOf(m, "term");
  rpc.index = numberOf(m, vote || beat ? "last" : "index");
  const bool part = rpc.kind == RpcKind::Part;
  rpc.indexTerm = numberOf(m, vote                                  ? "last-term"
                              : part || rpc.kind == RpcKind::Append ? "before"
                                                                    : "index-term");
  rpc.commit = numberOf(m, "commit");
  rpc.byHand = numberOf(m, "by-hand") == 1;
  rpc.hintTerm = numberOf(m, part ? "of" : "hint-term");
  rpc.refused = numberOf(m, "refused");
  rpc.round = numberOf(m, "round");
  if (rpc.kind == RpcKind::Append) rpc.entries = entriesOf(m);
  if (rpc.kind == RpcKind::Join) rpc.data = m.text("address");
  if (!part && rpc.kind != RpcKind::PartAnswer && rpc.kind != RpcKind::Chunk &&
      rpc.kind != RpcKind::ChunkAnswer)
    return rpc;
  rpc.offset = numberOf(m, "offset");
  rpc.total = numberOf(m, "total");
  rpc.membersIndex = numberOf(m, "members-index");
  rpc.members = m.text("members");
  rpc.data = m.text("data");
  return rpc;
}

} // namespace packetarium::programs::raft
