// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/option_kinds.h"

namespace packetarium::cli {
namespace {

void availabilityOptions(CLI::App &c, AvailabilityOptions &o, const std::string &json) {
  c.add_option("SCENARIO", o.scenario, "Id of a built-in scenario, or a file")->required();
  durationOption(c, "--until", "How long to simulate, instead of the scenario's own duration",
                 [&o](Duration d) { o.until = d; });
  c.add_option("--seed", o.seed, "Seed of the random streams, instead of the scenario's own")
      ->check(withoutSign);
  c.add_flag("--json", o.json, "One JSON object on standard output: scenario, until_s, " + json);
}

} // namespace

Command scenariosCommand(CLI::App &app) {
  CLI::App *c =
      app.add_subcommand("scenarios", "Lists the built-in scenarios: id, tab, title, a line each");
  return {c, listScenarios};
}

Command runCommand(CLI::App &app, RunOptions &o) {
  CLI::App *c = app.add_subcommand("run", "Runs a scenario");
  c->add_option("SCENARIO", o.scenario, "Id of a built-in scenario, or a file")->required();
  durationOption(*c, "--until", "How long to simulate, instead of the scenario's own duration",
                 [&o](Duration d) { o.until = d; });
  c->add_option("--seed", o.seed, "Seed of the random streams, instead of the scenario's own")
      ->check(withoutSign);
  c->add_flag("--json", o.json,
              "One JSON object on standard output: scenario, seed, simulated_s, wall_s, events, "
              "events_per_s, fingerprint, metrics, requirements");
  c->add_option("--pcap", o.pcap,
                "Writes a capture: pcapng, nanoseconds, one interface per link end; the secrets of "
                "TLS connections stand in it, so that analysers show what they protect")
      ->type_name("FILE");
  c->add_option("--keylog", o.keylog,
                "Writes the secrets of TLS connections as a key log (SSLKEYLOGFILE)")
      ->type_name("FILE");
  c->add_option("--trace", o.trace, "Writes every record as a JSON line")->type_name("FILE");
  c->add_option("--metrics", o.metrics,
                "Writes metrics over time as CSV: t_ns,entity,metric,value,unit")
      ->type_name("FILE");
  c->add_option(
       "--history", o.history,
       "Writes what the clients of stores saw as JSON lines: process, type (invoke, ok, "
       "fail, info), f (read, write, cas, append), key (STORE/KEY where there are several stores), "
       "value, t_ns")
      ->type_name("FILE");
  settingsOption(*c, o.settings);
  c->footer([] { return metricList() + "\n" + traceKindList(); });
  return {c, [&o] { return run(o); }};
}

Command tapCommand(CLI::App &app, TapOptions &o) {
  CLI::App *c = app.add_subcommand(
      "tap", "Tells what an eavesdropper on a link sees: who talks, and what of it can be read");
  c->add_option("SCENARIO", o.scenario, "Id of a built-in scenario, or a file")->required();
  c->add_option("LINK", o.link, "Id of the link")->required();
  durationOption(*c, "--until", "How long to listen, instead of the scenario's own duration",
                 [&o](Duration d) { o.until = d; });
  c->add_flag("--json", o.json,
              "One JSON object on standard output: scenario, link, until_s, other_frames, "
              "conversations");
  return {c, [&o] { return tap(o); }};
}

Command servicesCommand(CLI::App &app, AvailabilityOptions &o) {
  CLI::App *c = app.add_subcommand(
      "services", "Tells how available each service was for its clients: nines and what they "
                  "allow, latencies, throughput");
  availabilityOptions(*c, o, "services");
  c->add_option("--csv", o.csv, "Writes a line for each second of each service")->type_name("FILE");
  return {c, [&o] { return services(o); }};
}

Command outagesCommand(CLI::App &app, AvailabilityOptions &o) {
  CLI::App *c = app.add_subcommand(
      "outages", "Tells where the down time of each outage went, from the fault to the first "
                 "timely answer. Without a fault before it an outage counts when nobody was "
                 "answered for a second and two requests failed; less is a degraded service");
  availabilityOptions(*c, o, "outages");
  c->add_option("--csv", o.csv, "Writes a line for each part of each outage")->type_name("FILE");
  return {c, [&o] { return outageList(o); }};
}

Command lostWritesCommand(CLI::App &app, AvailabilityOptions &o) {
  CLI::App *c = app.add_subcommand(
      "lost-writes", "Names the writes that clients were told are done, and that are gone");
  availabilityOptions(*c, o, "lost_writes");
  return {c, [&o] { return lostWriteList(o); }};
}

} // namespace packetarium::cli
