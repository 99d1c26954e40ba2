// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace packetarium::programs::quorum {

/// What a client's session has seen of each key, as it travels in at= and after=: a token of
/// KeyState for each, "cart=a:3;seat=b:1", keys escaped. What is none of that has seen nothing.
class SessionMark {
public:
  static SessionMark parse(std::string_view text);
  /// Empty: nothing seen. It lies in the mark, which must outlive it.
  std::string_view of(std::string_view key) const &;
  std::string_view of(std::string_view key) const && = delete;
  void set(std::string_view key, std::string token);
  std::string text() const;

private:
  std::map<std::string, std::string, std::less<>> m_tokens;
};

} // namespace packetarium::programs::quorum
