// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/kv_client/client.h"
#include "core/programs/kv_protocol.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/types.h"

namespace packetarium::programs::kv {

ClientSettings::ClientSettings(const ParameterValues &v)
    : service(v.text("service").empty() ? "store" : v.text("service")),
      open(v.text("mode") == "open"),
      rateRps(v.real("rate_rps")),
      clients(static_cast<std::uint64_t>(v.integer("clients"))),
      think(v.duration("think_ns")),
      decide(v.duration("decide_ns")),
      plan{v.text("operations"),
           v.real("read_share"),
           v.text("change_by") == "cas",
           v.integer("opening_balance"),
           v.integer("amount"),
           KeyChoice(v.text("key_name"), static_cast<std::uint64_t>(v.integer("keys")),
                     v.real("skew")),
           static_cast<std::uint64_t>(v.integer("keys"))},
      readFrom(v.text("read_from")),
      stale(v.text("level") == "stale"),
      session(v.boolean("session")),
      audit(v.duration("audit_every_ns")),
      timeout(v.duration("timeout_ns")),
      retries(static_cast<int>(v.integer("retries"))),
      backoff(v.duration("backoff_ns")),
      backoffMax(v.duration("backoff_max_ns")),
      start(v.duration("start_ns")),
      length(v.duration("duration_ns")) {
  const auto serverPort = static_cast<std::uint16_t>(v.integer("port"));
  for (const ParameterRow &row : v.rows("servers")) {
    const auto *address = std::get_if<std::string>(&row.values.at("address"));
    if (const auto parsed = wire::Ipv4Address::parse(*address))
      servers.push_back({*parsed, serverPort});
  }
}

namespace {

std::vector<Parameter> whatClientsDo() {
  using namespace declare;
  return {
      choice("operations", {"set", "add", "cart", "cas", "append", "transfer", "seat"},
             "Set new values, count up, fill carts, compare and set, append, move money, or buy "
             "seats"),
      choice("change_by", {"cas", "read-then-write"},
             "Transfer, seat: changes what it read only if it is still so, or writes over it"),
      integer("opening_balance", "", 100, 0, 1e9, "Transfer: of each account"),
      integer("amount", "", 10, 1, 1e9, "Transfer: so much each time"),
      duration(
          "audit_every_ns", packetarium::Duration{}, 0, hour,
          "Transfer: adds up all accounts this often, while no transfer is under way; 0: never"),
      duration("decide_ns", packetarium::Duration{}, 0, hour,
               "Transfer, seat: pause between what was read and what is done about it"),
      choice("read_from", {"primary", "any", "nearest"},
             "Who is asked for reads; nearest: the first of the servers"),
      choice("level", {"best", "stale"},
             "Stale: a read takes whatever the asked member has; best: the store's rule"),
      boolean("session", false,
              "Asks for session guarantees: no member answers from before what a client has seen"),
  };
}

std::vector<Parameter> whomClientsAsk() {
  using namespace declare;
  return {required(records("servers", {required(address("address", "Of a member of the store"))},
                           "Members it may ask, first choice first")),
          declare::port(kv::port, "TCP port of the store"),
          text("service", "", "What the store is called in views of services; empty: store")};
}

std::vector<Parameter> howOften() {
  using namespace declare;
  return {
      choice("mode", {"closed", "open"},
             "A fixed number of clients, or operations at a rate (Poisson)"),
      real("rate_rps", "operations/s", 10, 0.001, 1e6, "Open: mean operations a second"),
      integer("clients", "", 1, 1, 10000, "Closed: how many clients"),
      duration("think_ns", packetarium::Duration::ms(100), 0, hour,
               "Closed: mean pause between an answer and the next operation (exponential)"),
      text("key_name", "key", "What keys are called: \"key\", or \"key-3\" when there are more"),
      integer("keys", "", 10, 1, 10000, "How many keys there are: accounts, seats"),
      real("skew", "", 0, 0, 10,
           "Zipf's exponent: some keys are asked for more often; 0: all alike"),
      real("read_share", "", 0.5, 0, 1, "How many of the operations are reads")};
}

std::vector<Parameter> howLong() {
  using namespace declare;
  return {duration("timeout_ns", packetarium::Duration::seconds(1), millisecond, hour,
                   "Gives one attempt up after this"),
          integer("retries", "", 3, 0, 1000, "Further attempts of one operation"),
          duration("backoff_ns", packetarium::Duration::ms(50), 0, hour,
                   "Longest pause before the second attempt; doubles each time (full jitter)"),
          duration("backoff_max_ns", packetarium::Duration::seconds(2), 0, hour,
                   "Longest pause of all"),
          startAt(),
          duration("duration_ns", packetarium::Duration{}, 0, 1000 * hour,
                   "Begins no operation after so long; 0: no end")};
}

} // namespace

std::vector<Parameter> clientParameters() {
  return joined(joined(whomClientsAsk(), howOften()), joined(whatClientsDo(), howLong()));
}

} // namespace packetarium::programs::kv

namespace packetarium::programs {

ProgramType kvClientType() {
  return {"kv-client",
          "Clients of a store",
          "Clients of a key-value store: they read and write, find the primary, try again",
          "load",
          kv::clientParameters(),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<kv::Client>(v);
          }};
}

} // namespace packetarium::programs
