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

Result<Place> descend(Json &root, std::string_view path) {
  Place place{&root, "", ""};
  std::string done;
  while (true) {
    const std::string_view word = takeWord(path);
    if (word.empty()) return Fault{std::string(done), "a name is missing after it"};
    Json *next = nullptr;
    if (place.object->is_array()) {
      std::size_t i = 0;
      for (Json &element : *place.object) {
        if (element.value("id", "") == word) {
          next = &element;
          place.path += fmt::format("[{}]", i);
        }
        ++i;
      }
    } else {
      // A parameter of a program is named without the word between.
      const bool parameter = done.find("programs.") != std::string::npos && word != "id" &&
                             word != "kind" && word != "parameters" &&
                             place.object->contains("kind") && !place.object->contains("interfaces");
      if (parameter) {
        place.object = &(*place.object)["parameters"];
        if (place.object->is_null()) *place.object = Json::object();
        place.path += ".parameters";
      }
      if (path.empty()) {
        place.key = word;
        place.path += (place.path.empty() ? "" : ".") + std::string(word);
        return place;
      }
      const auto at = place.object->find(word);
      if (at != place.object->end() && at->is_structured()) {
        next = &*at;
        place.path += (place.path.empty() ? "" : ".") + std::string(word);
      }
    }
    if (next == nullptr) {
      const std::string where = done.empty() ? "the scenario" : printable(done);
      return Fault{std::string(printable(done)),
                   fmt::format("{} has no {}{}", where, inQuotes(word),
                               hintAmong(word, namesIn(*place.object)))};
    }
    done += (done.empty() ? "" : ".") + std::string(word);
    if (path.empty()) return Fault{done, "name one of its values" + hintAmong("", namesIn(*next))};
    place.object = next;
  }
}

/// The document with one value replaced, or what speaks against it.
Result<Scenario> replaced(const Json &root, std::string_view path, const Json &value) {
  Json changed = root;
  const auto place = descend(changed, path);
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
