// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/multi_primary/replica.h"

namespace packetarium::programs::multi {

using wire::cluster::Message;

std::string Write::operation() const {
  return verb + " " + key + (argument ? " " + *argument : verb == "remove" ? "" : " -");
}

Message messageOf(const Write &w) {
  Message m("write");
  m.add("key", w.key).add("dot", w.dot.text()).add("verb", w.verb);
  if (w.argument) m.add("value", *w.argument);
  m.add("stamp", w.stamp.ns()).add("seen", w.seen.text());
  if (w.before) m.add("before", *w.before);
  if (w.result) m.add("result", *w.result);
  if (w.over) m.add("over", w.over->text());
  if (!w.once.empty()) m.add("once", w.once);
  return m;
}

std::optional<Write> writeOf(const Message &m) {
  const auto dot = cluster::Dot::parse(m.text("dot"));
  const auto seen = cluster::VersionVector::parse(m.text("seen"));
  const auto stamp = m.number("stamp");
  const auto verb = m.text("verb");
  const bool known = verb == "write" || verb == "add" || verb == "remove";
  if (!m.is("write") || !dot || !seen || !stamp || !known || m.text("key").empty())
    return std::nullopt;
  // A write that claims to have seen itself would be replaced by itself.
  if (seen->covers(*dot)) return std::nullopt;
  std::optional<cluster::Dot> over;
  if (m.has("over")) {
    const auto read = cluster::Dot::parse(m.text("over"));
    if (!read || !seen->covers(*read)) return std::nullopt;
    over = *read;
  }
  const auto optionalText = [&m](std::string_view key) {
    return m.has(key) ? std::optional<std::string>(m.text(key)) : std::nullopt;
  };
  return Write{*dot,
               SimTime::fromNs(*stamp),
               *seen,
               std::string(verb),
               std::string(m.text("key")),
               optionalText("value"),
               optionalText("before"),
               optionalText("result"),
               over,
               std::string(m.text("once"))};
}

} // namespace packetarium::programs::multi
