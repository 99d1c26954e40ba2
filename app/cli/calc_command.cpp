// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/option_kinds.h"

namespace packetarium::cli {
namespace {

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

} // namespace

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

} // namespace packetarium::cli
