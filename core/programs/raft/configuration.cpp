// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/configuration.h"

#include <algorithm>

namespace packetarium::programs::raft {

MemberId Book::find(std::string_view name) const {
  for (std::size_t i = 0; i < m_people.size(); ++i)
    if (m_people[i].name == name) return static_cast<MemberId>(i);
  return nobody;
}

MemberId Book::add(std::string_view name, wire::Ipv4Address address) {
  const MemberId known = find(name);
  if (known != nobody) return known;
  m_people.push_back({std::string(name), address});
  return static_cast<MemberId>(m_people.size() - 1);
}

bool Configuration::has(MemberId id) const {
  return std::find(voters.begin(), voters.end(), id) != voters.end();
}

Configuration Configuration::with(MemberId id) const {
  Configuration c = *this;
  if (!c.has(id)) c.voters.push_back(id);
  return c;
}

Configuration Configuration::without(MemberId id) const {
  Configuration c = *this;
  c.voters.erase(std::remove(c.voters.begin(), c.voters.end(), id), c.voters.end());
  return c;
}

std::string Configuration::text(const Book &book) const {
  std::string out;
  for (const MemberId id : voters)
    out += (out.empty() ? "" : ",") + book.at(id).name + "@" + book.at(id).address.text();
  return out;
}

std::string Configuration::names(const Book &book) const {
  std::string out;
  for (const MemberId id : voters) out += (out.empty() ? "" : ",") + book.at(id).name;
  return out;
}

Configuration Configuration::from(std::string_view text, Book &book) {
  Configuration c;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const std::size_t sign = part.rfind('@');
    if (sign == std::string_view::npos) continue;
    const auto address = wire::Ipv4Address::parse(part.substr(sign + 1));
    if (address) c.voters.push_back(book.add(part.substr(0, sign), *address));
  }
  return c;
}

const std::pair<Index, Configuration> &Configurations::upTo(Index index) const {
  std::size_t i = m_all.size() - 1;
  while (i > 0 && m_all[i].first > index) --i;
  return m_all[i];
}

bool Configurations::cut(Index last) {
  bool gone = false;
  while (m_all.size() > 1 && m_all.back().first > last) {
    m_all.pop_back();
    gone = true;
  }
  return gone;
}

void Configurations::forgetBefore(Index index) {
  while (m_all.size() > 1 && m_all[1].first <= index) m_all.pop_front();
}

void Configurations::reset(Index index, Configuration c) {
  m_all.clear();
  m_all.push_back({index, std::move(c)});
}

} // namespace packetarium::programs::raft
