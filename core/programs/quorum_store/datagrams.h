// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/wire/cluster_message.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::programs::quorum {

/// Messages between members are datagrams; one that is too long for a frame is cut into several,
/// each a message "part id=4 at=0 of=3 data=...", and put together again when all have come.
constexpr std::size_t datagramBytesMax = 1400;

/// The datagrams that carry the message. id: another one for each message that is cut.
std::vector<wire::Payload> datagramsOf(const wire::cluster::Message &message, std::uint64_t id);

/// Puts parts together. Of what never gets whole, only the latest few are kept. A value.
class Assembly {
public:
  /// from: who sent it. The message, when it is whole (with this part, or by itself).
  std::optional<wire::cluster::Message> take(const std::string &from,
                                             const wire::cluster::Message &message);

private:
  struct Open {
    std::map<std::int64_t, std::string> parts;
    std::int64_t of = 0;
  };
  using Name = std::pair<std::string, std::int64_t>;
  std::map<Name, Open> m_open;
  std::deque<Name> m_order;
};

} // namespace packetarium::programs::quorum
