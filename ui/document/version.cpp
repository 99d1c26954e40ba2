// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/version.h"

#include "core/scenario/json.h"

#include <QtGlobal>

namespace packetarium::ui {
namespace {

constexpr int quickly = 1; // of zlib's levels: most of the gain at little of the cost

std::size_t sizeOf(const scenario::Scenario &s) {
  std::size_t bytes = sizeof(scenario::Scenario);
  for (const scenario::Node &node : s.nodes) {
    bytes += sizeof(node) + node.interfaces.size() * sizeof(scenario::Interface) +
             node.routes.size() * sizeof(scenario::StaticRoute) + node.chosen.size() * 96;
    for (const scenario::Program &p : node.programs) bytes += sizeof(p) + p.parameters.size() * 160;
  }
  for (const auto &[node, routes] : s.routes.byNode)
    bytes += 96 + routes.size() * sizeof(scenario::StaticRoute);
  return bytes + s.links.size() * sizeof(scenario::Link) +
         s.script.size() * sizeof(scenario::ScriptEntry) +
         s.phases.size() * sizeof(scenario::PhaseStop);
}

} // namespace

Version::Version(ScenarioPtr value) : m_value(std::move(value)), m_bytes(sizeOf(*m_value)) {}

ScenarioPtr Version::value() {
  if (m_value) return m_value;
  const QByteArray text = qUncompress(m_packed);
  auto read = scenario::parse({text.data(), static_cast<std::size_t>(text.size())},
                              scenario::Accept::Conflicts);
  // What was packed here was a valid document, and its text gives it back (a property test).
  m_value = std::make_shared<const scenario::Scenario>(std::move(read).value());
  m_packed.clear();
  return m_value;
}

void Version::pack() {
  if (isPacked()) return;
  const std::string text = scenario::toJson(*m_value);
  if (text.size() > scenario::Limits::fileBytes) return; // could not be read again
  m_packed = qCompress(reinterpret_cast<const uchar *>(text.data()),
                       static_cast<qsizetype>(text.size()), quickly);
  m_value.reset();
}

void VersionShelf::touch(const VersionPtr &version) {
  m_open.push_back(version);
  m_bytes += version->bytes();
  while (m_bytes > m_bytesMax && m_open.size() > 2) {
    const VersionPtr oldest = m_open.front().lock();
    m_open.pop_front();
    if (!oldest) {
      // Its share of the sum is not known any more: count anew.
      m_bytes = 0;
      for (const auto &open : m_open)
        if (const VersionPtr v = open.lock()) m_bytes += v->bytes();
      continue;
    }
    m_bytes -= oldest->bytes();
    if (oldest != version) oldest->pack();
  }
}

} // namespace packetarium::ui
