// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/http_server/sessions.h"
#include "core/programs/parameter.h"
#include "core/wire/http.h"
#include "core/wire/http_cookie.h"

#include <string>
#include <string_view>
#include <vector>

namespace packetarium::programs {

/// What a page has to do with the visitor's session.
enum class PageSession : std::uint8_t {
  None,   ///< nothing: the same for everyone
  Start,  ///< begins one and gives a cookie for it, unless the visitor brings one
  Require ///< only for visitors who bring the cookie of a session
};

/// One page of a web server.
struct Page {
  std::string host; ///< empty: whatever host is asked for
  std::string path;
  int status = 200;
  std::string contentType;
  std::string body; ///< empty: a virtual body of so many bytes
  std::uint32_t bytes = 0;
  PageSession session = PageSession::None;
};

/// What a server says to a request: the head and, unless the method is HEAD, a body.
struct Answer {
  wire::http::Response head;
  wire::Payload body;
  std::string started; ///< the id of a session that begins with it; empty: none
};

/// Who asks: what a site's answer depends on besides the request.
struct Visit {
  Context &ctx;
  Sessions &sessions;
  bool secure = false;    ///< the request came over a secure channel
  bool keepAlive = false; ///< the connection stays open afterwards
  bool shared = false;    ///< other servers know the same sessions
};

/// The pages of a server and how it answers for them (RFC 9110, 6265, 6797). A value, shared when
/// copied; what changes while it answers, the sessions, lies outside.
class Site {
public:
  Site() = default;
  /// From an http-server's valid parameters.
  explicit Site(const ParameterValues &values);

  /// Tells the phases of sessions and redirects.
  Answer answer(const Visit &visit, const wire::http::Request &request) const;
  /// The session that the answer depends on: the visitor's cookie, where the page asks for one.
  std::optional<std::string> sessionAsked(const wire::http::Request &request) const;
  /// An answer of our own, such as 400, with a short page that explains it.
  static Answer error(int status, bool keepAlive);
  const std::vector<Page> &pages() const { return m_pages; }
  /// The hosts that its pages are for, each once; empty when they are for any.
  std::vector<std::string> hosts() const;
  bool hasSessions() const;

private:
  Answer choose(const Visit &visit, const wire::http::Request &request) const;
  Answer withSession(const Visit &visit, const wire::http::Request &request,
                     const Page &page) const;
  Answer unknownVisitor(const Visit &visit, const Page &page) const;
  std::optional<std::uint64_t> visitorOf(const Visit &visit,
                                         const wire::http::Request &request) const;
  const Page *find(std::string_view host, std::string_view path) const;

  std::vector<Page> m_pages;
  bool m_redirectToHttps = false, m_loginForUnknown = false;
  std::int64_t m_hstsMaxAge = 0;    ///< seconds; 0: no header
  std::int64_t m_sessionMaxAge = 0; ///< seconds; 0: the cookie says no end
  wire::http::SetCookie m_cookie;   ///< of a session, still without value and end
};

} // namespace packetarium::programs
