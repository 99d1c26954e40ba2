// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/client_load/parameters.h"

#include "core/programs/declare.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/url.h"

namespace packetarium::programs {
namespace {

std::vector<Parameter> loadParameters() {
  using namespace declare;
  Parameter url = required(text("url", "", "What every client fetches: http://host[:port]/path"));
  url.checkText = checkUrl;
  return {std::move(url),
          choice("mode", {"open", "closed"},
                 "Requests at a rate (Poisson), or a fixed number of clients"),
          real("rate_rps", "requests/s", 10, 0.001, 1e6, "Open: mean requests a second"),
          integer("clients", "", 10, 1, 100000, "Closed: how many clients"),
          duration("think_ns", Duration::seconds(1), 0, hour,
                   "Closed: pause between an answer and the next request"),
          choice("think", {"exponential", "constant"}, "Closed: how the pause is spread"),
          duration("timeout_ns", Duration::seconds(10), millisecond, hour,
                   "Gives a request up after this"),
          integer("in_flight_max", "", 1000, 1, 100000,
                  "Open: requests above this are cancelled at once"),
          startAt(),
          duration("duration_ns", Duration{}, 0, 1000 * hour,
                   "Begins no request after so long; 0: no end")};
}

std::vector<Parameter> retryParameters() {
  using namespace declare;
  return {integer("retries", "", 0, 0, 100, "Further tries of a request whose first one failed"),
          duration("try_timeout_ns", Duration{}, 0, hour,
                   "Gives one try up after this; 0: only the whole request"),
          duration("backoff_ns", Duration::ms(100), 0, hour,
                   "Waits so long before the second try, then twice as long each time"),
          duration("backoff_max_ns", Duration::seconds(10), 0, hour, "But never longer than this"),
          choice("jitter", {"none", "full", "equal"},
                 "Spreads that wait: over all of it (full) or over its second half (equal)")};
}

std::vector<Parameter> placeParameters() {
  using namespace declare;
  Parameter path = text("login_path", "/login", "Page that begins a session");
  path.checkText = checkPath;
  return {text("service", "", "Whose availability the requests count for; empty: the URL's host"),
          choice("addresses", {"first", "rotate", "failover"},
                 "Which address it asks: the first, each in turn, or the next after a failure"),
          records("servers",
                  {required(address("address", "Address of a server, asked at the URL's port"))},
                  "Servers it knows by itself, without asking for the URL's host"),
          boolean("keep_alive", false, "Closed: each client keeps its connection open"),
          boolean("sessions", false,
                  "Closed: each client logs in, keeps cookies, and logs in again when unknown"),
          std::move(path)};
}

} // namespace

std::vector<Parameter> clientLoadParameters() {
  return joined(loadParameters(), joined(retryParameters(), placeParameters()));
}

} // namespace packetarium::programs
