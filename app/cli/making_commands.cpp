// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/option_kinds.h"

namespace packetarium::cli {
namespace {

void sizeOptions(CLI::App &c, scenario::TemplateOptions &m) {
  c.add_option("--hosts,--size", m.hosts,
               "star: hosts; ring: routers; dumbbell: hosts on each side")
      ->capture_default_str();
  c.add_option("--rows", m.rows, "grid: rows of routers")->capture_default_str();
  c.add_option("--columns", m.columns, "grid: columns of routers")->capture_default_str();
}

void linkOptions(CLI::App &c, scenario::TemplateOptions &m) {
  rateOption(c, "--rate", "Rate of shared links (10M)", [&m](std::uint64_t v) { m.rateBps = v; });
  durationOption(c, "--delay", "Delay of shared links (5ms)", [&m](Duration v) { m.delay = v; });
  rateOption(c, "--edge-rate", "Rate of links to single hosts (1G)",
             [&m](std::uint64_t v) { m.edgeRateBps = v; });
  durationOption(c, "--edge-delay", "Delay of links to single hosts (100us)",
                 [&m](Duration v) { m.edgeDelay = v; });
  c.add_option("--queue", m.queuePackets, "Packets that may wait in front of a link")
      ->capture_default_str();
  c.add_option("--loss", m.loss, "Probability that a shared link loses a frame")
      ->capture_default_str();
}

void workloadOptions(CLI::App &c, scenario::TemplateOptions &m) {
  parsedOption<scenario::Workload>(
      c, "--workload", "none, ping, udp, tcp or http (ping)", "WORKLOAD", scenario::workload,
      [&m](scenario::Workload w) { m.workload = w; }, "none, ping, udp, tcp or http");
  c.add_option("--flows", m.flows, "How many clients; 0: one for each host or pair")
      ->capture_default_str();
  c.add_option("--pps", m.packetsPerSecond, "udp: packets per second of each flow")
      ->capture_default_str();
  c.add_option("--bytes", m.bytes, "udp: bytes of each datagram; http: bytes of the page")
      ->capture_default_str();
}

} // namespace

Command validateCommand(CLI::App &app, std::string &file) {
  CLI::App *c =
      app.add_subcommand("validate", "Checks a scenario file: exit 0 or 1, one line per fault");
  c->add_option("FILE", file, "Scenario file")->required();
  return {c, [&file] { return validateFile(file); }};
}

Command generateCommand(CLI::App &app, GenerateOptions &o) {
  CLI::App *c = app.add_subcommand("generate", "Makes a scenario from a template");
  parsedOption<scenario::Shape>(
      *c, "TEMPLATE", "star, ring, grid or dumbbell", "", scenario::shape,
      [&o](scenario::Shape s) { o.make.shape = s; }, "star, ring, grid or dumbbell")
      ->required();
  sizeOptions(*c, o.make);
  linkOptions(*c, o.make);
  workloadOptions(*c, o.make);
  c->add_option("--seed", o.make.seed, "Seed of the run, and of the choice of pairs in a grid")
      ->capture_default_str();
  durationOption(*c, "--duration", "Length of the run (10s)",
                 [&o](Duration v) { o.make.duration = v; });
  c->add_option("-o,--output", o.output, "File to write; - is standard output")
      ->required()
      ->type_name("FILE");
  return {c, [&o] { return generateFile(o); }};
}

Command benchCommand(CLI::App &app, BenchOptions &o) {
  CLI::App *c = app.add_subcommand("bench", "Measures canonical loads");
  c->add_option(
       "LOAD", o.load,
       "hold: 10 million self-rescheduling events, 10 000 pending; dumbbell: TCP through "
       "10 Mbit/s for 60 s; grid: 25 x 40 routers, 200 UDP flows for 10 s; cluster: ten "
       "servers with failover, balancing and replication, 20 clients with 10 requests a second "
       "each for 60 s; raft: five members, three clients that think for 10 ms, links of 5 ms, "
       "for 60 s; tls: handshakes and bulk data, beside OpenSSL's")
      ->required()
      ->check(CLI::IsMember({"hold", "dumbbell", "grid", "cluster", "raft", "tls"}));
  c->add_flag("--trace", o.trace, "Records everything and takes checkpoints");
  durationOption(*c, "--duration",
                 "Simulated time of dumbbell, grid, cluster and raft, instead of 60s, 10s, 60s and "
                 "60s; of tls: "
                 "processor time of each turn, instead of 100ms",
                 [&o](Duration v) { o.duration = v; });
  c->add_flag("--json", o.json,
              "One JSON object on standard output: events_per_s, packet_hops_per_s, goodput_bps, "
              "peak_mib, wall_s, times_real_time; tls: own, openssl and ratio of each measurement");
  return {c, [&o] { return bench(o); }};
}

} // namespace packetarium::cli
