// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/merge.h"
#include "core/cluster/text.h"

#include <map>

namespace packetarium::cluster {
namespace {

using LineFields = std::map<std::string_view, std::string>;

/// "key=value" with escaped values, each key once; nothing when a field is not of that form.
std::optional<LineFields> fieldsOf(const std::vector<std::string_view> &words, std::size_t from) {
  LineFields fields;
  for (std::size_t i = from; i < words.size(); ++i) {
    const auto [key, escapedValue] = cutAt(words[i], '=');
    const auto value = unescaped(escapedValue.value_or(""));
    if (!escapedValue || !value || !fields.emplace(key, *value).second) return std::nullopt;
  }
  return fields;
}

std::optional<std::string> optionalField(const LineFields &fields, std::string_view key) {
  const auto at = fields.find(key);
  return at == fields.end() ? std::nullopt : std::optional(at->second);
}

std::string textField(const LineFields &fields, std::string_view key) {
  return optionalField(fields, key).value_or("");
}

/// 1 when it is not said; nothing when it is no count.
std::optional<std::uint32_t> writesOf(const LineFields &fields) {
  const auto said = optionalField(fields, "writes");
  const auto count = said ? unsignedOf(*said) : std::optional<std::uint64_t>(1);
  if (!count || *count == 0 || *count > 0xffffffffU) return std::nullopt;
  return static_cast<std::uint32_t>(*count);
}

std::string lineOf(const Version &v) {
  std::string line = v.dot.text() + " seen=" + v.seen.text() +
                     " at=" + std::to_string(v.stamp.ns()) + " writes=" + std::to_string(v.writes) +
                     " type=" + std::string(name(v.type));
  if (v.before) line += " before=" + escaped(*v.before);
  if (v.value) line += " value=" + escaped(*v.value);
  return line + " operation=" + escaped(v.operation);
}

std::optional<Version> versionOf(std::string_view line) {
  const auto words = parts(line, ' ');
  const auto dot = Dot::parse(words.empty() ? "" : words.front());
  const auto fields = fieldsOf(words, 1);
  if (!dot || !fields) return std::nullopt;
  const auto seen = VersionVector::parse(textField(*fields, "seen"));
  const auto stamp = signedOf(textField(*fields, "at"));
  const auto writes = writesOf(*fields);
  const auto type = dataType(textField(*fields, "type"));
  if (!seen || !stamp || !writes || !type) return std::nullopt;
  return Version{*dot,
                 *seen,
                 SimTime::fromNs(*stamp),
                 *writes,
                 *type,
                 textField(*fields, "operation"),
                 optionalField(*fields, "before"),
                 optionalField(*fields, "value")};
}

std::optional<LostWrite> lostOf(std::string_view line) {
  const auto words = parts(line, ' ');
  if (words.size() < 2 || words[0] != "lost") return std::nullopt;
  const auto dot = Dot::parse(words[1]);
  const auto fields = fieldsOf(words, 2);
  const auto writes = fields ? writesOf(*fields) : std::nullopt;
  if (!dot || !writes) return std::nullopt;
  return LostWrite{*dot, *writes, textField(*fields, "operation"), textField(*fields, "why")};
}

Fault notALine(std::string_view line) {
  return Fault{"", "This is no line of a conflict: " + std::string(line.substr(0, 80))};
}

} // namespace

std::string text(const std::vector<Version> &versions) {
  std::string out;
  for (const Version &v : versions) out += (out.empty() ? "" : "\n") + lineOf(v);
  return out;
}

Result<std::vector<Version>> parseVersions(std::string_view text) {
  const auto lines = parts(text, '\n');
  if (lines.empty() || lines.size() > versionsMax)
    return Fault{"", "A conflict is between 1 and 16 versions."};
  std::vector<Version> versions;
  for (const std::string_view line : lines) {
    auto version = versionOf(line);
    if (!version) return notALine(line);
    versions.push_back(std::move(*version));
  }
  return versions;
}

std::string text(const Outcome &outcome) {
  std::string out = outcome.story;
  for (const LostWrite &lost : outcome.lost)
    out += "\nlost " + lost.dot.text() + " writes=" + std::to_string(lost.writes) +
           " operation=" + escaped(lost.operation) + " why=" + escaped(lost.why);
  return out;
}

Result<MergedText> parseMerged(std::string_view text) {
  MergedText merged;
  const auto lines = parts(text, '\n');
  if (lines.size() > versionsMax + 1) return Fault{"", "Too many lines."};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i == 0) {
      merged.story = lines[0];
      continue;
    }
    auto lost = lostOf(lines[i]);
    if (!lost) return notALine(lines[i]);
    merged.lost.push_back(std::move(*lost));
  }
  return merged;
}

} // namespace packetarium::cluster
