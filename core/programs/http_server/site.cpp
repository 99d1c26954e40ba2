// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/http_server/site.h"

#include "core/programs/calendar.h"
#include "core/wire/dns.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace wire::http;

/// Host and path of a request; the target may be a whole URL (RFC 9112 section 3.2.2).
struct Target {
  std::string_view host, path;
  std::string_view asked; ///< the path with its query
};

Target targetOf(const Request &request, std::string_view hostHeader) {
  Target t{hostHeader, {}, request.target};
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!t.asked.starts_with(scheme)) continue;
    t.asked.remove_prefix(scheme.size());
    const std::size_t slash = std::min(t.asked.find('/'), t.asked.size());
    t.host = t.asked.substr(0, slash);
    t.asked = slash < t.asked.size() ? t.asked.substr(slash) : "/";
  }
  t.host = t.host.substr(0, t.host.find(':'));
  t.path = t.asked.substr(0, t.asked.find('?'));
  return t;
}

Response headOf(int status, std::string_view type, std::uint64_t length, bool keepAlive) {
  Response head = respond(status, type, length, keepAlive);
  head.reason = reasonOf(status);
  return head;
}

PageSession sessionOf(std::string_view name) {
  if (name == "start") return PageSession::Start;
  return name == "require" ? PageSession::Require : PageSession::None;
}

SetCookie cookieOf(const ParameterValues &values) {
  SetCookie cookie;
  cookie.name = values.text("cookie_name");
  cookie.path = "/";
  cookie.secure = values.boolean("cookie_secure");
  cookie.httpOnly = values.boolean("cookie_http_only");
  const std::string &sameSite = values.text("cookie_same_site");
  cookie.sameSite = sameSite == "lax" ? "Lax" : sameSite == "strict" ? "Strict" : "None";
  return cookie;
}

Answer pageOf(const Page &page, bool keepAlive) {
  const wire::Payload body =
      page.body.empty() ? wire::Payload::pattern(0, page.bytes) : wire::Payload::of(page.body);
  return {headOf(page.status, page.contentType, body.size(), keepAlive), body, {}};
}

/// The page of a visitor who is known; without content of its own it says so.
Answer greeting(const Page &page, std::uint64_t visitor, bool keepAlive) {
  if (!page.body.empty() || page.bytes != 0) return pageOf(page, keepAlive);
  Page hello = page;
  hello.body =
      fmt::format("<!doctype html><title>Hello</title><h1>Hello, visitor {}</h1>\n", visitor);
  return pageOf(hello, keepAlive);
}

Answer elsewhere(const Visit &visit, int status, std::string location) {
  visit.ctx.phase("http.redirected", location);
  Answer a = Site::error(status, visit.keepAlive);
  a.head.headers.push_back({"Location", std::move(location)});
  return a;
}

} // namespace

Site::Site(const ParameterValues &values)
    : m_redirectToHttps(values.boolean("redirect_to_https")),
      m_loginForUnknown(values.text("unknown_session") == "login"),
      m_hstsMaxAge(values.integer("hsts_max_age_s")),
      m_sessionMaxAge(values.integer("cookie_max_age_s")),
      m_cookie(cookieOf(values)) {
  for (const ParameterRow &row : values.rows("pages")) {
    const auto text = [&row](const char *key) { return std::get<std::string>(row.values.at(key)); };
    const auto number = [&row](const char *key) {
      return std::get<std::int64_t>(row.values.at(key));
    };
    m_pages.push_back({text("host"), text("path"), static_cast<int>(number("status")),
                       text("content_type"), text("body"),
                       static_cast<std::uint32_t>(number("bytes")), sessionOf(text("session"))});
  }
}

/// A page for just this host goes before one for any host.
const Page *Site::find(std::string_view host, std::string_view path) const {
  const Page *forAny = nullptr;
  for (const Page &p : m_pages) {
    if (p.path != path) continue;
    if (!p.host.empty() && wire::dns::sameName(p.host, host)) return &p;
    if (p.host.empty() && forAny == nullptr) forAny = &p;
  }
  return forAny;
}

Answer Site::error(int status, bool keepAlive) {
  const std::string page = fmt::format("<!doctype html><title>{0} {1}</title><h1>{0} {1}</h1>\n",
                                       status, reasonOf(status));
  return {headOf(status, "text/html", page.size(), keepAlive), wire::Payload::of(page), {}};
}

bool Site::hasSessions() const {
  return std::any_of(m_pages.begin(), m_pages.end(),
                     [](const Page &p) { return p.session != PageSession::None; });
}

