// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/datagram_stamp.h"
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <map>

namespace packetarium::programs {
namespace {

/// What has come from one sender.
struct Flow {
  std::uint64_t first = 0;    ///< sequence number it began with
  std::uint64_t expected = 0; ///< one above the highest number seen
  std::uint64_t received = 0, bytes = 0;
  std::uint64_t reordered = 0; ///< RFC 4737 section 3.3: number below the highest seen before
  std::uint64_t timed = 0;
  Duration delaySum, delayMax;

  /// Numbers below the highest that have not come (RFC 7680; a late one is taken off again).
  std::uint64_t lost() const {
    const std::uint64_t span = expected - first;
    return span > received ? span - received : 0;
  }
};

/// Counts what arrives on a port: loss, reordering and delay of each sender.
class UdpSink final : public ProgramOf<UdpSink> {
public:
  explicit UdpSink(const ParameterValues &v)
      : m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_interval(v.duration("sample_interval_ns")) {}

  void start(Context &ctx) override {
    m_socket = ctx.udpOpen(m_port);
    if (m_socket == transport::noSocket)
      ctx.note(fmt::format("UDP port {} is taken by another program of this node.", m_port));
  }

  void onSocket(Context &ctx, const transport::SocketEvent &event) override {
    if (event.kind != transport::SocketEvent::Kind::Datagram) return;
    if (!m_sampling && m_interval > Duration{}) {
      m_sampling = true;
      ctx.setTimer(m_interval, 0);
    }
    take(ctx.now(), event);
  }

  void onTimer(Context &ctx, std::uint64_t) override {
    std::uint64_t lost = 0, reordered = 0;
    for (const auto &[from, flow] : m_flows) {
      lost += flow.lost();
      reordered += flow.reordered;
    }
    const double seconds = m_interval.toSeconds();
    ctx.sample("udp.goodput_bps", static_cast<double>(m_intervalBytes) * 8 / seconds);
    ctx.sample("udp.lost", static_cast<double>(lost));
    ctx.sample("udp.reordered", static_cast<double>(reordered));
    if (m_intervalTimed > 0)
      ctx.sample("udp.delay_ms", m_intervalDelay.toMs() / static_cast<double>(m_intervalTimed));
    m_intervalBytes = m_intervalTimed = 0;
    m_intervalDelay = {};
    ctx.setTimer(m_interval, 0);
  }

  std::vector<Described> describe(SimTime) const override {
    Described flows = row("senders", text(m_flows.size()));
    for (const auto &[from, f] : m_flows) {
      Described one = row(from.text(), fmt::format("{} datagrams, {} B", f.received, f.bytes));
      one.children = {row("lost", text(f.lost()), "gaps in the sequence numbers"),
                      row("reordered", text(f.reordered), "RFC 4737")};
      if (f.timed > 0) {
        one.children.push_back(
            row("mean delay", inMs(f.delaySum / static_cast<std::int64_t>(f.timed)), "one way"));
        one.children.push_back(row("longest delay", inMs(f.delayMax), "one way"));
      }
      flows.children.push_back(std::move(one));
    }
    return {row("port", text(m_port)), std::move(flows)};
  }

private:
  /// A number so far below the highest comes from a sender that began anew.
  static constexpr std::uint64_t restartGap = 1000;

  void take(SimTime now, const transport::SocketEvent &event) {
    const auto [at, isNew] = m_flows.try_emplace(event.remote);
    Flow &f = at->second;
    const Stamp stamp = readStamp(event.data, f.expected);
    if (isNew || stamp.sequence + restartGap < f.expected) {
      f = Flow{};
      // A small first number means that those before it were lost, not that we came late.
      f.first = f.expected = stamp.sequence < patternPeriod ? 0 : stamp.sequence;
    }
    ++f.received;
    f.bytes += event.data.size();
    m_intervalBytes += event.data.size();
    if (stamp.sequence >= f.expected)
      f.expected = stamp.sequence + 1;
    else
      ++f.reordered;
    if (stamp.sentAt) takeDelay(f, now - *stamp.sentAt);
  }

  void takeDelay(Flow &f, Duration delay) {
    ++f.timed;
    f.delaySum = f.delaySum + delay;
    f.delayMax = std::max(f.delayMax, delay);
    ++m_intervalTimed;
    m_intervalDelay = m_intervalDelay + delay;
  }

  std::uint16_t m_port = 0;
  Duration m_interval;
  transport::SocketId m_socket = transport::noSocket;
  bool m_sampling = false;
  std::map<transport::Endpoint, Flow> m_flows;
  std::uint64_t m_intervalBytes = 0, m_intervalTimed = 0;
  Duration m_intervalDelay;
};

} // namespace

ProgramType udpSinkType() {
  using namespace declare;
  return {"udp-sink",
          "UDP sink",
          "Counts datagrams that arrive: loss, reordering, delay",
          "packet",
          {port(9000, "Port it receives on"), duration("sample_interval_ns", Duration::seconds(1),
                                                       0, hour, "Time between samples; 0: none")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<UdpSink>(v);
          }};
}

} // namespace packetarium::programs
