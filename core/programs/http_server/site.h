// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"
#include "core/wire/http.h"

#include <string>
#include <string_view>
#include <vector>

namespace packetarium::programs {

/// One page of a web server.
struct Page {
  std::string host; ///< empty: whatever host is asked for
  std::string path;
  int status = 200;
  std::string contentType;
  std::string body; ///< empty: a virtual body of so many bytes
  std::uint32_t bytes = 0;
};

/// What a server says to a request: the head and, unless the method is HEAD, a body.
struct Answer {
  wire::http::Response head;
  wire::Payload body;
};

/// The pages of a server and how it answers for them (RFC 9110). A value, shared when copied.
class Site {
public:
  Site() = default;
  /// From an http-server's valid parameters.
  explicit Site(const ParameterValues &values);

  /// keepAlive: the connection stays open afterwards.
  Answer answer(const wire::http::Request &request, bool keepAlive) const;
  /// An answer of our own, such as 400, with a short page that explains it.
  static Answer error(int status, bool keepAlive);
  const std::vector<Page> &pages() const { return m_pages; }

private:
  const Page *find(std::string_view host, std::string_view path) const;
  std::vector<Page> m_pages;
};

} // namespace packetarium::programs
