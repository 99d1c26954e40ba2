// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"
#include "core/wire/cluster_message.h"

#include <string>
#include <string_view>

namespace packetarium::programs {

/// A member's side of a lease that a witness lends: only who holds it may be active. A value.
class LeaseKeeper {
public:
  /// witness: 0.0.0.0 when there is none; then every answer is that all is well.
  LeaseKeeper(wire::Ipv4Address witness, Duration span);

  bool used() const { return !m_witness.isAny(); }
  Duration askEvery() const { return m_span / 3; }
  /// Asks for the lease, or only whether the witness is there.
  void ask(Context &ctx, transport::SocketId socket, std::string_view service, bool wanted);
  /// Gives the lease back.
  void release(Context &ctx, transport::SocketId socket, std::string_view service);
  /// True when the message was an answer to this member.
  bool take(const wire::cluster::Message &message);

  /// Held, by a clock that may run up to a tenth slower than the witness's.
  bool valid(SimTime now) const { return !used() || now < m_until; }
  SimTime until() const { return m_until; }
  /// The witness answered one of the last three questions.
  bool reachable() const { return m_unanswered < 3; }
  const std::string &holder() const { return m_holder; } ///< who has it, when it was denied

private:
  wire::Ipv4Address m_witness;
  Duration m_span;
  SimTime m_until;
  std::int64_t m_releasedAt = -1; ///< what was asked up to then counts no more
  int m_unanswered = 0;
  std::string m_holder;
};

} // namespace packetarium::programs
