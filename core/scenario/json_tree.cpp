// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/json_tree.h"

#include "core/scenario/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace packetarium::scenario {
namespace {

/// Values a document may hold in all: bounds the memory of the tree.
constexpr std::size_t valuesMax = 4'000'000;

/// position: how many bytes were read when the fault showed; the last of them is to blame.
std::string lineAndColumn(std::string_view text, std::size_t position) {
  const std::size_t at = std::min(position == 0 ? 0 : position - 1, text.size());
  const std::string_view before = text.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t lineEnd = before.rfind('\n');
  const std::size_t start = lineEnd == std::string_view::npos ? 0 : lineEnd + 1;
  return fmt::format("line {}, column {}", line, at - start + 1);
}

/// The library's message without its own code, position and echo of the text.
std::string reason(std::string_view what) {
  for (const std::string_view mark : {"] ", ": syntax error while ", " - "}) {
    const std::size_t at = what.find(mark);
    if (at != std::string_view::npos) what.remove_prefix(at + mark.size());
  }
  std::string text(what.substr(0, what.find("; last read: ")));
  const std::size_t expected = what.rfind("; expected ");
  if (expected != std::string_view::npos && expected >= text.size()) text += what.substr(expected);
  if (text.size() > 300) text.resize(300);
  for (char &c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  return isPlainText(text) ? text : "text that is no valid UTF-8";
}

class TreeBuilder : public nlohmann::json_sax<Json> {
public:
  TreeBuilder(std::string_view text, FaultList &faults) : m_text(text), m_faults(faults) {}

  bool null() override { return put(nullptr) != nullptr; }
  bool boolean(bool v) override { return put(v) != nullptr; }
  bool number_integer(number_integer_t v) override { return put(v) != nullptr; }
  bool number_unsigned(number_unsigned_t v) override { return put(v) != nullptr; }
  bool number_float(number_float_t v, const string_t &) override { return put(v) != nullptr; }
  bool string(string_t &v) override { return put(std::move(v)) != nullptr; }
  bool binary(binary_t &) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t &name) override {
    m_open.back().key = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string &,
                   const nlohmann::detail::exception &error) override {
    m_faults.add(lineAndColumn(m_text, position), "not valid JSON: " + reason(error.what()));
    return m_broken = true, false;
  }

  Json take() { return m_broken ? Json() : std::move(m_root); }

private:
  struct Level {
    Json *value;
    std::string key; ///< of the member being read
  };

  std::string path() const {
    std::string text;
    for (const Level &level : m_open) {
      if (level.value->is_array())
        text += fmt::format("[{}]", level.value->size() - (&level == &m_open.back() ? 0 : 1));
      else
        text += (text.empty() ? "" : ".") + printable(level.key);
    }
    return text;
  }

  bool refuse(std::string message) {
    m_faults.add(path(), std::move(message));
    m_broken = true;
    return false;
  }

  /// Puts a value where it belongs and gives its place; null ends the reading.
  Json *put(Json value) {
    if (++m_values > valuesMax) {
      refuse(fmt::format("the file holds more than {} values", valuesMax));
      return nullptr;
    }
    if (m_open.empty()) return &(m_root = std::move(value));
    Level &level = m_open.back();
    if (level.value->is_array()) {
      level.value->push_back(std::move(value));
      return &level.value->back();
    }
    const auto [at, fresh] = level.value->emplace(level.key, value);
    if (!fresh) {
      m_faults.add(path(), "this key is given twice; keep one");
      *at = std::move(value);
    }
    return &*at;
  }

  bool open(Json container) {
    if (m_open.size() >= static_cast<std::size_t>(Limits::depth))
      return refuse(fmt::format("nested deeper than {} levels", Limits::depth));
    Json *place = put(std::move(container));
    if (place == nullptr) return false;
    m_open.push_back({place, {}});
    return true;
  }

  bool close() {
    m_open.pop_back();
    return true;
  }

  std::string_view m_text;
  FaultList &m_faults;
  Json m_root;
  std::vector<Level> m_open;
  std::size_t m_values = 0;
  bool m_broken = false;
};

} // namespace

Json parseTree(std::string_view text, FaultList &faults) {
  if (text.size() > Limits::fileBytes) {
    faults.add("", fmt::format("the file has {} bytes; at most {} are read", text.size(),
                               Limits::fileBytes));
    return {};
  }
  TreeBuilder builder(text, faults);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

} // namespace packetarium::scenario
