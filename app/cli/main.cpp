// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/availability.h"
#include "app/cli/commands.h"
#include "app/cli/judging.h"
#include "app/cli/pbs.h"
#include "app/cli/promises.h"
#include "app/cli/swarm.h"
#include "core/scenario/units.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <functional>
#include <new>
#include <sstream>

namespace packetarium::cli {

std::atomic<bool> stopRequested{false};

namespace {

void onInterrupt(int) {
  // The first time work ends in good order; the second time at once.
  if (stopRequested.exchange(true)) std::_Exit(Interrupted);
}

/// An option whose text is turned into a value; what cannot be turned is wrong usage.
template <class T, class Parse>
CLI::Option *parsedOption(CLI::App &app, const std::string &name, const std::string &help,
                          const std::string &type, Parse parse, std::function<void(T)> set,
                          const std::string &wanted) {
  return app
      .add_option_function<std::string>(
          name,
          [name, parse, set, wanted](const std::string &text) {
            const auto value = parse(text);
            if (!value) throw CLI::ValidationError(name, "must be " + wanted + ", got " + text);
            set(*value);
          },
          help)
      ->type_name(type);
}

CLI::Option *durationOption(CLI::App &app, const std::string &name, const std::string &help,
                            std::function<void(Duration)> set) {
  return parsedOption<Duration>(app, name, help, "TIME", scenario::parseDuration, std::move(set),
                                "a time with its unit such as 10s, 250ms or 3us");
}

CLI::Option *rateOption(CLI::App &app, const std::string &name, const std::string &help,
                        std::function<void(std::uint64_t)> set) {
  return parsedOption<std::uint64_t>(app, name, help, "RATE", scenario::parseRate, std::move(set),
                                     "bits per second such as 1000000, 10M or 1Gbit/s");
}

/// Each command adds its options and what to do to the program.
using Action = std::function<int()>;
struct Command {
  CLI::App *app;
  Action action;
};

Command scenariosCommand(CLI::App &app) {
  CLI::App *c =
      app.add_subcommand("scenarios", "Lists the built-in scenarios: id, tab, title, a line each");
  return {c, listScenarios};
}

/// CLI11 would wrap a negative number round to a huge one.
std::string withoutSign(const std::string &text) {
  return text.starts_with('-') ? "must not be negative, got " + text : std::string();
}

void settingsOption(CLI::App &c, std::vector<std::string> &settings) {
  c.add_option("--set", settings,
               "Changes one value of the document by ids, such as links.l1.rate_bps=1000000; "
               "may be given many times")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false)
      ->check(
          [](const std::string &text) {
            const auto equals = text.find('=');
            const bool good = equals != std::string::npos && equals > 0;
            return good ? std::string() : "must be PATH=VALUE, got " + text;
          },
          "");
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

void availabilityOptions(CLI::App &c, AvailabilityOptions &o, const std::string &json) {
  c.add_option("SCENARIO", o.scenario, "Id of a built-in scenario, or a file")->required();
  durationOption(c, "--until", "How long to simulate, instead of the scenario's own duration",
                 [&o](Duration d) { o.until = d; });
  c.add_option("--seed", o.seed, "Seed of the random streams, instead of the scenario's own")
      ->check(withoutSign);
  c.add_flag("--json", o.json, "One JSON object on standard output: scenario, until_s, " + json);
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
                 "timely answer");
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

void toldRunOptions(CLI::App &c, ToldRequest &o) {
  c.add_option("SCENARIO", o.scenario, "Id of a built-in scenario, or a file")->required();
  durationOption(c, "--until", "How long to simulate, instead of the scenario's own duration",
                 [&o](Duration d) { o.until = d; });
  c.add_option("--seed", o.seed, "Seed of the random streams, instead of the scenario's own")
      ->check(withoutSign);
  settingsOption(c, o.settings);
}

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

void shareOption(CLI::App &c, CalcOptions &o) {
  const auto take = [&o](const std::vector<std::string> &texts) {
    for (const std::string &text : texts) {
      const auto share = parseShare(text);
      if (!share)
        throw CLI::ValidationError("--share", "must be 0 to 1, or 0% to 100%, got " + text);
      o.shares.push_back(*share);
    }
  };
  c.add_option_function<std::vector<std::string>>(
       "--share", take,
       "Share of the time that a part is up, such as 0.99 or 99%; may be given many times")
      ->type_name("SHARE");
}

CLI::App *pbsCommand(CLI::App &calc, PbsCalcOptions &o) {
  CLI::App *c = calc.add_subcommand(
      "pbs", "How stale reads of a quorum may be, by chance (probabilistically bounded staleness)");
  const auto replicas = CLI::Range(1, cluster::pbsReplicasMax);
  c->add_option("--n", o.quorum.n, "Replicas of each key")->check(replicas)->capture_default_str();
  c->add_option("--r", o.quorum.r, "Replicas that a read waits for")
      ->check(replicas)
      ->capture_default_str();
  c->add_option("--w", o.quorum.w, "Replicas that a write waits for")
      ->check(replicas)
      ->capture_default_str();
  c->add_option("--model", o.model, "Measured delays: lnkd-ssd, lnkd-disk, ymmr or wan")
      ->type_name("MODEL");
  const std::string forms = " in ms: 5, uniform:1:9, exp:RATE, pareto:XM:ALPHA, or shares of "
                            "them: 0.4*exp:2+0.6*5; in place of the model's";
  const auto delay = [c](const char *flag, std::optional<std::string> &to,
                         const std::string &help) {
    c->add_option(flag, to, help)->type_name("DELAY");
  };
  delay("--w-delay", o.write, "Delay of a write to a replica" + forms);
  delay("--a-delay", o.acknowledge, "Delay of its acknowledgement");
  delay("--r-delay", o.read, "Delay of a read to a replica");
  delay("--s-delay", o.respond, "Delay of its response");
  delay("--remote-delay", o.remote,
        "On top of each of them for replicas not at the reader's or writer's site");
  c->add_option("--t", o.timesMs, "Further time after the commit, in ms; may be given many times")
      ->check(CLI::NonNegativeNumber);
  c->add_option("--k", o.k, "For the probability of missing all of the latest K writes")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  c->add_option("--trials", o.trials, "Reads and writes drawn")
      ->check(CLI::Range(1U, 100'000'000U))
      ->capture_default_str();
  c->add_option("--seed", o.seed, "Seed of the draws")->capture_default_str();
  c->add_flag("--json", o.json,
              "One JSON object on standard output: n, r, w, model, trials, p_fresh_at_0, t_999_ms, "
              "read_p999_ms, write_p999_ms, read_p50_ms, write_p50_ms, k, p_stale_by_k, and with "
              "--t p_fresh_at");
  return c;
}

CLI::App *availabilityCalcCommand(CLI::App &calc, CalcOptions &o) {
  CLI::App *c = calc.add_subcommand(
      "availability", "What parts that fail apart from each other come to, and what that allows");
  shareOption(*c, o);
  durationOption(*c, "--mtbf", "One more part: its mean time from repair to failure",
                 [&o](Duration d) { o.mtbf = d; });
  durationOption(*c, "--mttr", "And its mean time to repair", [&o](Duration d) { o.mttr = d; });
  c->add_option("--copies", o.copies, "So many of each part")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  c->add_option("--need", o.need,
                "So many parts must be up: 1 is side by side; not given: all of them, in series");
  c->add_flag("--json", o.json,
              "One JSON object on standard output: parts, need, availability, nines, "
              "down_per_day_s, down_per_week_s, down_per_month_s, down_per_year_s");
  return c;
}

CLI::App *raftElectionCommand(CLI::App &calc, RaftElectionCliOptions &o) {
  CLI::App *c = calc.add_subcommand(
      "raft-election", "How long a Raft cluster is without a leader when its leader crashes: the "
                       "Raft paper's measurement, made in the simulator");
  parsedOption<std::pair<Duration, Duration>>(
      *c, "--timeout", "Election timeouts, such as 150-300 (150-300 is the default)", "MS-MS",
      parseTimeoutRange,
      [&o](const auto &range) { std::tie(o.election.timeoutMin, o.election.timeoutMax) = range; },
      "a range in milliseconds such as 150-300");
  c->add_option("--trials", o.election.trials, "Crashes to measure")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  c->add_option("--servers", o.election.servers, "Servers; one of them leads, and crashes")
      ->check(CLI::Range(3, 9))
      ->capture_default_str();
  c->add_option("--ineligible", o.election.ineligible,
                "Of the others so many have shorter logs, and cannot win")
      ->check(CLI::Range(0, 4))
      ->capture_default_str();
  durationOption(*c, "--delay-min", "Least delay of a message (600us)",
                 [&o](Duration d) { o.election.delayMin = d; });
  durationOption(*c, "--delay-max", "Longest delay of a message; all between are alike (5400us)",
                 [&o](Duration d) { o.election.delayMax = d; });
  c->add_option("--seed", o.election.seed, "Seed of the trials")
      ->check(withoutSign)
      ->capture_default_str();
  c->add_option("--threads", o.election.threads, "0: as many as the machine has")
      ->capture_default_str();
  c->add_flag("--json", o.json,
              "One JSON object on standard output: timeout_min_ms, timeout_max_ms, servers, "
              "ineligible, trials, unfinished, split, min_ms, p50_ms, p90_ms, p99_ms, max_ms, "
              "mean_ms");
  return c;
}

/// What calc is asked to calculate.
struct CalcQuestions {
  CalcOptions availability;
  PbsCalcOptions pbs;
  RaftElectionCliOptions raftElection;
};

Command calcCommand(CLI::App &app, CalcQuestions &o) {
  CLI::App *calc = app.add_subcommand("calc", "Calculates, without a scenario");
  calc->require_subcommand(1);
  availabilityCalcCommand(*calc, o.availability);
  const CLI::App *staleness = pbsCommand(*calc, o.pbs);
  const CLI::App *election = raftElectionCommand(*calc, o.raftElection);
  return {calc, [&o, staleness, election] {
            if (staleness->parsed()) return calcPbs(o.pbs);
            if (election->parsed()) return calcRaftElection(o.raftElection);
            return calcAvailability(o.availability);
          }};
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

Command swarmCommand(CLI::App &app, SwarmCliOptions &o) {
  CLI::App *c = app.add_subcommand(
      "swarm", "Runs a scenario many times, each with random faults, and judges each run: exit 0 "
               "without a violation, 1 with one, 2 when it cannot be judged");
  c->add_option("SCENARIO", o.scenario, "Id of a built-in scenario, or a file")->required();
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
  c->add_flag("--shrink", o.shrink,
              "Reduces the first violation to the smallest script that still violates");
  c->add_option("--save", o.save, "Writes that scenario; it opens in the window")
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

Command validateCommand(CLI::App &app, std::string &file) {
  CLI::App *c =
      app.add_subcommand("validate", "Checks a scenario file: exit 0 or 1, one line per fault");
  c->add_option("FILE", file, "Scenario file")->required();
  return {c, [&file] { return validateFile(file); }};
}

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

/// The options of one command in Markdown.
std::string optionsOf(const CLI::App &app, const std::string &name) {
  std::string out = fmt::format("### `packetarium-cli {}`\n\n{}.\n", name, app.get_description());
  out += "\n| option | meaning |\n|---|---|\n";
  for (const CLI::Option *option : app.get_options()) {
    const std::string type = option->get_type_size() == 0 ? "" : option->get_type_name();
    const bool positional = option->get_positional();
    out += fmt::format("| `{}{}` | {} |\n", option->get_name(positional, !positional),
                       positional || type.empty() ? "" : " " + type, option->get_description());
  }
  return out + "\n";
}

std::string optionsPage(const std::vector<Command> &commands) {
  std::string out;
  for (const Command &command : commands) {
    const auto inner = command.app->get_subcommands([](const CLI::App *) { return true; });
    if (inner.empty()) out += optionsOf(*command.app, command.app->get_name());
    for (const CLI::App *app : inner)
      out += optionsOf(*app, command.app->get_name() + " " + app->get_name());
  }
  return out;
}

int dispatch(int argc, char **argv) {
  CLI::App app("Packetarium without a window: runs, checks and makes scenarios.",
               "packetarium-cli");
  app.set_version_flag("--version", PACKETARIUM_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer([] {
    return "Exit codes: 0 done, 1 the input is at fault (or a run broke a promise of Raft, or a "
           "history is not linearizable), 2 wrong usage, 3 undecided, 130 ended by Ctrl+C.\n\n" +
           metricList() + "\n" + traceKindList();
  });
  RunOptions runOptions;
  TapOptions tapOptions;
  AvailabilityOptions servicesOptions, outagesOptions, lostWritesOptions;
  JudgeOptions judgeOptions;
  CapDialOptions capDialOptions;
  CalcQuestions calcQuestions;
  CheckHistoryOptions checkOptions;
  SwarmCliOptions swarmOptions;
  std::string file;
  GenerateOptions generateOptions;
  BenchOptions benchOptions;
  const std::vector<Command> commands = {scenariosCommand(app),
                                         runCommand(app, runOptions),
                                         tapCommand(app, tapOptions),
                                         servicesCommand(app, servicesOptions),
                                         outagesCommand(app, outagesOptions),
                                         lostWritesCommand(app, lostWritesOptions),
                                         judgeCommand(app, judgeOptions),
                                         capDialCommand(app, capDialOptions),
                                         calcCommand(app, calcQuestions),
                                         checkHistoryCommand(app, checkOptions),
                                         swarmCommand(app, swarmOptions),
                                         validateCommand(app, file),
                                         generateCommand(app, generateOptions),
                                         benchCommand(app, benchOptions)};
  CLI::App *reference = app.add_subcommand("reference", "Prints the reference page (Markdown)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? Done_ : WrongUsage;
  }
  if (reference->parsed()) {
    fmt::print("{}", referencePage(optionsPage(commands)));
    return Done_;
  }
  for (const Command &command : commands)
    if (command.app->parsed()) return command.action();
  return WrongUsage;
}

} // namespace
} // namespace packetarium::cli

int main(int argc, char **argv) {
  using namespace packetarium::cli;
  std::signal(SIGINT, onInterrupt);
  std::signal(SIGTERM, onInterrupt);
  try {
    return dispatch(argc, argv);
  } catch (const std::bad_alloc &) {
    fmt::print(stderr, "There is not enough memory for this.\n");
  } catch (const std::exception &error) {
    fmt::print(stderr, "This should not have happened: {}. Please report it.\n", error.what());
  }
  return InputAtFault;
}
