// SPDX-License-Identifier: GPL-3.0-or-later
// The classic hold model on ns-3's default scheduler (a map): 10 million self-rescheduling events,
// 10 000 pending, delays uniform in 0 to 2.1 ms.
#include "tests/peers/ns3/report.h"

#include <CLI/CLI.hpp>
#include <ns3/core-module.h>

namespace {

struct Hold {
  Draw draw{1};
  std::uint64_t left = 0;

  void schedule() {
    ns3::Simulator::Schedule(ns3::NanoSeconds(static_cast<std::int64_t>(draw.below(2'100'001))),
                             &Hold::fire, this);
  }
  void fire() {
    if (left == 0) return;
    --left;
    schedule();
  }
};

} // namespace

int main(int argc, char **argv) {
  std::uint64_t events = 10'000'000;
  std::uint64_t pending = 10'000;
  CLI::App app("hold on ns-3");
  app.add_option("--events", events);
  app.add_option("--pending", pending);
  CLI11_PARSE(app, argc, argv);

  Hold hold;
  hold.left = events - pending;
  for (std::uint64_t i = 0; i < pending; ++i) hold.schedule();
  Report report;
  report.load = "hold";
  report.wallS = timed([] { ns3::Simulator::Run(); });
  report.simulatedS = ns3::Simulator::Now().GetSeconds();
  report.events = ns3::Simulator::GetEventCount();
  ns3::Simulator::Destroy();
  report.print();
}
