// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/http_server/parameters.h"

#include "core/programs/declare.h"
#include "core/programs/kv_protocol.h"
#include "core/programs/secure.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/url.h"
#include "core/wire/http_text.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

ParameterRow pageRow(std::string path) {
  return {{{"host", std::string()},
           {"path", std::move(path)},
           {"status", std::int64_t{200}},
           {"content_type", std::string("text/html")},
           {"bytes", std::int64_t{1256}},
           {"body", std::string()},
           {"session", std::string("none")}}};
}

Parameter pagesParameter() {
  using namespace declare;
  Parameter path = text("path", "/", "Path of the page");
  path.checkText = checkPath;
  Parameter type = text("content_type", "text/html", "What the Content-Type header says");
  type.checkText = [](std::string_view t) -> std::string {
    const bool fits =
        !t.empty() && std::all_of(t.begin(), t.end(), [](char c) { return c >= ' ' && c < 0x7f; });
    return fits ? "" : "must be a media type such as text/html";
  };
  Parameter pages =
      records("pages",
              {text("host", "", "Only for this host; empty: for any"), std::move(path),
               integer("status", "", 200, 200, 599, "Status code it answers with"), std::move(type),
               integer("bytes", "bytes", 0, 0, 1e9, "Length of a made-up body, when body is empty"),
               text("body", "", "The page itself"),
               choice("session", {"none", "start", "require"},
                      "Starts a session with a cookie, or is only for those who bring one")},
              "What can be fetched; anything else is 404 Not Found");
  pages.byDefault = std::vector<ParameterRow>{pageRow("/"), pageRow("/index.html")};
  return pages;
}

std::vector<Parameter> sessionParameters() {
  using namespace declare;
  Parameter name =
      text("cookie_name", "session", "Name of the cookie that pages with a session use");
  name.checkText = [](std::string_view t) -> std::string {
    return wire::http::isToken(t)
               ? ""
               : "must be letters, digits and marks such as - and _ (RFC 6265, 4.1.1)";
  };
  return {std::move(name),
          integer("cookie_max_age_s", "s", 0, 0, 1e9,
                  "How long cookie and session last; 0: until browser or server ends"),
          boolean("cookie_secure", false, "The cookie only travels over https"),
          boolean("cookie_http_only", true, "Scripts in a page must not see the cookie"),
          choice("cookie_same_site", {"lax", "strict", "none"},
                 "Whether the cookie goes along when another site leads here"),
          choice("unknown_session", {"refuse", "login"},
                 "Page that requires a session: 403, or 302 to the page that starts one")};
}

std::vector<Parameter> httpsParameters() {
  using namespace declare;
  return joined(
      {boolean("https", false, "Serves https, too, with a certificate of its own"),
       integer("https_port", "", 443, 1, 65535, "TCP port for https"),
       boolean("redirect_to_https", false,
               "Answers http with 301 to https, as most sites do: browsers may remember a 301"),
       integer("hsts_max_age_s", "s", 0, 0, 1e9,
               "Tells browsers over https to use nothing else so long; 0: does not")},
      serverTlsParameters());
}

std::vector<Parameter> workParameters() {
  using namespace declare;
  return {port(80, "TCP port it listens on"),
          pagesParameter(),
          duration("service_ns", Duration::ms(2), 0, hour,
                   "Time to process a request (the mean, when exponential)"),
          choice("service", {"constant", "exponential"}, "How that time is spread"),
          integer("workers", "", 0, 0, 100000, "Requests processed at the same time; 0: no limit"),
          integer("queue_limit", "", 0, 0, 100000,
                  "Requests that may wait for a worker, else 503; 0: no limit"),
          boolean("keep_alive", true, "Leaves the connection open after a response"),
          duration("idle_timeout_ns", Duration::seconds(60), millisecond, hour,
                   "Closes a connection on which nothing happens")};
}

std::vector<Parameter> clusterParameters() {
  using namespace declare;
  return {text("service_name", "", "Service whose role the node is told; empty: always serves"),
          choice("standby", {"serves", "hot", "warm", "cold"},
                 "While not active: serves all the same, listens at once when told, or starts up"),
          duration("start_up_ns", Duration::seconds(5), 0, hour,
                   "Warm and cold: time to start up when it becomes active"),
          text("session_store", "", "Key-value store that keeps the sessions; empty: own memory"),
          integer("session_store_port", "", kv::port, 1, 65535, "TCP port of that store"),
          duration("session_store_timeout_ns", Duration::seconds(1), millisecond, hour,
                   "Answers 503 when the store has said nothing for so long")};
}

} // namespace

std::vector<Parameter> httpServerParameters() {
  return joined(joined(joined(workParameters(), clusterParameters()),
                       joined(sessionParameters(), httpsParameters())),
                shortTcpParameters());
}

} // namespace packetarium::programs
