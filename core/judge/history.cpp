// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/history.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

namespace packetarium::judge {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t linesMax = 1'000'000;
constexpr std::size_t lineBytesMax = 64u << 10;
constexpr std::array kinds = {OperationKind::Read, OperationKind::Write, OperationKind::Cas,
                              OperationKind::Append};

std::optional<OperationKind> kindOf(std::string_view text) {
  for (const OperationKind kind : kinds)
    if (name(kind) == text) return kind;
  return std::nullopt;
}

/// What one line says, taken apart.
struct HistoryLine {
  std::string process;
  std::string type;
  std::optional<OperationKind> kind;
  std::optional<std::string> key;
  SimTime at;
  bool hasValue = false;
  Value value, expected; ///< expected: of a pair
  bool isPair = false;
};

/// Fills a HistoryLine member by member; the first thing that is wrong is kept as a message.
class LineReader {
public:
  explicit LineReader(const Json &object) : m_object(object) {}

  std::optional<HistoryLine> read() {
    HistoryLine line;
    readProcess(line);
    readType(line);
    readKind(line);
    readKey(line);
    readTime(line);
    readValue(line);
    if (!m_wrong.empty()) return std::nullopt;
    return line;
  }
  const std::string &wrong() const { return m_wrong; }

private:
  const Json *member(const char *key) const {
    const auto at = m_object.find(key);
    return at == m_object.end() ? nullptr : &*at;
  }
  void complain(std::string text) {
    if (m_wrong.empty()) m_wrong = std::move(text);
  }
  static std::optional<std::string> scalar(const Json &value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number()) return value.dump();
    return std::nullopt;
  }

  void readProcess(HistoryLine &line) {
    const Json *const at = member("process");
    if (at == nullptr) return complain("process is missing");
    if (const auto text = scalar(*at))
      line.process = *text;
    else
      complain("process must be a number or a string");
  }
  void readType(HistoryLine &line) {
    const Json *const at = member("type");
    if (at != nullptr && at->is_string()) line.type = at->get<std::string>();
    if (line.type != "invoke" && line.type != "ok" && line.type != "fail" && line.type != "info")
      complain("type must be invoke, ok, fail or info");
  }
  void readKind(HistoryLine &line) {
    const Json *const at = member("f");
    if (at == nullptr && line.type != "invoke") return;
    if (at != nullptr && at->is_string()) line.kind = kindOf(at->get_ref<const std::string &>());
    if (!line.kind) complain("f must be read, write, cas or append");
  }
  void readKey(HistoryLine &line) {
    const Json *const at = member("key");
    if (at == nullptr || at->is_null()) return;
    line.key = scalar(*at);
    if (!line.key) complain("key must be a string or a number");
  }
  void readTime(HistoryLine &line) {
    const Json *const at = member("t_ns");
    if (at == nullptr || at->is_null()) return;
    if (!at->is_number_integer()) return complain("t_ns must be a whole number");
    if (at->is_number_unsigned() && at->get<std::uint64_t>() > std::uint64_t{INT64_MAX})
      return complain("t_ns is too large");
    line.at = SimTime::fromNs(at->get<std::int64_t>());
  }
  void readValue(HistoryLine &line) {
    const Json *const at = member("value");
    if (at == nullptr || at->is_null()) return;
    line.hasValue = true;
    if (at->is_array()) return readPair(line, *at);
    line.value = scalar(*at);
    if (!line.value) complain("value must be a number, a string, null, or [from, to] of a cas");
  }
  void readPair(HistoryLine &line, const Json &pair) {
    line.isPair = true;
    if (pair.size() != 2) return complain("the value of a cas must be [from, to]");
    if (!pair[0].is_null()) line.expected = scalar(pair[0]);
    line.value = scalar(pair[1]);
    if (!line.value || (!pair[0].is_null() && !line.expected))
      complain("the value of a cas must be [from, to], each a number or a string");
  }

  const Json &m_object;
  std::string m_wrong;
};

/// Puts the lines together: a completion belongs to its process's open operation.
class HistoryBuilder {
public:
  explicit HistoryBuilder(ReadOptions options) : m_options(options) {}

