// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/judging.h"

#include "app/cli/commands.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace packetarium::cli {
namespace {

using judge::History;
using judge::LinearizabilityVerdict;
using judge::Operation;
using judge::Verdict;
using Ordered = nlohmann::ordered_json;

/// A million lines of a history have room in it.
constexpr std::size_t fileBytesMax = 1u << 30;

Result<std::string> contentsOf(const std::string &file) {
  const auto readAll = [](std::istream &in) {
    std::string text;
    char part[1 << 16];
    while (text.size() < fileBytesMax && (in.read(part, sizeof part) || in.gcount() > 0))
      text.append(part, static_cast<std::size_t>(in.gcount()));
    return text;
  };
  if (file == "-") return readAll(std::cin);
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text = readAll(in);
  const int error = errno;
  if (in.bad() || !in.is_open() || (error == EISDIR && text.empty()))
    return Fault{"",
                 fmt::format("cannot read {}: {}", file, std::strerror(error != 0 ? error : EIO))};
  return text;
}

int unusable(const std::vector<Fault> &faults) {
  fail(faults);
  return WrongUsage;
}

/// What the model has no operations for.
std::vector<Fault> notOf(judge::Model model, const History &history) {
  for (const Operation &o : history.operations)
    if (!judge::has(model, o.kind))
      return {{"", fmt::format("a {} has no {}: choose another --model", judge::name(model),
                               judge::name(o.kind))}};
  return {};
}

Ordered valueJson(const judge::Value &value) { return value ? Ordered(*value) : Ordered(nullptr); }

Ordered operationJson(const Operation &o) {
  Ordered object = {{"process", o.process}, {"f", judge::name(o.kind)}, {"key", o.key}};
  if (o.kind == judge::OperationKind::Cas)
    object["value"] = {valueJson(o.expected), valueJson(o.argument)};
  else
    object["value"] = valueJson(o.changes() ? o.argument : o.result);
  object["type"] = judge::name(o.outcome);
  object["invoke_t_ns"] = o.invoked.ns();
  object["return_t_ns"] = o.returned ? Ordered(o.returned->ns()) : Ordered(nullptr);
  return object;
}

Ordered verdictJson(Verdict verdict) {
  if (verdict == Verdict::Unknown) return "unknown";
  return verdict == Verdict::True;
}

void printVerdictJson(const History &history, judge::Model model, const LinearizabilityVerdict &v) {
  const auto offending = [&](const std::optional<std::size_t> &i) {
    return i ? operationJson(history.operations[*i]) : Ordered(nullptr);
  };
  Ordered object = {{"linearizable", verdictJson(v.verdict)},
                    {"model", judge::name(model)},
                    {"operations", history.operations.size()},
                    {"offending", offending(v.offending)},
                    {"keys", Ordered::array()}};
  for (const judge::KeyVerdict &key : v.keys) {
    Ordered order = Ordered::array();
    for (const std::size_t i : key.order) order.push_back(judge::text(history.operations[i]));
    object["keys"].push_back({{"key", key.key},
                              {"linearizable", verdictJson(key.verdict)},
                              {"operations", key.operations},
                              {"offending", offending(key.offending)},
                              {"order", std::move(order)},
                              {"why", key.why}});
  }
  fmt::print("{}\n", object.dump(2, ' ', false, Ordered::error_handler_t::replace));
}

void printVerdict(const History &history, const LinearizabilityVerdict &v) {
  fmt::print("linearizable: {}\n", judge::name(v.verdict));
  const auto counted = [](std::size_t count, const char *what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  fmt::print("{}, {}\n", counted(history.operations.size(), "operation"),
             counted(v.keys.size(), "key"));
  for (const judge::KeyVerdict &key : v.keys) {
    if (key.verdict == Verdict::True) continue;
    fmt::print("{}{}\n", key.key.empty() ? "" : "key " + key.key + ": ", key.why);
    if (key.verdict != Verdict::False || key.order.empty()) continue;
    fmt::print("  a legal order up to then:\n");
    const std::size_t first = key.order.size() > 10 ? key.order.size() - 10 : 0;
    if (first > 0) fmt::print("    ({} earlier ones)\n", first);
    for (std::size_t i = first; i < key.order.size(); ++i) {
      const Operation &o = history.operations[key.order[i]];
      fmt::print("    {} (process {})\n", judge::text(o), o.process);
    }
  }
}

} // namespace

int checkHistory(const CheckHistoryOptions &options) {
  const auto text = contentsOf(options.file);
  if (!text.ok()) return unusable(text.faults());
  const auto history = judge::readHistory(*text, {options.nullIsAny});
  if (!history.ok()) return unusable(history.faults());
  judge::CheckOptions check;
  check.model = options.model.value_or(judge::modelFor(*history));
  if (options.model)
    if (const auto faults = notOf(check.model, *history); !faults.empty()) return unusable(faults);
  check.initial = options.initial;
  check.budget = options.budget;
  check.cancelled = &stopRequested;
  const LinearizabilityVerdict verdict = judge::checkLinearizability(*history, check);
  options.json ? printVerdictJson(*history, check.model, verdict) : printVerdict(*history, verdict);
  switch (verdict.verdict) {
  case Verdict::True: return Done_;
  case Verdict::False: return InputAtFault;
  case Verdict::Unknown: break;
  }
  return stopRequested.load() ? Interrupted : Undecided;
}

} // namespace packetarium::cli
