// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "core/analysis/eavesdrop.h"
#include "core/scenario/build.h"
#include "core/session/runner.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace packetarium::cli {
namespace {

using Ordered = nlohmann::ordered_json;
using analysis::Conversation;
using analysis::OverheardItem;

constexpr std::uint64_t eventsPerTurn = 100'000;
/// Chunks kept behind what was heard: a frame may have waited in a queue since one of them.
constexpr std::size_t chunksKept = 64;

std::optional<std::uint32_t> linkNamed(const net::Blueprint &network, const std::string &id) {
  const auto at = std::find_if(network.links.begin(), network.links.end(),
                               [&](const net::LinkSpec &l) { return l.id == id; });
  if (at == network.links.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - network.links.begin());
}

std::string linkIds(const net::Blueprint &network) {
  std::vector<std::string> ids;
  for (const net::LinkSpec &l : network.links) ids.push_back(l.id);
  return fmt::format("{}", fmt::join(ids, ", "));
}

/// Runs to the end with an ear on the link; memory stays bounded.
analysis::Eavesdropper heard(const scenario::BuiltScenario &built, std::uint32_t link, SimTime end,
                             SimTime &until) {
  session::RunnerOptions options;
  options.checkpointInterval = std::numeric_limits<std::uint64_t>::max();
  session::Runner runner(built.plan, built.script, end, options);
  analysis::Eavesdropper ears(link);
  trace::Trace trace;
  std::size_t dropped = 0;
  const auto handOver = [&] {
    for (trace::ChunkPtr &chunk : runner.takeChunks()) trace.insert(std::move(chunk));
    ears.listen(trace, trace.lastSequence());
    while (dropped + chunksKept < trace.slots().size()) trace.drop(dropped++);
  };
  while (!runner.ended() && !stopRequested.load()) {
    runner.advance(end, eventsPerTurn);
    handOver();
  }
  runner.flush();
  handOver();
  until = runner.knownUntil();
  return ears;
}

Ordered jsonOf(const OverheardItem &item) {
  return {{"t_ns", item.at.ns()},
          {"way", item.back ? "back" : "out"},
          {"exposure", analysis::name(item.exposure)},
          {"what", item.what},
          {"bytes", item.bytes},
          {"text", item.text}};
}

Ordered jsonOf(const Conversation::Way &way) {
  return {{"frames", way.frames},
          {"frame_bytes", way.frameBytes},
          {"bytes", way.bytes},
          {"repeated_bytes", way.again},
          {"hidden_bytes", way.hidden}};
}

Ordered jsonOf(const Conversation &c) {
  Ordered object = {{"protocol", c.kindText()},
                    {"transport", c.tcp ? "tcp" : "udp"},
                    {"client", c.client.text()},
                    {"server", c.server.text()},
                    {"name", c.name},
                    {"suite", c.suite},
                    {"first_ns", c.first.ns()},
                    {"last_ns", c.last.ns()},
                    {"out", jsonOf(c.ways[0])},
                    {"back", jsonOf(c.ways[1])},
                    {"summary", c.summary()},
                    {"items", Ordered::array()},
                    {"unlisted", c.unlisted}};
  for (const OverheardItem &item : c.items) object["items"].push_back(jsonOf(item));
  return object;
}

void printJson(const TapOptions &options, const analysis::Eavesdropper &ears, SimTime until) {
  Ordered object = {{"scenario", options.scenario},  {"link", options.link},
                    {"until_s", until.toSeconds()},  {"other_frames", ears.otherFrames()},
                    {"forgotten", ears.forgotten()}, {"conversations", Ordered::array()}};
  for (std::size_t i = 0; i < ears.count(); ++i)
    object["conversations"].push_back(jsonOf(ears.conversation(i)));
  fmt::print("{}\n", object.dump(2, ' ', false, Ordered::error_handler_t::replace));
}

void print(const OverheardItem &item) {
  const char *mark = item.exposure == analysis::Exposure::Readable   ? " "
                     : item.exposure == analysis::Exposure::Metadata ? "~"
                                                                     : "#";
  const bool sizeOnly = item.exposure == analysis::Exposure::Hidden && item.bytes > 0;
  fmt::print("  {:>12}  {} {} {}{}{}\n", toString(item.at), item.back ? "<-" : "->", mark,
             sizeOnly ? "" : item.what, sizeOnly ? "" : ": ", item.text);
}

void print(const Conversation &c) {
  fmt::print("\n{}  {} -> {}{}\n", c.kindText(), c.client.text(), c.server.text(),
             c.name.empty() ? "" : "  " + c.name);
  fmt::print("  {} to {}; {} bytes out, {} back\n", toString(c.first), toString(c.last),
             c.ways[0].bytes, c.ways[1].bytes);
  fmt::print("  {}\n", c.summary());
  for (const OverheardItem &item : c.items) print(item);
  if (c.unlisted > 0) fmt::print("  and {} more pieces, {} bytes\n", c.unlisted, c.unlistedBytes);
}

void printPeople(const TapOptions &options, const analysis::Eavesdropper &ears, SimTime until) {
  fmt::print("What an eavesdropper on {} sees in {}: {} conversations", options.link,
             toString(until), ears.count() + ears.forgotten());
  fmt::print(", {} frames of ARP or ICMP.\n", ears.otherFrames());
  fmt::print("Marks: none readable, ~ visible metadata, # hidden.\n");
  if (ears.forgotten() > 0) fmt::print("The oldest {} are left out.\n", ears.forgotten());
  for (std::size_t i = 0; i < ears.count(); ++i) print(ears.conversation(i));
}

} // namespace

int tap(const TapOptions &options) {
  const auto loaded = scenario::loadIdOrFile(options.scenario);
  if (!loaded.ok()) return fail(loaded.faults());
  const auto built = scenario::build(*loaded);
  if (!built.ok()) return fail(built.faults());
  const net::Blueprint &network = built->plan->network;
  const auto link = linkNamed(network, options.link);
  if (!link)
    return fail({{"", fmt::format("{} has no link {}; it has {}", options.scenario, options.link,
                                  linkIds(network))}});
  const SimTime end = options.until ? SimTime::zero() + *options.until : built->end;
  SimTime until;
  const analysis::Eavesdropper ears = heard(*built, *link, end, until);
  options.json ? printJson(options, ears, until) : printPeople(options, ears, until);
  return stopRequested.load() ? Interrupted : Done_;
}

} // namespace packetarium::cli
