// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/cluster_message.h"
#include "core/wire/dissector.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire {
namespace {

std::string_view viewAsText(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// The fields of one line, each where it stands; the line has been read without a fault.
void pushClusterFields(Field &message, const cluster::Message &decoded, std::string_view line) {
  const std::size_t at = message.offset;
  std::size_t from = cluster::magic.size();
  message.children.push_back(Dissector::make("cluster.magic", at, from - 1, "PCM1", "PCM1"));
  message.children.push_back(Dissector::make("cluster.verb", at + from, decoded.verb().size(),
                                             decoded.verb(), decoded.verb()));
  from += decoded.verb().size() + 1;
  for (const auto &[key, value] : decoded.fields()) {
    const std::size_t end = std::min(line.find(' ', from), line.size());
    message.children.push_back(Dissector::make("cluster.field", at + from, end - from,
                                               fmt::format("{} = {}", key, printable(value)),
                                               key + "=" + value));
    from = end + 1;
  }
}

/// One line, with its line feed when it has one. last: a stream may go on in another segment.
Field clusterMessageField(std::size_t at, std::string_view line, bool mayGoOn) {
  Field message = Dissector::make("cluster.message", at, line.size());
  const bool whole = line.back() == '\n';
  const auto decoded = cluster::decode(line);
  if (decoded && (whole || !mayGoOn)) {
    message.value = decoded->label();
    pushClusterFields(message, *decoded, whole ? line.substr(0, line.size() - 1) : line);
  } else if (!whole && mayGoOn) {
    message.value = "goes on in another segment";
  } else {
    Dissector::malformed(message, at, line.size(), decoded.faults()[0].text());
  }
  return message;
}

} // namespace

void dissectCluster(Dissector &d, std::size_t at, std::size_t end) {
  const bool stream = !d.layers.empty() && d.layers.back().abbrev == "tcp";
  Field layer = Dissector::make("cluster", at, end - at);
  const std::string_view text = viewAsText(d.frame.subspan(at, end - at));
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t feed = text.find('\n', from);
    const std::size_t next = feed == std::string_view::npos ? text.size() : feed + 1;
    layer.children.push_back(
        clusterMessageField(at + from, text.substr(from, next - from), stream));
    layer.malformed = layer.malformed || layer.children.back().malformed;
    from = next;
  }
  layer.value = summariseCluster(Payload::of(text)).label;
  d.layers.push_back(std::move(layer));
}

Summary summariseCluster(const Payload &payload) {
  const std::string text = payload.toText();
  const auto lines = std::count(text.begin(), text.end(), '\n');
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view first = std::string_view(text).substr(0, end);
  const auto decoded = cluster::decode(first);
  const std::string_view said = first.substr(std::min(first.size(), cluster::magic.size()));
  std::string label =
      decoded ? decoded->label() : printable(said.substr(0, said.find(' ')), 20) + "?";
  if (lines > 1) label += fmt::format(" (+{})", lines - 1);
  std::string info = said.empty() ? "Malformed message: a verb is missing" : printable(said);
  return {"Cluster", std::move(label), std::move(info)};
}

} // namespace packetarium::wire
