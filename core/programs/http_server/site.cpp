// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/http_server/site.h"

#include "core/wire/dns.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

using namespace wire::http;

/// Host and path of a request; the target may be a whole URL (RFC 9112 section 3.2.2).
struct Target {
  std::string_view host, path;
};

Target targetOf(const Request &request, std::string_view hostHeader) {
  constexpr std::string_view scheme = "http://";
  Target t{hostHeader, request.target};
  if (t.path.starts_with(scheme)) {
    t.path.remove_prefix(scheme.size());
    const std::size_t slash = std::min(t.path.find('/'), t.path.size());
    t.host = t.path.substr(0, slash);
    t.path = slash < t.path.size() ? t.path.substr(slash) : "/";
  }
  t.host = t.host.substr(0, t.host.find(':'));
  t.path = t.path.substr(0, t.path.find('?'));
  return t;
}

Response headOf(int status, std::string_view type, std::uint64_t length, bool keepAlive) {
  Response head = respond(status, type, length, keepAlive);
  head.reason = reasonOf(status);
  return head;
}

} // namespace

Site::Site(const ParameterValues &values) {
  for (const ParameterRow &row : values.rows("pages")) {
    const auto text = [&row](const char *key) { return std::get<std::string>(row.values.at(key)); };
    const auto number = [&row](const char *key) {
      return std::get<std::int64_t>(row.values.at(key));
    };
    m_pages.push_back({text("host"), text("path"), static_cast<int>(number("status")),
                       text("content_type"), text("body"),
                       static_cast<std::uint32_t>(number("bytes"))});
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
  return {headOf(status, "text/html", page.size(), keepAlive), wire::Payload::of(page)};
}

Answer Site::answer(const Request &request, bool keepAlive) const {
  const auto host = wire::http::find(request.headers, "Host");
  if (!host && request.version == "HTTP/1.1") // RFC 9112 section 3.2
    return error(400, keepAlive);
  if (request.method != "GET" && request.method != "HEAD") {
    Answer refused = error(405, keepAlive); // RFC 9110 section 15.5.6
    refused.head.headers.push_back({"Allow", "GET, HEAD"});
    return refused;
  }
  const Target target = targetOf(request, host.value_or(std::string_view{}));
  const Page *page = find(target.host, target.path);
  Answer a = page == nullptr ? error(404, keepAlive) : Answer{};
  if (page != nullptr) {
    a.body =
        page->body.empty() ? wire::Payload::pattern(0, page->bytes) : wire::Payload::of(page->body);
    a.head = headOf(page->status, page->contentType, a.body.size(), keepAlive);
  }
  if (request.method == "HEAD") a.body = {}; // RFC 9110 section 9.3.2: the length stays
  return a;
}

} // namespace packetarium::programs