  /// Gives what is wrong with the line; empty when nothing is.
  std::string take(const HistoryLine &line) {
    return line.type == "invoke" ? begin(line) : complete(line);
  }
  /// An invoke whose value never came has nothing to judge: the line that is at fault, or 0.
  std::size_t unfinishedLine() const {
    for (std::size_t i = 0; i < m_history.operations.size(); ++i) {
      const Operation &o = m_history.operations[i];
      if (o.changes() && !o.argument && o.outcome == Outcome::Info) return m_lines[i];
    }
    return 0;
  }
  void setLine(std::size_t number) { m_line = number; }
  History take() { return std::move(m_history); }

private:
  std::string begin(const HistoryLine &line) {
    Operation o;
    o.process = line.process;
    o.key = line.key.value_or("");
    o.kind = *line.kind;
    o.invoked = line.at;
    o.invokeOrder = m_order++;
    if (o.changes())
      if (std::string wrong = setArguments(o, line); !wrong.empty()) return wrong;
    m_open[line.process] = m_history.operations.size();
    m_history.operations.push_back(std::move(o));
    m_lines.push_back(m_line);
    return {};
  }

  static std::string setArguments(Operation &o, const HistoryLine &line) {
    if (!line.hasValue) return {};
    if (line.isPair != (o.kind == OperationKind::Cas))
      return o.kind == OperationKind::Cas ? "the value of a cas must be [from, to]"
                                          : "the value must be a number or a string";
    if (o.argument && (o.argument != line.value || o.expected != line.expected))
      return "the value is not the one of the invoke";
    o.argument = line.value;
    o.expected = line.expected;
    return {};
  }

  std::string complete(const HistoryLine &line) {
    const auto open = m_open.find(line.process);
    if (open == m_open.end()) return "process " + line.process + " has no open operation";
    Operation &o = m_history.operations[open->second];
    if (line.kind && *line.kind != o.kind)
      return "f is not the invoke's, which was " + std::string(name(o.kind));
    if (line.key && *line.key != o.key) return "key is not the invoke's, which was " + o.key;
    m_open.erase(open);
    return finish(o, line);
  }

  std::string finish(Operation &o, const HistoryLine &line) {
    o.returned = line.at;
    o.outcome = line.type == "ok"     ? Outcome::Ok
                : line.type == "fail" ? Outcome::Fail
                                      : Outcome::Info;
    if (o.outcome != Outcome::Info) o.returnOrder = m_order++;
    if (o.changes()) {
      if (std::string wrong = setArguments(o, line); !wrong.empty()) return wrong;
      if (!o.argument && o.outcome == Outcome::Ok)
        return "a " + std::string(name(o.kind)) + " needs a value";
      return {};
    }
    if (o.outcome != Outcome::Ok) return {};
    if (line.isPair) return "what a read gave must be a number, a string or null";
    o.result = line.value;
    o.resultKnown = line.hasValue || !m_options.nullIsAny;
    return {};
  }

  ReadOptions m_options;
  History m_history;
  std::vector<std::size_t> m_lines; ///< of the invokes
  std::unordered_map<std::string, std::size_t> m_open;
  std::size_t m_order = 0;
  std::size_t m_line = 0;
};

Fault lineFault(std::size_t number, std::string message) {
  return {"line " + std::to_string(number), std::move(message)};
}

bool isBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// Takes one line in; gives what is wrong with it.
std::string readLine(HistoryBuilder &builder, std::string_view text) {
  if (text.size() > lineBytesMax) return "longer than " + std::to_string(lineBytesMax) + " bytes";
  const Json object = Json::parse(text.begin(), text.end(), nullptr, false);
  if (object.is_discarded()) return "not JSON";
  if (!object.is_object()) return "must be a JSON object";
  LineReader reader(object);
  const auto line = reader.read();
  return line ? builder.take(*line) : reader.wrong();
}

/// A value as it is written: whole numbers as numbers.
Json written(const Value &value) {
  if (!value) return nullptr;
  const std::string &text = *value;
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  const bool digits = text.size() > first && text.size() < first + 16 &&
                      text.find_first_not_of("0123456789", first) == std::string::npos;
  const bool plain = digits && (text[first] != '0' || text.size() == 1);
  return plain ? Json(std::stoll(text)) : Json(text);
}

Json lineOf(const Operation &o, std::string_view type, SimTime at) {
  Json line = {{"process", written(o.process)}, {"type", type}, {"f", name(o.kind)}};
  if (!o.key.empty()) line["key"] = o.key;
  if (o.kind == OperationKind::Cas)
    line["value"] = Json::array({written(o.expected), written(o.argument)});
  else if (o.kind == OperationKind::Read)
    line["value"] = type == "ok" ? written(o.result) : Json(nullptr);
  else
    line["value"] = written(o.argument);
  line["t_ns"] = at.ns();
  return line;
}