Answer Site::answer(const Visit &visit, const Request &request) const {
  Answer a = choose(visit, request);
  if (visit.secure && m_hstsMaxAge > 0) // never over plain http (RFC 6797 section 7.2)
    a.head.headers.push_back(
        {"Strict-Transport-Security", fmt::format("max-age={}", m_hstsMaxAge)});
  if (request.method == "HEAD") a.body = {}; // RFC 9110 section 9.3.2: the length stays
  return a;
}

Answer Site::choose(const Visit &visit, const Request &request) const {
  const auto host = wire::http::find(request.headers, "Host");
  if (!host && request.version == "HTTP/1.1") // RFC 9112 section 3.2
    return error(400, visit.keepAlive);
  if (request.method != "GET" && request.method != "HEAD") {
    Answer refused = error(405, visit.keepAlive); // RFC 9110 section 15.5.6
    refused.head.headers.push_back({"Allow", "GET, HEAD"});
    return refused;
  }
  const Target target = targetOf(request, host.value_or(std::string_view{}));
  if (m_redirectToHttps && !visit.secure) {
    if (target.host.empty()) return error(400, visit.keepAlive); // nowhere to send it to
    return elsewhere(visit, 301, fmt::format("https://{}{}", target.host, target.asked));
  }
  const Page *page = find(target.host, target.path);
  if (page == nullptr) return error(404, visit.keepAlive);
  return page->session == PageSession::None ? pageOf(*page, visit.keepAlive)
                                            : withSession(visit, request, *page);
}

Answer Site::withSession(const Visit &visit, const Request &request, const Page &page) const {
  if (const auto known = visitorOf(visit, request)) {
    visit.ctx.phase("http.session-known", fmt::format("visitor {}", *known));
    return greeting(page, *known, visit.keepAlive);
  }
  if (page.session == PageSession::Require) return unknownVisitor(visit, page);
  const SimTime now = visit.ctx.now();
  const bool ends = m_sessionMaxAge > 0;
  const auto life = ends ? std::optional(Duration::seconds(m_sessionMaxAge)) : std::nullopt;
  const auto started = visit.sessions.start(visit.ctx.random("sessions"), now, life, visit.shared);
  SetCookie cookie = m_cookie;
  cookie.value = started.id;
  if (ends) {
    cookie.maxAge = m_sessionMaxAge;
    cookie.expires = secondsSince1970(now) + m_sessionMaxAge;
  }
  visit.ctx.phase("http.session-started", fmt::format("visitor {}", started.visitor));
  Answer a = greeting(page, started.visitor, visit.keepAlive);
  a.head.headers.push_back({"Set-Cookie", text(cookie)});
  a.started = started.id;
  return a;
}

std::optional<std::string> Site::sessionAsked(const Request &request) const {
  const auto host = wire::http::find(request.headers, "Host");
  const auto cookies = wire::http::find(request.headers, "Cookie");
  if (!cookies) return std::nullopt;
  const Target target = targetOf(request, host.value_or(std::string_view{}));
  const Page *page = find(target.host, target.path);
  if (page == nullptr || page->session == PageSession::None) return std::nullopt;
  for (auto &[name, value] : parseCookies(*cookies))
    if (name == m_cookie.name) return value;
  return std::nullopt;
}

std::optional<std::uint64_t> Site::visitorOf(const Visit &visit, const Request &request) const {
  const auto header = wire::http::find(request.headers, "Cookie");
  if (!header) return std::nullopt;
  for (const auto &[name, value] : parseCookies(*header)) {
    if (name != m_cookie.name) continue;
    if (const auto visitor = visit.sessions.visitor(value, visit.ctx.now())) return visitor;
  }
  return std::nullopt;
}

/// 403, as 401 would have to name a way to authenticate by header (RFC 9110 section 15.5.2).
Answer Site::unknownVisitor(const Visit &visit, const Page &page) const {
  visit.ctx.phase("http.session-unknown", page.path);
  const auto login = std::find_if(m_pages.begin(), m_pages.end(), [&page](const Page &p) {
    return p.session == PageSession::Start && (p.host.empty() || p.host == page.host);
  });
  if (m_loginForUnknown && login != m_pages.end()) return elsewhere(visit, 302, login->path);
  return error(403, visit.keepAlive);
}

std::vector<std::string> Site::hosts() const {
  std::vector<std::string> hosts;
  for (const Page &page : m_pages)
    if (!page.host.empty() && std::find(hosts.begin(), hosts.end(), page.host) == hosts.end())
      hosts.push_back(page.host);
  return hosts;
}

} // namespace packetarium::programs
