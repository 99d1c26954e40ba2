// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/browser/cookie_jar.h"
#include "core/programs/channel.h"
#include "core/programs/client_load/address_choice.h"
#include "core/programs/peer.h"
#include "core/wire/http.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace packetarium::programs {

/// One request of one client, with all its tries; a try has a connection of its own or one that the
/// client kept.
struct Fetch {
  Fetch(std::uint64_t whose, Peer whom, SimTime now, std::uint64_t number)
      : client(whose), peer(std::move(whom)), began(now), request(number) {}

  std::uint64_t client;
  Peer peer;
  SimTime began;
  std::uint64_t request;
  TimerId timer, tryTimer;
  std::uint64_t tries = 0;
  int logins = 0;
  bool resolving = false, waiting = false; ///< for the name; until the next try
  bool reused = false;                     ///< the connection was kept, and has said nothing yet
  bool loggingIn = false;
  AddressChoice::Addresses addresses;
  std::optional<wire::Ipv4Address> failed; ///< where the last try was
  transport::Endpoint asked, own;          ///< both ends of the connection
  transport::SocketId socket = transport::noSocket;
  Channel channel;
  wire::http::Parser parser{wire::http::Parser::Role::Responses};
};

/// What a client keeps from one request to the next.
struct LoadClient {
  CookieJar jar;
  bool loggedIn = false;
  wire::Ipv4Address favourite; ///< the address it stays with
  Channel kept;                ///< an open connection, to:
  transport::Endpoint keptTo, keptFrom;
};

} // namespace packetarium::programs
