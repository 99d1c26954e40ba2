// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/delivery.h"
#include "core/analysis/names.h"
#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <cstdint>
#include <string>

namespace packetarium::analysis {

/// Sentences about records of one trace.
class Teller {
public:
  Teller(const trace::Trace &trace, const net::Blueprint &network)
      : m_trace(trace), m_network(network) {}

  std::string sentence(const trace::Record &r, trace::Sequence s) const;
  std::string node(std::uint32_t n) const { return nodeName(m_network, n); }
  std::string link(std::uint32_t l) const { return linkName(m_network, l); }
  std::string packet(PacketId id) const {
    const wire::Packet *p = m_trace.packet(id);
    return p != nullptr ? packetName(*p) : std::string("a packet");
  }
  PacketId origin(PacketId id) const {
    const wire::Packet *p = m_trace.packet(id);
    return p != nullptr ? p->origin : id;
  }
  std::string drop(const trace::Record &r) const;

private:
  std::string text(trace::Sequence s, std::uint64_t arg) const {
    return std::string(m_trace.text(s, arg));
  }
  std::string neighbour(const trace::Record &r) const {
    if (r.link >= m_network.links.size()) return "nobody";
    return node(farNode(m_network, r.link, trace::sendingEnd(r)));
  }
  std::string tcpState(const trace::Record &r) const;
  std::string retransmit(const trace::Record &r) const;
  std::string requestEnded(const trace::Record &r, trace::Sequence s) const;
  std::string fact(const trace::Record &r, trace::Sequence s) const;
  std::string phase(const trace::Record &r, trace::Sequence s) const;
  std::string where(const trace::Record &r) const;

  const trace::Trace &m_trace;
  const net::Blueprint &m_network;
};

} // namespace packetarium::analysis
