// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/quorum_store/session_mark.h"

#include "core/cluster/text.h"

namespace packetarium::programs::quorum {

namespace {

/// A session that has seen more keys than this is no longer protected on some of them.
constexpr std::size_t markedKeysMax = 200;

} // namespace

SessionMark SessionMark::parse(std::string_view text) {
  SessionMark mark;
  for (const std::string_view entry : cluster::parts(text, ';')) {
    const auto [name, token] = cluster::cutAt(entry, '=');
    const auto key = cluster::unescaped(name);
    if (key && token) mark.set(*key, std::string(*token));
  }
  return mark;
}

std::string_view SessionMark::of(std::string_view key) const & {
  const auto at = m_tokens.find(key);
  return at == m_tokens.end() ? std::string_view{} : std::string_view(at->second);
}

void SessionMark::set(std::string_view key, std::string token) {
  if (m_tokens.size() < markedKeysMax || m_tokens.find(key) != m_tokens.end())
    m_tokens.insert_or_assign(std::string(key), std::move(token));
}

std::string SessionMark::text() const {
  std::string out;
  for (const auto &[key, token] : m_tokens)
    out += (out.empty() ? "" : ";") + cluster::escaped(key) + "=" + token;
  return out;
}

} // namespace packetarium::programs::quorum
