// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/trace_file.h"
#include "core/analysis/metrics.h"
#include "core/programs/program.h"
#include "core/scenario/scenario.h"

#include <fmt/format.h>

#include <cmath>

namespace packetarium::cli {
namespace {

/// A bar would end the cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string metricsSection() {
  std::string out =
      "## Metrics\n\n"
      "In `metrics` of `run --json` (summary) and as lines of `run --metrics` (rows: "
      "`t_ns,entity,metric,value,unit`, every 100 ms of simulated time). The entity is "
      "`run`, a node's id, a socket such as `browser#3`, or a direction of a link: "
      "`l1.ab` from its first end, `l1.ba` back.\n\n"
      "| metric | unit | summary | rows | meaning |\n|---|---|---|---|---|\n";
  for (const analysis::MetricInfo &m : analysis::metricTable())
    out += fmt::format("| {} | {} | {} | {} | {} |\n", code(m.name), m.unit,
                       m.inSummary ? "yes" : "", m.inRows ? "yes" : "", cell(m.help));
  return out;
}

std::string traceSection() {
  std::string out =
      "## Trace kinds\n\n"
      "`run --trace` writes one JSON object a line, in order of `seq`. Each has "
      "`t_ns`, `seq` (from 1), `cause` (the `seq` of the record that led to it, 0: the "
      "start), `node`, `link` (ids or null), `packet` (number or null) and `kind`; "
      "beside them:\n\n| kind | meaning | further keys |\n|---|---|---|\n";
  for (const TraceKind &k : traceKinds())
    out += fmt::format("| {} | {} | {} |\n", code(trace::name(k.kind)), k.help, k.keys);
  out += "\nReasons of `frame-dropped`:\n\n| reason | meaning |\n|---|---|\n";
  for (std::uint16_t i = 1; !trace::name(static_cast<trace::DropReason>(i)).empty(); ++i)
    out += fmt::format("| {} | {} |\n", code(trace::name(static_cast<trace::DropReason>(i))),
                       trace::sentence(static_cast<trace::DropReason>(i)));
  return out;
}

std::string shown(const programs::ParameterValue &value) {
  if (const auto *v = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *v);
  if (const auto *v = std::get_if<double>(&value)) return fmt::format("{}", *v);
  if (const auto *v = std::get_if<bool>(&value)) return *v ? "true" : "false";
  if (const auto *v = std::get_if<std::string>(&value)) return "\"" + *v + "\"";
  return "list";
}

/// Limits are whole numbers, but for a few fractions.
std::string shownLimit(double v) {
  return v == std::floor(v) ? fmt::format("{:.0f}", v) : fmt::format("{}", v);
}

std::string rangeOf(const programs::Parameter &p) {
  if (!p.choices.empty()) return fmt::format("{}", fmt::join(p.choices, ", "));
  if (p.minimum == p.maximum) return "";
  return shownLimit(p.minimum) + " to " + shownLimit(p.maximum);
}

void appendParameters(std::string &out, const std::vector<programs::Parameter> &parameters,
                      const std::string &prefix) {
  for (const programs::Parameter &p : parameters) {
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", code(prefix + p.key),
                       programs::name(p.type), p.required ? "must be given" : shown(p.byDefault),
                       rangeOf(p), p.unit, cell(p.help));
    appendParameters(out, p.columns, prefix + p.key + "[].");
  }
}

std::string programsSection() {
  std::string out = "## Programs\n\nKinds of programs that hosts and routers run, with their "
                    "parameters.\n";
  for (const programs::ProgramType &type : programs::programTypes()) {
    out += fmt::format("\n### {}\n\n{}: {}\n\n", code(type.kind), type.title, type.help);
    out += "| parameter | type | default | range | unit | meaning |\n|---|---|---|---|---|---|\n";
    appendParameters(out, type.parameters, "");
  }
  return out;
}

