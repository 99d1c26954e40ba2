// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"

#include <string>
#include <string_view>

namespace packetarium::programs {

/// Whether a server may serve, as another program of its node decides (VRRP, a heartbeat): told as
/// news "service.<name>" with the value active, standby or broken. A value.
class ServiceRole {
public:
  /// What a server does about it.
  enum class Duty : std::uint8_t {
    Nothing,
    Open,   ///< listen
    Close,  ///< stop listening, break connections off
    StartUp ///< listen when startUp() has passed, after startedUp()
  };
  ServiceRole() = default;
  /// From a server's valid parameters: service_name, standby, start_up_ns.
  explicit ServiceRole(const ParameterValues &values);

  /// The node came up: Open, or Nothing while it stands by.
  Duty start(Context &ctx);
  Duty onNews(Context &ctx, std::string_view topic, std::string_view value);
  /// The time to start up has passed: Open, or Nothing when it was told to stand by meanwhile.
  Duty startedUp(Context &ctx);

  Duration startUp() const { return m_startUp; }
  /// It serves, but its configuration is not what it must be.
  bool broken() const { return m_broken; }
  Described describe() const;

private:
  enum class State : std::uint8_t { Serving, Standby, Starting };
  void tell(Context &ctx, std::string_view value, std::string_view why) const;
  void tellIfBroken(Context &ctx) const;
  Duty stepDown();

  std::string m_name; ///< of the service; empty: it has no role
  std::string m_standby = "serves";
  Duration m_startUp;
  State m_state = State::Serving;
  bool m_broken = false;
};

} // namespace packetarium::programs
