// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/programs/virtual_service.h"
#include "core/wire/cluster_message.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;
using wire::cluster::Message;

/// Sockets that can be told to cut a node's power, so that a node which does not answer is surely
/// off.
///
///     fence node=a nr=17          fenced node=a nr=17
///
/// The same number asks again for the same thing.
class PowerSwitch final : public ProgramOf<PowerSwitch> {
public:
  explicit PowerSwitch(const ParameterValues &v)
      : m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_takes(v.duration("switch_ns")),
        m_restartAfter(v.duration("restart_after_ns")) {}

  void start(Context &ctx) override {
    m_socket = ctx.udpOpen(m_port);
    if (m_socket == transport::noSocket)
      ctx.note(fmt::format("The port {} is in use.", m_port));
    else
      ctx.phase("power.ready");
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.kind != SocketEvent::Kind::Datagram) return;
    const auto message = wire::cluster::decode(event.data);
    if (!message || !message->is("fence") || message->text("node").empty()) return;
    const Order order{event.remote, std::string(message->text("node")), message->number("nr", 0)};
    const auto known = std::find_if(m_orders.begin(), m_orders.end(), [&](const Order &o) {
      return o.from == order.from && o.node == order.node && o.number == order.number;
    });
    if (known == m_orders.end()) {
      m_orders.push_back(order);
      ctx.setTimer(m_takes, 2 * (m_orders.size() - 1));
    } else if (known->done) {
      confirm(ctx, *known);
    }
  }

  /// Even tags cut the power of an order's node, odd ones give it back.
  void onTimer(Context &ctx, std::uint64_t tag) override {
    Order &order = m_orders[tag / 2];
    ctx.setPower(order.node, tag % 2 == 1);
    if (tag % 2 == 1) {
      ctx.phase("power.on", order.node);
      return;
    }
    order.done = true;
    ctx.phase("power.cut", order.node);
    ctx.note(fmt::format("The power of {} was cut for {}.", order.node, order.from.address.text()));
    confirm(ctx, order);
    if (m_restartAfter > Duration{}) ctx.setTimer(m_restartAfter, tag + 1);
  }

  std::vector<Described> describe(SimTime) const override {
    Described table = row("orders", text(m_orders.size()));
    for (const Order &o : m_orders)
      table.children.push_back(row(
          o.node, fmt::format("{} for {}", o.done ? "cut" : "being cut", o.from.address.text())));
    return {std::move(table)};
  }

private:
  struct Order {
    transport::Endpoint from;
    std::string node;
    std::int64_t number = 0;
    bool done = false;
  };

  void confirm(Context &ctx, const Order &order) {
    const auto reply = Message("fenced").add("node", order.node).add("nr", order.number);
    ctx.udpSend(m_socket, order.from, wire::cluster::payloadOf(reply));
  }

  std::uint16_t m_port = 0;
  Duration m_takes, m_restartAfter;

  transport::SocketId m_socket = transport::noSocket;
  std::vector<Order> m_orders;
};

} // namespace

ProgramType powerSwitchType() {
  using namespace declare;
  return {"power-switch",
          "Power switch",
          "Cuts the power of a node when another asks it to (fencing)",
          "crash",
          {port(failover::powerSwitchPort, "Where nodes ask"),
           duration("switch_ns", Duration::ms(500), 0, hour, "It takes so long to switch"),
           duration("restart_after_ns", Duration{}, 0, 1000 * hour,
                    "Gives the power back after so long; 0: never")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<PowerSwitch>(v);
          }};
}

} // namespace packetarium::programs