/// A line to be, and where it stands: at a place, after all that stand there with a lower rank.
struct WrittenLine {
  std::size_t order = 0;
  int rank = 0;
  std::size_t operation = 0;
  bool invoke = false;
};

/// The place of an info's line: before the process's next invocation and what came later.
std::size_t placeOfInfo(const std::vector<WrittenLine> &lines, const History &history,
                        std::size_t operation) {
  const Operation &info = history.operations[operation];
  auto after = std::upper_bound(
      lines.begin(), lines.end(), info.invokeOrder,
      [](std::size_t order, const WrittenLine &line) { return order < line.order; });
  for (; after != lines.end(); ++after) {
    const WrittenLine &line = *after;
    const Operation &o = history.operations[line.operation];
    const SimTime at = line.invoke ? o.invoked : *o.returned;
    if (at > *info.returned || (line.invoke && o.process == info.process)) return line.order;
  }
  return Operation::never;
}

} // namespace

std::string_view name(OperationKind kind) {
  switch (kind) {
  case OperationKind::Read: return "read";
  case OperationKind::Write: return "write";
  case OperationKind::Cas: return "cas";
  case OperationKind::Append: return "append";
  }
  return "";
}

std::string_view name(Outcome outcome) {
  switch (outcome) {
  case Outcome::Ok: return "ok";
  case Outcome::Fail: return "fail";
  case Outcome::Info: return "info";
  }
  return "";
}

std::string text(const Operation &o) {
  const auto shown = [](const Value &value) { return value ? *value : std::string("nothing"); };
  std::string out(name(o.kind));
  if (!o.key.empty()) out += " " + o.key;
  if (o.kind == OperationKind::Cas) out += " " + shown(o.expected);
  if (o.kind == OperationKind::Cas || o.kind == OperationKind::Read) out += " →";
  if (o.kind != OperationKind::Read) return out + " " + shown(o.argument);
  return out + " " + (o.resultKnown ? shown(o.result) : std::string("?"));
}

Result<History> readHistory(std::string_view jsonLines, ReadOptions options) {
  HistoryBuilder builder(options);
  std::size_t number = 0;
  while (!jsonLines.empty()) {
    const std::size_t end = std::min(jsonLines.find('\n'), jsonLines.size());
    const std::string_view line = jsonLines.substr(0, end);
    jsonLines.remove_prefix(std::min(end + 1, jsonLines.size()));
    if (++number > linesMax)
      return lineFault(number, "more than " + std::to_string(linesMax) + " lines");
    if (isBlank(line)) continue;
    builder.setLine(number);
    if (std::string wrong = readLine(builder, line); !wrong.empty())
      return lineFault(number, std::move(wrong));
  }
  if (const std::size_t line = builder.unfinishedLine(); line != 0)
    return lineFault(line, "a value is missing here and at the completion");
  return builder.take();
}

std::string writeHistory(const History &history) {
  std::vector<WrittenLine> lines;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    const Operation &o = history.operations[i];
    lines.push_back({o.invokeOrder, 1, i, true});
    if (o.returnOrder != Operation::never && o.returned)
      lines.push_back({o.returnOrder, 1, i, false});
  }
  const auto byPlace = [](const WrittenLine &a, const WrittenLine &b) {
    return std::pair(a.order, a.rank) < std::pair(b.order, b.rank);
  };
  std::sort(lines.begin(), lines.end(), byPlace);
  std::vector<WrittenLine> infos;
  for (std::size_t i = 0; i < history.operations.size(); ++i)
    if (const Operation &o = history.operations[i]; o.returnOrder == Operation::never && o.returned)
      infos.push_back({placeOfInfo(lines, history, i), 0, i, false});
  lines.insert(lines.end(), infos.begin(), infos.end());
  std::stable_sort(lines.begin(), lines.end(), byPlace);
  std::string out;
  for (const WrittenLine &line : lines) {
    const Operation &o = history.operations[line.operation];
    const Json json =
        line.invoke ? lineOf(o, "invoke", o.invoked) : lineOf(o, name(o.outcome), *o.returned);
    out += json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return out;
}

std::vector<std::pair<std::string, std::vector<std::size_t>>> byKey(const History &history) {
  std::map<std::string, std::vector<std::size_t>> keys;
  for (std::size_t i = 0; i < history.operations.size(); ++i)
    keys[history.operations[i].key].push_back(i);
  return {keys.begin(), keys.end()};
}

} // namespace packetarium::judge
