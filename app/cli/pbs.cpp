// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/pbs.h"

#include "app/cli/commands.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace packetarium::cli {
namespace {

int wrongPbsUsage(const std::string &text) {
  fmt::print(stderr, "{}\n", text);
  return WrongUsage;
}

Result<cluster::PbsModel> modelOf(const PbsCalcOptions &o) {
  const bool own = o.write || o.acknowledge || o.read || o.respond || o.remote;
  if (o.model.empty() && !own) return Fault{"", "needs --model, or delays of its own: --w-delay"};
  cluster::PbsModel model;
  if (!o.model.empty()) {
    const auto known = cluster::pbsModel(o.model);
    if (!known) return Fault{"--model", "must be lnkd-ssd, lnkd-disk, ymmr or wan"};
    model = *known;
  }
  const std::pair<const std::optional<std::string> *, cluster::Delay *> given[] = {
      {&o.write, &model.write},
      {&o.acknowledge, &model.acknowledge},
      {&o.read, &model.read},
      {&o.respond, &model.respond},
      {&o.remote, &model.remote}};
  for (const auto &[text, delay] : given) {
    if (!*text) continue;
    auto parsed = cluster::Delay::parse(**text);
    if (!parsed) return parsed.faults();
    *delay = *std::move(parsed);
  }
  return model;
}

nlohmann::ordered_json pbsObject(const PbsCalcOptions &o, const cluster::PbsPrediction &p) {
  nlohmann::ordered_json object = {{"n", o.quorum.n},
                                   {"r", o.quorum.r},
                                   {"w", o.quorum.w},
                                   {"model", o.model.empty() ? "custom" : o.model},
                                   {"trials", o.trials},
                                   {"p_fresh_at_0", p.freshAt(0)},
                                   {"t_999_ms", p.visibleAfterMs(.999)},
                                   {"read_p999_ms", p.readMs(.999)},
                                   {"write_p999_ms", p.writeMs(.999)},
                                   {"read_p50_ms", p.readMs(.5)},
                                   {"write_p50_ms", p.writeMs(.5)},
                                   {"k", o.k},
                                   {"p_stale_by_k", cluster::kStaleness(o.quorum, o.k)}};
  if (o.timesMs.empty()) return object;
  auto &times = object["p_fresh_at"] = nlohmann::ordered_json::array();
  for (const double t : o.timesMs) times.push_back({{"t_ms", t}, {"p_fresh", p.freshAt(t)}});
  return object;
}

void printPbs(const PbsCalcOptions &o, const cluster::PbsPrediction &p) {
  fmt::print("N = {}, R = {}, W = {}: {}\n", o.quorum.n, o.quorum.r, o.quorum.w,
             o.quorum.r + o.quorum.w > o.quorum.n ? "every read quorum meets every write quorum"
                                                  : "a read may miss the latest write");
  fmt::print("read as the write is done   {:.2f} % fresh\n", 100 * p.freshAt(0));
  for (const double t : o.timesMs)
    fmt::print("read {:.6g} ms later{:>{}}   {:.2f} % fresh\n", t, "",
               std::max<std::size_t>(12, fmt::formatted_size("{:.6g}", t)) -
                   fmt::formatted_size("{:.6g}", t),
               100 * p.freshAt(t));
  fmt::print("99.9 % fresh after          {:.2f} ms\n", p.visibleAfterMs(.999));
  fmt::print("reads                       {:.2f} ms half, {:.2f} ms 99.9 %\n", p.readMs(.5),
             p.readMs(.999));
  fmt::print("writes                      {:.2f} ms half, {:.2f} ms 99.9 %\n", p.writeMs(.5),
             p.writeMs(.999));
  fmt::print("misses the latest {:<9} {:.6g} (quorums drawn at random)\n", o.k,
             cluster::kStaleness(o.quorum, o.k));
}

} // namespace

int calcPbs(const PbsCalcOptions &options) {
  if (options.quorum.r > options.quorum.n || options.quorum.w > options.quorum.n)
    return wrongPbsUsage("--r and --w must not exceed --n");
  const auto model = modelOf(options);
  if (!model) return wrongPbsUsage(model.faults().front().text());
  const auto prediction = cluster::predictPbs(*model, options.quorum, options.trials, options.seed);
  if (options.json)
    fmt::print("{}\n", pbsObject(options, prediction).dump(2));
  else
    printPbs(options, prediction);
  return Done_;
}

} // namespace packetarium::cli
