// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/option_kinds.h"

namespace packetarium::cli {
namespace {

void toldRunOptions(CLI::App &c, ToldRequest &o) {
  c.add_option("SCENARIO", o.scenario, "Id of a built-in scenario, or a file")->required();
  durationOption(c, "--until", "How long to simulate, instead of the scenario's own duration",
                 [&o](Duration d) { o.until = d; });
  c.add_option("--seed", o.seed, "Seed of the random streams, instead of the scenario's own")
      ->check(withoutSign);
  settingsOption(c, o.settings);
}

void swarmFaultOptions(CLI::App &c, experiments::DrawOptions &o) {
  c.add_option("--faults", o.faultsMax, "Most faults of a run")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  c.add_flag("--restart-empty", o.restartEmpty,
             "Members may lose their disks too: more than most protocols promise to bear");
  c.add_flag("--keep-script", o.keepScript,
             "The scenario's own script happens as well; otherwise the drawn faults replace it");
  c.add_option("--clock-drift", o.clockDriftPpm, "Most drift of a clock, in parts per million")
      ->check(CLI::Range(0.0, 100000.0))
      ->capture_default_str();
  durationOption(c, "--clock-offset", "Most that a clock is put off (2s)",
                 [&o](Duration d) { o.clockOffset = d; });
}

} // namespace

Command judgeCommand(CLI::App &app, JudgeOptions &o) {
  CLI::App *c = app.add_subcommand(
      "judge", "Runs a scenario and judges its stores by what their clients saw: linearizable, "
               "causal, the sessions' guarantees, convergence, lost writes, Raft's promises");
  toldRunOptions(*c, o.run);
  c->add_option("--budget", o.budgetSeconds, "Seconds that judging each service may take (10)")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  c->add_flag("--json", o.json,
              "One JSON object on standard output: scenario, until_s, services (service, "
              "operations, reads, lights)");
  return {c, [&o] { return judgeRun(o); }};
}

Command capDialCommand(CLI::App &app, CapDialOptions &o) {
  CLI::App *c = app.add_subcommand(
      "cap-dial", "Runs a scenario with stores of different promises, each with and without the "
                  "partition of its script: who was refused, what was stale, what it cost");
  toldRunOptions(*c, o.run);
  c->add_flag("--json", o.json,
              "One JSON object on standard output: scenario, seed, until_s, rows (design, title, "
              "partitioned, during, whole, conflicts, lost_writes, converged_s, linearizable, "
              "spells)");
  return {c, [&o] { return capDial(o); }};
}

Command checkHistoryCommand(CLI::App &app, CheckHistoryOptions &o) {
  CLI::App *c = app.add_subcommand(
      "check-history", "Judges what clients saw: exit 0 linearizable, 1 not, 3 undecided within "
                       "the budget, 2 wrong usage or not a history");
  c->add_option("FILE", o.file,
                "History as JSON lines: process, type (invoke, ok, fail, info), f (read, write, "
                "cas, append), key, value, t_ns; - is standard input")
      ->required();
  parsedOption<judge::Model>(
      *c, "--model",
      "register: read and write; cas-register: cas as well; kv: read, write and append of texts; "
      "not given: the one that has the history's operations",
      "MODEL", [](const std::string &text) { return judge::modelOf(text); },
      [&o](judge::Model m) { o.model = m; }, "register, cas-register or kv");
  c->add_option("--initial", o.initial, "What each key holds at first; not given: nothing")
      ->type_name("VALUE");
  c->add_option_function<double>(
       "--budget",
       [&o](double s) { o.budget = std::chrono::nanoseconds(static_cast<std::int64_t>(s * 1e9)); },
       "Seconds after which it is undecided (10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 1e6));
  c->add_flag("--null-is-any", o.nullIsAny,
              "A read that gave null gave something unknown, not a value never set");
  c->add_flag("--json", o.json,
              "One JSON object on standard output: linearizable, model, operations, offending, "
              "keys");
  return {c, [&o] { return checkHistory(o); }};
}

Command swarmCommand(CLI::App &app, SwarmCliOptions &o) {
  CLI::App *c = app.add_subcommand(
      "swarm", "Runs a scenario many times, each with random faults, and judges each run: exit 0 "
               "without a violation, 1 with one, 2 when it cannot be judged");
  c->add_option("SCENARIO", o.scenario,
                "Id of a built-in scenario, or a file; raft-harsh: a cluster that is hard to bear, "
                "of three members m1, m2, m3 with the program raft and five busy clients")
      ->required();
  c->add_option("--runs", o.swarm.runs, "How many")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}))
      ->capture_default_str();
  c->add_option("--seed", o.swarm.firstSeed, "Seed of the first run; the others follow it")
      ->check(withoutSign)
      ->capture_default_str();
  parsedOption<experiments::Promise>(
      *c, "--expect",
      "What must hold: invariants, linearizable, causal, no-lost-writes or convergence; may be "
      "given many times; not given: what the scenario's programs promise",
      "PROMISE", experiments::promiseOf,
      [&o](experiments::Promise p) { o.swarm.promises.push_back(p); },
      "invariants, linearizable, causal, no-lost-writes or convergence")
      ->trigger_on_parse();
  c->add_flag("--first", o.swarm.stopAtFirst, "Ends with the first violation");
  c->add_flag(
      "--shrink", o.shrink,
      "Reduces the first violation to the smallest script that still violates, with this "
      "or another seed, and saves it (SCENARIO-seed-N.packetarium unless --save names a file)");
  c->add_option("--save", o.save,
                "Writes the violating scenario, shrunken or not; it opens in the window")
      ->type_name("FILE");
  durationOption(*c, "--until", "How long each run is, instead of the scenario's own duration",
                 [&o](Duration d) { o.until = d; });
  c->add_option("--set", o.settings, "Changes one value of the document by ids, as run does")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  swarmFaultOptions(*c, o.swarm.faults);
  c->add_option("--threads", o.swarm.threads, "0: as many as the machine has")
      ->capture_default_str();
  c->add_flag("--json", o.json,
              "One JSON object on standard output: scenario, runs, first_seed, expected, "
              "operations, undecided, violations, shrunk");
  return {c, [&o] { return swarm(o); }};
}

} // namespace packetarium::cli
