// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/dns_server/zone.h"
#include "core/programs/program.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::programs {

/// Where a name server's zone is changed (RFC 2136): one update after another, each on the disk
/// before it is answered or seen in any answer (section 3.5). A value.
class UpdateDesk {
public:
  struct Answer {
    transport::Endpoint to;
    wire::dns::Message reply;
    std::string what; ///< for people: "www.example.com A 192.0.2.1"
  };

  UpdateDesk() = default;
  /// From a dns-server's valid parameters: who may change the zone.
  explicit UpdateDesk(const ParameterValues &values);

  /// What earlier updates, which lie on the disk, made of the zone.
  std::shared_ptr<const Zone> restore(Context &ctx, std::shared_ptr<const Zone> zone);
  /// An update came; next() says whether there is an answer to it yet.
  void take(const transport::Endpoint &from, wire::dns::Message update);
  /// The first update's answer, if it needs no disk or that is done. Call it until there is none.
  std::optional<Answer> next(Context &ctx, std::shared_ptr<const Zone> &zone);
  /// The disk is done: the zone is the new one.
  void onSynced(std::shared_ptr<const Zone> &zone);

  bool allowsAnybody() const { return !m_from.empty(); }
  std::uint64_t done() const { return m_done; }
  std::uint64_t refused() const { return m_refused; }

private:
  struct Waiting {
    transport::Endpoint from;
    wire::dns::Message update;
    std::shared_ptr<const Zone> changed; ///< once it is being written to the disk
    bool synced = false;
  };
  wire::dns::ResponseCode judge(const Waiting &waiting, const Zone &zone) const;
  Answer answer(wire::dns::ResponseCode code);

  std::vector<wire::Ipv4Address> m_from;
  std::deque<Waiting> m_waiting;
  std::uint64_t m_done = 0, m_refused = 0;
};

} // namespace packetarium::programs
