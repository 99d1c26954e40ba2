// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_facts.h"

#include "core/analysis/names.h"
#include "core/analysis/try_ends.h"
#include "core/wire/address.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace packetarium::analysis {
namespace {

/// Takes the first word off a text.
std::string_view takeWord(std::string_view &text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::optional<std::uint64_t> wholeNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <std::size_t N>
bool anyOf(const std::array<std::string_view, N> &words, std::string_view word) {
  for (const std::string_view w : words)
    if (w == word) return true;
  return false;
}

Duration nsOf(double value) { return Duration::ns(static_cast<std::int64_t>(value)); }

std::string probabilityWords(std::string_view what, const std::string &link, double v) {
  return fmt::format("the {} of the link {} was set to {:.3g} %", what, link, 100 * v);
}

std::string blockedWords(const net::Blueprint &network, std::uint32_t link, double v) {
  const std::string name = linkName(network, link);
  const int side = static_cast<int>(v);
  if (side == 0 || link >= network.links.size())
    return fmt::format("the link {} was opened in both directions", name);
  const auto &end = network.links[link].ends[side == 1 ? 0 : 1];
  return fmt::format("the link {} was blocked for what {} sends", name,
                     nodeName(network, end.node.value));
}

std::string linkChangeWords(const net::Blueprint &network, const trace::Record &r) {
  const double v = trace::doubleOf(r.args[0]);
  const std::string l = linkName(network, r.link);
  switch (static_cast<trace::LinkQuantity>(r.detail)) {
  case trace::LinkQuantity::Rate:
    return fmt::format("the rate of the link {} was set to {}", l, rateText(v));
  case trace::LinkQuantity::Delay:
    return fmt::format("the delay of the link {} was set to {}", l, durationText(nsOf(v)));
  case trace::LinkQuantity::Jitter:
    return fmt::format("the jitter of the link {} was set to {}", l, durationText(nsOf(v)));
  case trace::LinkQuantity::Loss: return probabilityWords("loss", l, v);
  case trace::LinkQuantity::Queue:
    return fmt::format("the queue of the link {} was set to {:.0f} packets", l, v);
  case trace::LinkQuantity::Duplicate: return probabilityWords("duplication", l, v);
  case trace::LinkQuantity::Reorder: return probabilityWords("reordering", l, v);
  case trace::LinkQuantity::Corrupt: return probabilityWords("corruption", l, v);
  case trace::LinkQuantity::Blocked: return blockedWords(network, r.link, v);
  case trace::LinkQuantity::Flap:
    return v <= 0 ? fmt::format("the link {} stopped flapping", l)
                  : fmt::format("the link {} began to flap with a period of {}", l,
                                durationText(nsOf(v)));
  }
  return {};
}

std::string clockWords(const std::string &who, double ns) {
  if (ns == 0) return fmt::format("the clock of {} was put right", who);
  return fmt::format("the clock of {} was put {} {}", who, durationText(nsOf(std::abs(ns))),
                     ns > 0 ? "ahead" : "back");
}

std::string driftWords(const std::string &who, double ppm) {
  if (ppm == 0) return fmt::format("the clock of {} runs true from here on", who);
  return fmt::format("the clock of {} runs {} by {:.6g} parts per million from here on", who,
                     ppm > 0 ? "fast" : "slow", std::abs(ppm));
}

std::string nodeChangeWords(const net::Blueprint &network, const trace::Record &r) {
  const double v = trace::doubleOf(r.args[0]);
  const std::string who = nodeName(network, r.node);
  switch (static_cast<trace::NodeQuantity>(r.detail)) {
  case trace::NodeQuantity::Slowness:
    return v <= 1 ? fmt::format("the processor of {} is as fast as ever", who)
                  : fmt::format("the processor of {} became {:.3g} times slower", who, v);
  case trace::NodeQuantity::ClockOffset: return clockWords(who, v);
  case trace::NodeQuantity::ClockDrift: return driftWords(who, v);
  case trace::NodeQuantity::Partition:
    return v <= 0 ? fmt::format("{} can reach everybody again", who)
                  : fmt::format("{} is on side {:.0f} of a partition", who, v);
  case trace::NodeQuantity::DiskLost: return fmt::format("the disk of {} was emptied", who);
  }
  return {};
}

std::string healthWords(const net::Blueprint &network, const trace::Record &r) {
  const std::string who = nodeName(network, r.node);
  switch (static_cast<trace::NodeHealth>(r.detail)) {
  case trace::NodeHealth::Up: return who + " is up";
  case trace::NodeHealth::Crashed: return who + " crashed";
  case trace::NodeHealth::Paused: return who + " was paused";
  case trace::NodeHealth::Starting: return who + " is starting";
  }
  return {};
}

std::string withStop(std::string text) {
  if (!text.empty() && text.back() != '.' && text.back() != '!' && text.back() != '?') text += '.';
  return text;
}

std::string roleSentence(const std::string &who, const FactTexts &f) {
  const std::string why = f.detail.empty() ? std::string() : ": " + std::string(f.detail);
  return withStop(fmt::format("{} is now {} of {}{}", who, f.value, f.name, why));
}

std::string failoverSentence(const std::string &who, const FactTexts &f) {
  if (!f.detail.empty()) return withStop(saidBy(who, f.detail));
  const auto stage = failoverStage(f.value);
  if (!stage) return fmt::format("{}: failover of {}, {}.", who, f.name, f.value);
  switch (*stage) {
  case trace::FailoverStage::Suspected:
    return fmt::format("{} suspected that the server of {} is gone.", who, f.name);
  case trace::FailoverStage::Decided:
    return fmt::format("{} settled who takes {} over.", who, f.name);
  case trace::FailoverStage::Active: return fmt::format("{} serves {} now.", who, f.name);
  case trace::FailoverStage::Reachable:
    return fmt::format("{} led the clients of {} to its new server.", who, f.name);
  }
  return {};
}

std::string logSentence(const std::string &who, const FactTexts &f) {
  const auto change = logChange(f.value);
  if (!change) return withStop(fmt::format("{}: the log of {}: {}", who, f.name, f.value));
  const std::string entry = fmt::format("entry {} (epoch {}{}{})", change->index, change->epoch,
                                        f.detail.empty() ? "" : ", ", f.detail);
  switch (change->what) {
  case LogChange::What::Append:
    return fmt::format("{} appended {} to its log of {}.", who, entry, f.name);
  case LogChange::What::Acknowledge:
    return fmt::format("{} acknowledged {} of {}.", who, entry, f.name);
  case LogChange::What::Commit: return fmt::format("{} committed {} of {}.", who, entry, f.name);
  case LogChange::What::Truncate:
    return fmt::format("{} threw away {} of its log of {}, and all after it.", who, entry, f.name);
  }
  return {};
}

std::string operationSentence(const FactTexts &f, const std::string &who) {
  const auto of = operationOf(f.detail);
  const std::string service = of ? " of " + std::string(of->service) : std::string();
  if (f.name == "invoke") return fmt::format("{} began “{}”{}.", who, f.value, service);
  if (f.name == "ok") return fmt::format("{} was told that “{}”{} is done.", who, f.value, service);
  if (f.name == "fail")
    return fmt::format("{} was told that “{}”{} failed.", who, f.value, service);
  return fmt::format("{} does not know whether “{}”{} was done.", who, f.value, service);
}

std::string trySentence(const FactTexts &f, const std::string &who) {
  if (f.name == "connected")
    return fmt::format("{} was connected with {}.", who, tryEnds(f.detail).asked);
  if (f.name == "named")
    return fmt::format("{} asked for {} anew, and was told an address.", who, f.detail);
  if (f.name == "led") return fmt::format("{} led {} to {}.", who, f.value, f.detail);
  if (f.name == "joined")
    return fmt::format("{} was connected with {} for {}.", who, f.detail, f.value);
  if (f.name == "answered") return fmt::format("{} answered {}.", f.detail, who);
  if (f.name != "cached") return fmt::format("{} turned to {}.", who, f.detail);
  const auto kept = keptAnswer(f.detail);
  if (!kept) return fmt::format("{} found the answer in its own cache.", who);
  return fmt::format("{} found the answer in its own cache, which has had it since {} and keeps it "
                     "until {}.",
                     who, timeText(kept->since), timeText(kept->until));
}

} // namespace

std::optional<KeptAnswer> keptAnswer(std::string_view detail) {
  const auto since = wholeNumber(takeWord(detail));
  const auto until = wholeNumber(takeWord(detail));
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (!since || !until || *since > most || *until > most) return std::nullopt;
  return KeptAnswer{SimTime::fromNs(static_cast<std::int64_t>(*since)),
                    SimTime::fromNs(static_cast<std::int64_t>(*until))};
}

std::optional<LogChange> logChange(std::string_view value) {
  const std::string_view word = takeWord(value);
  LogChange change;
  if (word == "append")
    change.what = LogChange::What::Append;
  else if (word == "acknowledge")
    change.what = LogChange::What::Acknowledge;
  else if (word == "commit")
    change.what = LogChange::What::Commit;
  else if (word == "truncate")
    change.what = LogChange::What::Truncate;
  else
    return std::nullopt;
  const auto index = wholeNumber(takeWord(value));
  if (!index) return std::nullopt;
  change.index = *index;
  change.epoch = wholeNumber(takeWord(value)).value_or(0);
  return change;
}

std::optional<OperationOf> operationOf(std::string_view detail) {
  OperationOf of;
  of.process = takeWord(detail);
  const auto number = wholeNumber(takeWord(detail));
  if (!number) return std::nullopt;
  of.number = *number;
  of.service = detail;
  return of;
}

bool isWrite(std::string_view operation) {
  const std::string_view word = takeWord(operation);
  return !word.empty() && word != "read";
}

std::string_view keyOf(std::string_view operation) {
  takeWord(operation);
  return takeWord(operation);
}

std::optional<SnapshotHeld> snapshotHeld(std::string_view value) {
  const std::string_view word = takeWord(value);
  if (word != "taken" && word != "installed") return std::nullopt;
  const auto index = wholeNumber(takeWord(value));
  if (!index) return std::nullopt;
  return SnapshotHeld{*index, wholeNumber(takeWord(value)).value_or(0), word == "installed"};
}

std::optional<trace::FailoverStage> failoverStage(std::string_view value) {
  for (const auto stage : {trace::FailoverStage::Suspected, trace::FailoverStage::Decided,
                           trace::FailoverStage::Active, trace::FailoverStage::Reachable})
    if (trace::name(stage) == value) return stage;
  return std::nullopt;
}

bool isServing(std::string_view role) {
  static constexpr std::array<std::string_view, 6> serving = {"active", "primary", "master",
                                                              "leader", "serving", "balancer"};
  return anyOf(serving, role);
}

bool isStandingBy(std::string_view role) {
  static constexpr std::array<std::string_view, 3> gone = {"down", "stopped", "fenced"};
  return !role.empty() && !isServing(role) && !anyOf(gone, role);
}

std::string changeWords(const net::Blueprint &network, const trace::Record &r) {
  switch (r.kind) {
  case trace::RecordKind::NodeState: return healthWords(network, r);
  case trace::RecordKind::LinkState:
    return fmt::format("the link {} was {}", linkName(network, r.link),
                       r.detail != 0 ? "restored" : "cut");
  case trace::RecordKind::LinkChanged: return linkChangeWords(network, r);
  case trace::RecordKind::NodeChanged: return nodeChangeWords(network, r);
  default: return {};
  }
}

std::string changeSentence(const net::Blueprint &network, const trace::Record &r) {
  std::string words = changeWords(network, r);
  // A node's name begins as the document writes it.
  return withStop(words.starts_with("the ") ? capitalised(std::move(words)) : std::move(words));
}

std::string addressSentence(const net::Blueprint &network, const trace::Record &r) {
  const std::string who = nodeName(network, r.node);
  const std::string address = wire::Ipv4Address{static_cast<std::uint32_t>(r.args[0])}.text();
  if (r.detail == 0) return fmt::format("{} gave up the address {}.", who, address);
  return fmt::format("{} took the address {} and answers for it with {}.", who, address,
                     wire::MacAddress::fromBits(r.args[1]).text());
}

TryEnds tryEnds(std::string_view detail) {
  constexpr std::string_view mark = " from ";
  const auto at = detail.find(mark);
  if (at == std::string_view::npos) return {detail, {}};
  return {detail.substr(0, at), detail.substr(at + mark.size())};
}

std::string serviceSentence(const net::Blueprint &network, const FactTexts &f) {
  const std::string who = nodeName(network, f.node);
  switch (f.topic) {
  case trace::FactTopic::Role: return roleSentence(who, f);
  case trace::FactTopic::Failover: return failoverSentence(who, f);
  case trace::FactTopic::Log: return logSentence(who, f);
  case trace::FactTopic::Operation: return operationSentence(f, who);
  case trace::FactTopic::Try: return trySentence(f, who);
  case trace::FactTopic::Conflict:
    return fmt::format("{} found versions of {} in {} that know nothing of each other.", who,
                       f.value, f.name);
  case trace::FactTopic::Merged:
    return withStop(fmt::format("{} merged {} in {}: {}", who, f.value, f.name, f.detail));
  default: return consensusSentence(network, f);
  }
}

bool isFault(const trace::Record &r) {
  const double v = trace::doubleOf(r.args[0]);
  switch (r.kind) {
  case trace::RecordKind::NodeState:
    return static_cast<trace::NodeHealth>(r.detail) == trace::NodeHealth::Crashed ||
           static_cast<trace::NodeHealth>(r.detail) == trace::NodeHealth::Paused;
  case trace::RecordKind::LinkState: return r.detail == 0;
  case trace::RecordKind::LinkChanged:
    switch (static_cast<trace::LinkQuantity>(r.detail)) {
    case trace::LinkQuantity::Rate:
    case trace::LinkQuantity::Delay:
    case trace::LinkQuantity::Queue: return true; // which way is worse is not for this record
    default: return v > 0;
    }
  case trace::RecordKind::NodeChanged:
    return static_cast<trace::NodeQuantity>(r.detail) == trace::NodeQuantity::Slowness ? v > 1
                                                                                       : v != 0;
  default: return false;
  }
}

} // namespace packetarium::analysis
