// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace packetarium::analysis::fixture {

/// What a run looks like after a record, found by reading all records from the first. Knows nothing
/// of keyframes.
struct NaiveState {
  std::map<trace::Sequence, trace::Record> flying;
  std::map<trace::Sequence, trace::Record> queued;
  std::vector<trace::NodeHealth> nodes;
  std::vector<trace::LinkSnapshot> links;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::pair<trace::Sequence, std::uint16_t>>
      sockets; ///< (node, socket): since, state

  explicit NaiveState(const net::Blueprint &network) : nodes(network.nodes.size()) {
    for (const auto &l : network.links)
      links.push_back({l.up, l.rateBps, l.delay, l.jitter, l.loss, l.queuePackets, l.duplicate,
                       l.reorder, l.corrupt, l.blocked, l.flap});
  }

  void take(const trace::Record &r, trace::Sequence s) {
    using trace::RecordKind;
    if (r.kind == RecordKind::FrameSent) {
      queued.erase(r.args[0]);
      flying[s] = r;
    } else if (r.kind == RecordKind::FrameQueued) {
      queued[s] = r;
    } else if (r.kind == RecordKind::FrameReceived || r.kind == RecordKind::FrameDropped) {
      flying.erase(r.args[0]);
      queued.erase(r.args[0]);
    } else if (r.kind == RecordKind::NodeState) {
      nodes[r.node] = static_cast<trace::NodeHealth>(r.detail);
      if (nodes[r.node] == trace::NodeHealth::Crashed)
        std::erase_if(sockets, [&](const auto &e) { return e.first.first == r.node; });
    } else if (r.kind == RecordKind::LinkState) {
      links[r.link].up = r.detail == 1;
    } else if (r.kind == RecordKind::LinkChanged) {
      const double v = trace::doubleOf(r.args[0]);
      trace::LinkSnapshot &l = links[r.link];
      if (r.detail == 0) l.rateBps = static_cast<std::uint64_t>(v);
      if (r.detail == 1) l.delay = Duration::ns(static_cast<std::int64_t>(v));
      if (r.detail == 2) l.jitter = Duration::ns(static_cast<std::int64_t>(v));
      if (r.detail == 3) l.loss = v;
      if (r.detail == 4) l.queuePackets = static_cast<std::uint32_t>(v);
    } else if (r.kind == RecordKind::TcpState) {
      const std::pair key{r.node, r.args[0] & 0xffffffffU};
      if (r.detail == 0)
        sockets.erase(key);
      else
        sockets[key] = {s, r.detail};
    }
  }
};

} // namespace packetarium::analysis::fixture
