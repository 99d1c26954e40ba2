// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/programs/virtual_service.h"
#include "core/wire/cluster_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;
using wire::cluster::Message;

/// A third party that sees both members of a pair: it lends a lease for each service, to one node
/// at a time.
///
///     lease service=web node=a span-ms=3000 sent=17 [held=1]    granted service=web sent=17
///     release service=web node=a sent=18                        denied service=web sent=17
///     holder=b
class Witness final : public ProgramOf<Witness> {
public:
  explicit Witness(const ParameterValues &v)
      : m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_longest(v.duration("lease_max_ns")) {}

  void start(Context &ctx) override {
    m_socket = ctx.udpOpen(m_port);
    if (m_socket == transport::noSocket) {
      ctx.note(fmt::format("The port {} is in use.", m_port));
      return;
    }
    // What it lent before a crash is forgotten, so nobody else may get it before it has run out.
    m_graceUntil = ctx.now() == SimTime::zero() ? ctx.now() : ctx.now() + m_longest;
    ctx.phase("witness.ready");
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.kind != SocketEvent::Kind::Datagram) return;
    const auto message = wire::cluster::decode(event.data);
    if (!message) return;
    const std::string service(message->text("service")), node(message->text("node"));
    if (node.empty()) return;
    if (message->is("lease")) answer(ctx, event.remote, *message, service, node);
    if (message->is("release")) release(ctx, *message, service, node);
  }

  std::vector<Described> describe(SimTime now) const override {
    Described table = row("leases", text(m_leases.size()), "one a service");
    for (const auto &[service, lease] : m_leases)
      table.children.push_back(
          row(service, lease.until > now
                           ? fmt::format("{}, for {}", lease.holder, inMs(lease.until - now))
                           : "free"));
    return {std::move(table), row("granted", text(m_granted)), row("denied", text(m_denied))};
  }

private:
  struct Lease {
    std::string holder;
    SimTime until;
    std::int64_t sent = 0; ///< of the request it was last granted for
  };

  void answer(Context &ctx, transport::Endpoint from, const Message &asked,
              const std::string &service, const std::string &node) {
    const Duration span = std::min(Duration::ms(asked.number("span-ms", 0)), m_longest);
    Lease &lease = m_leases[service];
    const bool taken = lease.until > ctx.now() && lease.holder != node;
    const bool unknown = ctx.now() < m_graceUntil && lease.holder.empty();
    const bool grants = span > Duration{} && !taken && (!unknown || asked.number("held", 0) == 1);
    Message reply(grants ? "granted" : "denied");
    reply.add("service", service).add("sent", asked.number("sent", 0));
    if (grants) {
      if (lease.holder != node) tellHolder(ctx, service, node);
      lease = {node, ctx.now() + span, asked.number("sent", 0)};
      ++m_granted;
    } else {
      reply.add("holder", taken ? lease.holder : "unknown");
      ++m_denied;
    }
    ctx.udpSend(m_socket, from, wire::cluster::payloadOf(reply));
  }

  /// One that was overtaken by a later request says nothing any more.
  void release(Context &ctx, const Message &asked, const std::string &service,
               const std::string &node) {
    const auto lease = m_leases.find(service);
    if (lease == m_leases.end() || lease->second.holder != node ||
        lease->second.sent > asked.number("sent", 0))
      return;
    lease->second.until = ctx.now();
    ctx.phase("witness.released", service);
  }

  void tellHolder(Context &ctx, const std::string &service, const std::string &node) {
    ctx.phase("witness.granted", service);
    ctx.fact(transport::noSocket, trace::FactTopic::Role, service, "witness",
             node + " holds the lease");
  }

  std::uint16_t m_port = 0;
  Duration m_longest;

  transport::SocketId m_socket = transport::noSocket;
  SimTime m_graceUntil;
  std::map<std::string, Lease> m_leases;
  std::uint64_t m_granted = 0, m_denied = 0;
};

} // namespace

ProgramType witnessType() {
  using namespace declare;
  return {"witness",
          "Witness",
          "Lends the right to be active to one of a pair at a time",
          "eye",
          {port(failover::witnessPort, "Where members ask for leases"),
           duration("lease_max_ns", Duration::seconds(10), 10 * millisecond, hour,
                    "Longest lease; after a restart it lends nothing new for so long")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<Witness>(v);
          }};
}

} // namespace packetarium::programs