std::string actionsTable() {
  std::string out = "| action | target | value |\n|---|---|---|\n";
  using Kind = scenario::ScriptEntry::Kind;
  for (int k = 0; k < world::actionKinds; ++k) {
    const auto kind = static_cast<Kind>(k);
    const auto key = scenario::valueKey(kind);
    out += fmt::format("| {} | {} | {} |\n", code(scenario::name(kind)),
                       scenario::targetsNode(kind) ? "`node`" : "`link`",
                       key.empty() ? "" : code(key));
  }
  return out;
}

struct FileKey {
  std::string_view key, holds;
};
constexpr FileKey fileKeys[] = {
    {"version", "1"},
    {"id, title, tab, summary", "what the scenario is called, and the group it stands in"},
    {"seed, duration_ns", "of a run"},
    {"nodes[]", "id, name, kind (host, laptop, server, switch, router, home-router), interfaces[], "
                "gateway, name_servers[], nat_outside, arp_timeout_ns, mac_timeout_ns, "
                "static_routes[], programs[]"},
    {"nodes[].interfaces[]", "id, mac, address (with its length: 10.0.0.5/24)"},
    {"nodes[].static_routes[]",
     "prefix, next_hop (none: on the link itself), interface; they go before chosen ones"},
    {"nodes[].programs[]", "id, kind, parameters"},
    {"links[]", "id, from and to (each with node, interface), rate_bps, delay_ns, jitter_ns, loss "
                "(0 to 1), queue_packets (each way), cost (for routes), up"},
    {"layout", "x and y of each node by its id, in pixels"},
    {"script[]", "id, at_ns, action, its target and value; see below"},
    {"notes[]", "id, text, x, y: text on the canvas"},
    {"card", "watch[], try[], notice[], hint (text, node or link)"},
    {"bookmarks[]", "id, at_ns, title, caption"},
    {"phases[]", "stops of stepping by phase: on (a milestone), node, nth (none: every one), step, "
                 "stage, title, caption"},
    {"routes", "shortest paths as they were chosen, and the digest of the topology they hold for; "
               "when that differs they are chosen anew"},
};

std::string fileSection() {
  std::string out =
      "## Scenario file\n\n"
      "JSON with the extension `.packetarium`, at most 16 MiB. Ids are 1 to 64 letters, digits, "
      "`-` "
      "and `_`; they never change, names may. Numbers carry their unit in the key. Unknown keys "
      "are "
      "faults. What the program chooses (MAC addresses, addresses, gateways, name servers, routes) "
      "it writes into the file; leave a key out to have it chosen.\n\n| key | holds |\n|---|---|\n";
  for (const FileKey &k : fileKeys) out += fmt::format("| {} | {} |\n", code(k.key), k.holds);
  return out + "\nActions of the script:\n\n" + actionsTable();
}

} // namespace

std::string metricList() {
  std::string out = "Metrics (<...> varies):\n";
  for (const analysis::MetricInfo &m : analysis::metricTable())
    out += fmt::format("  {:<32} {:<12} {}\n", m.name, m.unit, m.help);
  return out;
}

std::string traceKindList() {
  std::string out = "Trace kinds:\n";
  for (const TraceKind &k : traceKinds())
    out += fmt::format("  {:<32} {}\n", trace::name(k.kind), k.help);
  return out;
}

std::string referencePage(const std::string &options) {
  std::string out =
      "# packetarium-cli\n\n"
      "Runs, checks and makes scenarios without a window. This page is printed by "
      "`packetarium-cli reference`.\n\n"
      "Exit codes: 0 done, 1 the input is at fault (with a message; also: a run broke "
      "a promise of Raft, a history is not linearizable), 2 wrong usage, 3 "
      "undecided within the budget (`check-history`), 130 ended early by "
      "Ctrl+C.\n\n## Commands and options\n\n";
  out += options;
  out += "\n" + metricsSection() + "\n" + traceSection() + "\n" + fileSection() + "\n" +
         programsSection();
  return out;
}

} // namespace packetarium::cli
