// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/version_vector.h"

#include "core/cluster/text.h"

#include <algorithm>

namespace packetarium::cluster {

bool isMemberName(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-~@").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= memberNameBytesMax &&
         std::all_of(name.begin(), name.end(), fits);
}

std::string Dot::text() const { return member + ":" + std::to_string(count); }

Result<Dot> Dot::parse(std::string_view text) {
  const auto [member, count] = cutAt(text, ':');
  const auto number = unsignedOf(count.value_or(""));
  if (!isMemberName(member) || !number || *number == 0)
    return Fault{"", "\"" + std::string(text.substr(0, 80)) +
                         "\" names no write: say member:count, as in a:3"};
  return Dot{std::string(member), *number};
}

std::uint64_t VersionVector::at(std::string_view member) const {
  const auto found = m_counts.find(member);
  return found == m_counts.end() ? 0 : found->second;
}

Dot VersionVector::next(std::string_view member) const {
  return {std::string(member), at(member) + 1};
}

void VersionVector::add(const Dot &dot) {
  if (dot.count == 0) return;
  std::uint64_t &count = m_counts[dot.member];
  count = std::max(count, dot.count);
}

bool VersionVector::covers(const VersionVector &other) const {
  return std::all_of(other.m_counts.begin(), other.m_counts.end(),
                     [this](const auto &entry) { return entry.second <= at(entry.first); });
}

void VersionVector::merge(const VersionVector &other) {
  for (const auto &[member, count] : other.m_counts) add({member, count});
}

Order VersionVector::compare(const VersionVector &other) const {
  const bool here = covers(other), there = other.covers(*this);
  if (here && there) return Order::Equal;
  return here ? Order::After : there ? Order::Before : Order::Concurrent;
}

std::string VersionVector::text() const {
  std::string out;
  for (const auto &[member, count] : m_counts)
    out += (out.empty() ? "" : ",") + Dot{member, count}.text();
  return out;
}

Result<VersionVector> VersionVector::parse(std::string_view text) {
  VersionVector vector;
  if (text.size() > textBytesMax) return Fault{"", "This version vector is too long."};
  for (const std::string_view part : parts(text, ',')) {
    const auto dot = Dot::parse(part);
    if (!dot) return dot.faults();
    if (vector.at(dot->member) != 0)
      return Fault{"", "The version vector names " + dot->member + " twice."};
    if (vector.m_counts.size() == membersMax)
      return Fault{"", "The version vector has too many members."};
    vector.add(*dot);
  }
  return vector;
}

} // namespace packetarium::cluster
