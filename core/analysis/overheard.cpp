// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/overheard.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::analysis {

std::string_view name(Exposure exposure) {
  switch (exposure) {
  case Exposure::Readable: return "readable";
  case Exposure::Metadata: return "metadata";
  case Exposure::Hidden: return "hidden";
  }
  return {};
}

std::string_view name(ConversationKind kind) {
  switch (kind) {
  case ConversationKind::Unknown: return "no data yet";
  case ConversationKind::Http: return "HTTP";
  case ConversationKind::Tls: return "TLS";
  case ConversationKind::Dns: return "DNS";
  case ConversationKind::Voice: return "voice";
  case ConversationKind::Plain: return "plain bytes";
  }
  return {};
}

std::string Conversation::EndPoint::text() const {
  return fmt::format("{}:{}", address.text(), port);
}

std::size_t Conversation::list(OverheardItem item) {
  if (items.size() >= itemsMax) {
    ++unlisted;
    unlistedBytes += item.bytes;
    return items.size();
  }
  items.push_back(std::move(item));
  return items.size() - 1;
}

std::string Conversation::kindText() const {
  if (kind == ConversationKind::Tls && !version.empty()) return version;
  if (kind == ConversationKind::Unknown && tcp) return "TCP";
  return std::string(analysis::name(kind));
}

std::string Conversation::summary() const {
  switch (kind) {
  case ConversationKind::Unknown: return "Only headers have passed: who talks to whom.";
  case ConversationKind::Http: {
    const bool cookies = std::any_of(items.begin(), items.end(), [](const OverheardItem &i) {
      return i.what == "Cookie" || i.what == "Set-Cookie" || i.what == "credentials";
    });
    return cookies ? "Every byte can be read, and whoever has the cookie or password can use it."
                   : "Every byte can be read.";
  }
  case ConversationKind::Tls:
    return fmt::format("{}, sizes and times; of what was said, nothing.",
                       name.empty() ? "The addresses" : "The server's name");
  case ConversationKind::Dns: return "The names that are asked for, and the answers.";
  case ConversationKind::Voice: return "The speech can be listened to.";
  case ConversationKind::Plain: return "Every byte can be read.";
  }
  return {};
}

} // namespace packetarium::analysis
