// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/document/document.h"

#include <QByteArray>

#include <cstddef>
#include <deque>
#include <memory>

namespace packetarium::ui {

// One value of the document in its history. Old ones are packed, so that a history of any length
// and documents of any size fit into memory; unpacking one takes as long as opening a file.
class Version {
public:
  explicit Version(ScenarioPtr value);
  [[nodiscard]] ScenarioPtr value();
  void pack();
  [[nodiscard]] bool isPacked() const { return m_value == nullptr; }
  // About what it takes in memory while it is not packed.
  [[nodiscard]] std::size_t bytes() const { return m_bytes; }

private:
  ScenarioPtr m_value;
  QByteArray m_packed;
  std::size_t m_bytes;
};
using VersionPtr = std::shared_ptr<Version>;

// Packs the versions used longest ago when those in the open take too much.
class VersionShelf {
public:
  explicit VersionShelf(std::size_t bytesMax = 64u << 20) : m_bytesMax(bytesMax) {}
  // Was made or used just now.
  void touch(const VersionPtr &version);

private:
  std::size_t m_bytesMax;
  std::size_t m_bytes = 0;
  std::deque<std::weak_ptr<Version>> m_open; // by use; a version may stand here more than once
};

} // namespace packetarium::ui
