// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "core/scenario/validate.h"

#include <fmt/format.h>

namespace packetarium::scenario {
namespace {

/// The place in the tree which a path by ids leads to, and its path by indices.
struct Place {
  Json *object = nullptr; ///< holds the key
  std::string key;
  std::string path; ///< as faults name it
};

std::string_view takeWord(std::string_view &path) {
  const std::size_t dot = path.find('.');
  const std::string_view word = path.substr(0, dot);
  path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  return word;
}

std::vector<std::string_view> namesIn(const Json &container) {
  std::vector<std::string_view> names;
  if (container.is_object())
    for (const auto &[key, value] : container.items()) names.push_back(key);
  else
    for (const Json &element : container)
      if (element.contains("id")) names.push_back(element["id"].get_ref<const std::string &>());
  return names;
}

/// Walks down the tree by ids and keys until one key is left.
class Descent {
public:
  explicit Descent(Json &root) : m_at(&root) {}

  Result<Place> run(std::string_view path) {
    while (true) {
      const std::string_view word = takeWord(path);
      if (word.empty()) return Fault{m_done, "a name is missing after it"};
      if (word == "id") return Fault{m_done, "an id never changes; set the name instead"};
      enterParameters(word);
      if (path.empty() && m_at->is_object()) {
        extend(word);
        return Place{m_at, std::string(word), m_path};
      }
      Json *next = m_at->is_array() ? element(word) : member(word);
      if (next == nullptr) return missing(word);
      m_done += (m_done.empty() ? "" : ".") + std::string(word);
      if (path.empty()) return Fault{m_done, "name one of its values" + hintAmong("", keys(*next))};
      m_at = next;
    }
  }

private:
  static std::vector<std::string_view> keys(const Json &container) {
    std::vector<std::string_view> names = namesIn(container);
    std::erase(names, "id"); // the one thing that never changes
    return names;
  }
  void extend(std::string_view key) { m_path += (m_path.empty() ? "" : ".") + std::string(key); }
  Json *element(std::string_view id) {
    for (std::size_t i = 0; i < m_at->size(); ++i) {
      Json &candidate = (*m_at)[i];
      if (!candidate.is_object() || candidate.value("id", "") != id) continue;
      m_path += fmt::format("[{}]", i);
      m_inPrograms = m_path.find("].programs[") != std::string::npos;
      return &candidate;
    }
    return nullptr;
  }
  Json *member(std::string_view key) {
    const auto found = m_at->find(key);
    if (found == m_at->end() || !found->is_structured()) return nullptr;
    extend(key);
    return &*found;
  }
  /// A parameter of a program is named without the word between.
  void enterParameters(std::string_view word) {
    if (!m_inPrograms || word == "kind") return;
    m_inPrograms = false;
    if (word == "parameters") return;
    extend("parameters");
    m_at = &(*m_at)["parameters"];
    if (m_at->is_null()) *m_at = Json::object();
  }
  Fault missing(std::string_view word) const {
    const std::string where = m_done.empty() ? "the scenario" : printable(m_done);
    return {printable(m_done),
            where + " has no " + inQuotes(word) + hintAmong(word, namesIn(*m_at))};
  }

  Json *m_at;
  std::string m_done; ///< the words taken so far
  std::string m_path; ///< the same by indices
  bool m_inPrograms = false;
};

/// The document with one value replaced, or what speaks against it.
Result<Scenario> replaced(const Json &root, std::string_view path, const Json &value) {
  Json changed = root;
  const auto place = Descent(changed).run(path);
  if (!place.ok()) return place.faults();
  (*place->object)[place->key] = value;
  FaultList faults;
  Scenario scenario = fromTree(changed, faults);
  if (faults.empty()) return scenario;
  std::vector<Fault> named;
  for (Fault &fault : faults.take()) {
    if (fault.path == place->path) fault.path = path;
    named.push_back(std::move(fault));
  }
  return named;
}

} // namespace

Status applySetting(Scenario &scenario, std::string_view setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return Fault{"", inQuotes(setting) + " is no setting; write PATH=VALUE such as "
                                         "links.l1.rate_bps=1000000"};
  const std::string_view path = setting.substr(0, equals);
  const std::string text(setting.substr(equals + 1));
  const Json root = Json::parse(toJson(scenario));
  FaultList ignored;
  const Json value = parseTree(text, ignored);
  const bool scalar = ignored.empty() && (value.is_primitive() && !value.is_null());
  Result<Scenario> result = replaced(root, path, scalar ? value : Json(text));
  // A name may look like a number: what is no good as such may do as text.
  if (!result.ok() && scalar && !value.is_string()) {
    Result<Scenario> asText = replaced(root, path, Json(text));
    if (asText.ok()) result = std::move(asText);
  }
  if (!result.ok()) return result.faults();
  scenario = std::move(result).value();
  return Done{};
}

} // namespace packetarium::scenario
