// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_facts.h"
#include "core/analysis/names.h"
#include "core/cluster/held.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::analysis {
namespace {

/// The first words of a text and what follows them.
struct FirstWords {
  std::string_view first, second, rest;
};
FirstWords firstWordsOf(std::string_view text) {
  FirstWords words;
  for (std::string_view *word : {&words.first, &words.second}) {
    const std::size_t end = std::min(text.find(' '), text.size());
    *word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  words.rest = text;
  return words;
}

/// A node as people call it, however the fact names it.
std::string calledNode(const net::Blueprint &network, std::string_view text) {
  const auto node = nodeNamed(network, text);
  return node ? nodeName(network, *node) : std::string(text);
}

std::string termSentence(const net::Blueprint &network, const std::string &who,
                         const FactTexts &f) {
  if (f.detail.empty())
    return fmt::format("{} is in term {} of {} and knows of no leader in it.", who, f.value,
                       f.name);
  const std::string leader = calledNode(network, f.detail);
  if (leader == who) return fmt::format("{} leads {} in term {}.", who, f.name, f.value);
  return fmt::format("{} follows {} in term {} of {}.", who, leader, f.value, f.name);
}

std::string voteSentence(const net::Blueprint &network, const std::string &who,
                         const FactTexts &f) {
  FirstWords words = firstWordsOf(f.value);
  const bool pre = words.first.starts_with("pre-");
  if (pre) words.first.remove_prefix(4);
  const std::string vote = pre ? "a vote beforehand" : "its vote";
  const std::string other = calledNode(network, f.detail);
  const std::string term = fmt::format("term {} of {}", words.second, f.name);
  if (words.first == "ask") {
    const std::string why = f.detail.empty() ? std::string(".") : fmt::format(": {}.", f.detail);
    return pre ? fmt::format("{} asked whether it would be elected in {}{}", who, term, why)
               : fmt::format("{} stood for election in {}{}", who, term, why);
  }
  if (words.first == "grant") return fmt::format("{} gave {} {} in {}.", who, other, vote, term);
  if (words.first == "refuse")
    return fmt::format("{} refused {} {} in {}.", who, other, vote, term);
  if (words.first == "won")
    return fmt::format("{} heard that {} {} for it in {}.", who, other,
                       pre ? "would vote" : "votes", term);
  return fmt::format("{} heard that {} {} not vote for it in {}.", who, other,
                     pre ? "would" : "does", term);
}

std::string snapshotSentence(const net::Blueprint &network, const std::string &who,
                             const FactTexts &f) {
  const FirstWords words = firstWordsOf(f.value);
  const std::string what =
      fmt::format("a snapshot of {} that stands for all entries up to {}", f.name, words.second);
  if (words.first == "taken") return fmt::format("{} took {}.", who, what);
  if (words.first == "sent")
    return fmt::format("{} sent {} {}: it no longer has the entries that are missing there.", who,
                       calledNode(network, f.detail), what);
  return fmt::format("{} took over {}, in place of its own entries.", who, what);
}

std::string membersSentence(const std::string &who, const FactTexts &f) {
  const std::size_t bar = f.value.find('|');
  const auto listed = [](std::string_view list) {
    std::string text;
    for (const char c : list) text += c == ',' ? std::string(", ") : std::string(1, c);
    return text.empty() ? std::string("nobody") : text;
  };
  if (bar == std::string_view::npos)
    return fmt::format("For {} the members of {} are {}.", who, f.name, listed(f.value));
  return fmt::format("For {} the members of {} change: until that is settled most of {} and most "
                     "of {} must agree.",
                     who, f.name, listed(f.value.substr(0, bar)), listed(f.value.substr(bar + 1)));
}

std::string ringSentence(const std::string &who, const FactTexts &f) {
  const auto tokens = f.value.empty() ? 0 : std::count(f.value.begin(), f.value.end(), ' ') + 1;
  return fmt::format("{} has {} place{} on the ring of {}.", who, tokens, tokens == 1 ? "" : "s",
                     f.name);
}

std::string hintSentence(const net::Blueprint &network, const std::string &who,
                         const FactTexts &f) {
  const FirstWords words = firstWordsOf(f.value);
  const std::string other = calledNode(network, f.detail);
  if (words.first == "kept")
    return fmt::format("{} keeps {} for {}, which it could not reach.", who, words.second, other);
  if (words.first == "handed")
    return fmt::format("{} handed {} to {}, for which it had kept it.", who, words.second, other);
  return fmt::format("{} no longer keeps {} for {}.", who, words.second, other);
}

std::string repairSentence(const net::Blueprint &network, const std::string &who,
                           const FactTexts &f) {
  const FirstWords words = firstWordsOf(f.value);
  const std::string other = calledNode(network, f.detail);
  if (words.first == "read")
    return fmt::format("A read showed {} that {} has an old {}, and it sent it the newer one.", who,
                       other, words.second);
  return fmt::format("Comparing their trees {} found that {} has an old {}, and brought it up.",
                     who, other, words.second);
}

std::string heldSentence(const std::string &who, const FactTexts &f) {
  if (f.value.empty()) return fmt::format("{} begins with what its disk holds of {}.", who, f.name);
  const auto held = cluster::parseHeld(f.detail);
  const std::size_t count = held ? held->versions.size() : 0;
  if (count == 0) return fmt::format("{} holds nothing of {} any more.", who, f.value);
  return fmt::format("{} holds {} of {}.", who,
                     count == 1 ? "one version" : fmt::format("{} versions", count), f.value);
}

} // namespace

std::string consensusSentence(const net::Blueprint &network, const FactTexts &f) {
  const std::string who = nodeName(network, f.node);
  switch (f.topic) {
  case trace::FactTopic::Term: return termSentence(network, who, f);
  case trace::FactTopic::Vote: return voteSentence(network, who, f);
  case trace::FactTopic::Progress: {
    const FirstWords words = firstWordsOf(f.value);
    return fmt::format("{} knows that {} has the log of {} up to entry {}, and will send entry {} "
                       "next.",
                       who, calledNode(network, f.detail), f.name, words.second, words.first);
  }
  case trace::FactTopic::Apply: {
    const FirstWords words = firstWordsOf(f.value);
    const std::string what = f.detail.empty() ? std::string() : fmt::format(" (“{}”)", f.detail);
    return fmt::format("{} applied entry {}{} of {}.", who, words.first, what, f.name);
  }
  case trace::FactTopic::Snapshot: return snapshotSentence(network, who, f);
  case trace::FactTopic::Members: return membersSentence(who, f);
  case trace::FactTopic::Ring: return ringSentence(who, f);
  case trace::FactTopic::Hint: return hintSentence(network, who, f);
  case trace::FactTopic::Repair: return repairSentence(network, who, f);
  case trace::FactTopic::Evicted: {
    const std::string why = f.detail.empty() ? std::string() : fmt::format(": {}", f.detail);
    return fmt::format("{} let {} go{}.", who, f.value, why);
  }
  case trace::FactTopic::Held: return heldSentence(who, f);
  default: return {};
  }
}

std::string countdownSentence(const net::Blueprint &network, const trace::Record &r,
                              std::string_view service) {
  const std::string who = nodeName(network, r.node);
  const bool lease = static_cast<trace::CountdownKind>(r.detail) == trace::CountdownKind::Lease;
  const auto deadline = static_cast<std::int64_t>(r.args[0]);
  if (deadline < 0)
    return lease ? fmt::format("{} no longer answers reads of {} by itself.", who, service)
                 : fmt::format("{} no longer waits for a leader of {}.", who, service);
  const std::string until = timeText(SimTime::fromNs(deadline));
  return lease
             ? fmt::format("{} may answer reads of {} by itself until {}.", who, service, until)
             : fmt::format("{} waits until {} to hear from the leader of {}.", who, until, service);
}

} // namespace packetarium::analysis
