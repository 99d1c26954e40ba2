// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/wire/dns.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using trace::FactTopic;
using trace::RequestOutcome;

/// Looks one name up again and again through its node's resolver, and tells each answer as a read
/// of what the name's updater writes.
class DnsReader final : public ProgramOf<DnsReader> {
public:
  explicit DnsReader(const ParameterValues &v)
      : m_name(wire::dns::canonicalName(v.text("name"))),
        m_service(v.text("service").empty() ? "dns" : v.text("service")),
        m_poisson(v.text("arrivals") == "poisson"),
        m_start(v.duration("start_ns")),
        m_period(v.duration("period_ns")),
        m_timeout(v.duration("timeout_ns")),
        m_count(static_cast<std::uint64_t>(v.integer("count"))) {}

  void start(Context &ctx) override { ctx.setTimer(m_start, Look); }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Look)
      look(ctx);
    else if (m_busy)
      finish(ctx, RequestOutcome::Timeout, "", fmt::format("no answer within {}", inMs(m_timeout)));
  }

  void onResolved(Context &ctx, std::uint64_t number, const Resolution &answer) override {
    if (!m_busy || number != m_request) return; // it came too late
    tellSource(ctx, answer);
    const bool known =
        answer.status == Resolution::Status::Ok || answer.status == Resolution::Status::NoSuchName;
    if (known)
      finish(ctx, RequestOutcome::Ok, valueOf(answer), "");
    else
      finish(ctx, outcomeOf(answer.status), "", sentence(answer.status, m_name));
  }

  std::vector<Described> describe(SimTime) const override {
    return {row("name", m_name), row("looked up", text(m_looked)),
            row("answered from the cache", text(m_cached)), row("not answered", text(m_failed)),
            row("address", m_last.empty() ? "none" : m_last, "as it was told last")};
  }

private:
  enum Timer : std::uint64_t { Look, GiveUp };

  void look(Context &ctx) {
    if (m_count != 0 && m_looked >= m_count) return;
    ctx.setTimer(m_poisson ? std::max(ctx.random("arrivals").exponential(m_period), Duration::us(1))
                           : m_period,
                 Look);
    if (m_busy) return; // one question at a time
    ++m_looked;
    m_busy = true;
    m_began = ctx.now();
    m_request = ctx.requestStarted("look up " + m_name, m_service);
    if (m_process.empty()) m_process = fmt::format("{}-{}", ctx.node().id, m_request);
    tell(ctx, "invoke", "");
    m_timer = ctx.setTimer(m_timeout, GiveUp);
    ctx.resolve(m_name, m_request);
  }

  /// Several addresses are one value, whatever order the server gave them in. No such name, or no
  /// address: nothing.
  static std::string valueOf(const Resolution &answer) {
    std::vector<wire::Ipv4Address> addresses = answer.addresses;
    std::sort(addresses.begin(), addresses.end());
    std::string all;
    for (const auto a : addresses) all += (all.empty() ? "" : ",") + a.text();
    return all;
  }

  void tellSource(Context &ctx, const Resolution &answer) {
    if (answer.fromCache) {
      ++m_cached;
      ctx.fact(transport::noSocket, FactTopic::Try, "cached", text(m_request),
               fmt::format("{} {}", answer.learned.ns(), answer.expires.ns()));
    } else if (!answer.server.address.isAny()) {
      ctx.fact(transport::noSocket, FactTopic::Try, "answered", text(m_request),
               answer.server.text());
    }
  }

  void finish(Context &ctx, RequestOutcome outcome, const std::string &value,
              const std::string &why) {
    m_busy = false;
    ctx.cancelTimer(m_timer);
    const bool ok = outcome == RequestOutcome::Ok;
    if (ok) m_last = value;
    if (!ok) ++m_failed;
    ctx.requestEnded(m_request, outcome, ctx.now() - m_began, value.size(), why);
    tell(ctx, ok ? "ok" : "fail", value);
    if (ok)
      ctx.phase("dns.looked-up", fmt::format("{}: {}", m_name, value.empty() ? "none" : value));
    else
      ctx.phase("dns.not-looked-up", m_name);
  }

  void tell(Context &ctx, std::string_view how, const std::string &value) const {
    ctx.fact(transport::noSocket, FactTopic::Operation, how,
             fmt::format("read {} {}", m_name, value.empty() ? "-" : value),
             fmt::format("{} {} {}", m_process, m_request, m_service));
  }

  std::string m_name, m_service;
  bool m_poisson;
  Duration m_start, m_period, m_timeout;
  std::uint64_t m_count;

  std::string m_process, m_last;
  bool m_busy = false;
  SimTime m_began;
  std::uint64_t m_request = 0, m_looked = 0, m_cached = 0, m_failed = 0;
  TimerId m_timer;
};

std::string checkLookedUpName(std::string_view name) {
  const std::string canonical = wire::dns::canonicalName(name);
  if (!canonical.empty() && wire::dns::validName(canonical)) return {};
  return "must be a domain name such as www.example.com";
}

} // namespace

ProgramType dnsReaderType() {
  using namespace declare;
  Parameter name = required(text("name", "", "Name it looks up, such as www.example.com"));
  name.checkText = checkLookedUpName;
  return {"dns-reader",
          "DNS reader",
          "Looks one name up again and again; each answer is a read that can be fresh or stale",
          "search",
          {std::move(name),
           text("service", "", "What the name's service is called in views; empty: dns"), startAt(),
           duration("period_ns", Duration::seconds(1), millisecond, 1000 * hour,
                    "Looks it up this often"),
           choice("arrivals", {"constant", "poisson"},
                  "The period is kept, or only so on average (a Poisson process)"),
           integer("count", "", 0, 0, 1e9, "Looks it up so many times; 0: no end"),
           duration("timeout_ns", Duration::seconds(5), millisecond, hour,
                    "Gives one look-up up after this")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<DnsReader>(v);
          }};
}

} // namespace packetarium::programs
