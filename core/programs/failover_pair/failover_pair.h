// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/failover_pair/lease_keeper.h"
#include "core/programs/virtual_service.h"

#include <string>
#include <vector>

namespace packetarium::programs {

/// One of two nodes of which one is active and the other stands by: heartbeats tell each that the
/// other lives, and who is active holds the service's addresses.
///
///     beat service=web role=active priority=200 node=a [claim=1] [able=0]
///
/// claim asks the active one to hand over (2: by hand, whatever the priorities); able=0 says that
/// its sender cannot become active, because it does not reach the witness.
class FailoverPair final : public ProgramOf<FailoverPair> {
public:
  explicit FailoverPair(const ParameterValues &v);

  void start(Context &ctx) override;
  void onTimer(Context &ctx, std::uint64_t tag) override;
  void onSocket(Context &ctx, const transport::SocketEvent &event) override;
  void onPromote(Context &ctx) override;
  std::vector<Described> describe(SimTime now) const override;

private:
  enum class State : std::uint8_t {
    Off,
    Standby,
    Securing, ///< takes over, once it is sure that nobody else is active
    Starting, ///< may be active, and starts the service
    Active
  };
  enum Tag : std::uint64_t { Begin, Beat, Missed, Dead, Ask, LeaseEnd, Started };

  /// What is known of the other one.
  struct Partner {
    bool alive = false, active = false, able = true;
    int claim = 0;
    std::int64_t priority = 0;
    std::string node;
    SimTime heardAt;
  };

  static std::string_view name(State state);
  bool hot() const { return m_standby == "hot"; }
  bool preferred(Context &ctx) const;
  int claim(Context &ctx) const;
  bool wantsLease() const { return m_state >= State::Securing; }

  void begin(Context &ctx);
  void beat(Context &ctx);
  void onMessage(Context &ctx, const wire::cluster::Message &message);
  void heard(Context &ctx, const wire::cluster::Message &beat);
  void heardWhenActive(Context &ctx);
  void heardWhenStandby(Context &ctx);
  void watch(Context &ctx);
  void missed(Context &ctx);
  void lost(Context &ctx);
  void prepare(Context &ctx);

  void takeOver(Context &ctx, std::string why, bool fence);
  void secure(Context &ctx);
  void askForFence(Context &ctx);
  void askForLease(Context &ctx);
  void onLease(Context &ctx);
  void started(Context &ctx);
  void activate(Context &ctx);
  void standBy(Context &ctx, const std::string &why);
  void checkLease(Context &ctx);

  VirtualService m_service;
  std::uint16_t m_port = failover::heartbeatPort;
  std::vector<wire::Ipv4Address> m_paths;
  std::int64_t m_priority = 100;
  Duration m_interval;
  std::int64_t m_deadAfter = 3;
  bool m_failback = true, m_drifted = false, m_fences = false;
  std::string m_standby, m_partnerId;
  Duration m_startUp, m_start;
  wire::Ipv4Address m_powerSwitch;
  LeaseKeeper m_lease;

  State m_state = State::Off;
  transport::SocketId m_socket = transport::noSocket;
  Partner m_partner;
  bool m_ready = true;      ///< the service runs here, though it may not serve
  bool m_preparing = false; ///< it is being started, ahead of a claim
  bool m_settled = false;   ///< it knows that the other one comes first or is active
  bool m_byHand = false;    ///< a person asked this one to take over
  bool m_yielded = false;   ///< a person gave the service to the other one
  bool m_twoActive = false;
  bool m_fenced = false, m_needsFence = false, m_decided = false;
  std::int64_t m_fenceNumber = 0;
  std::string m_why;
  TimerId m_missedTimer, m_deadTimer, m_leaseTimer, m_startTimer;
  std::uint64_t m_sent = 0, m_heard = 0;
};

} // namespace packetarium::programs
