// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/vrrp.h"

#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/programs/virtual_service.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using trace::FailoverStage;
using transport::SocketEvent;
using wire::vrrp::Advertisement;

constexpr Duration centisecond = Duration::ms(10);

/// The state machine of RFC 9568 section 6.4 for one virtual router on one card; accept mode is on.
class Vrrp final : public ProgramOf<Vrrp> {
public:
  explicit Vrrp(const ParameterValues &v)
      : m_service(v),
        m_routerId(static_cast<std::uint8_t>(v.integer("virtual_router_id"))),
        m_configuredPriority(static_cast<std::uint8_t>(v.integer("priority"))),
        m_interval(v.duration("advert_interval_ns") / centisecond.ns() * centisecond.ns()),
        m_preempt(v.boolean("preempt")),
        m_virtualMac(v.boolean("virtual_mac")),
        m_preemptDelay(v.duration("preempt_delay_ns")),
        m_start(v.duration("start_ns")),
        m_stop(v.duration("stop_ns")) {}

  void start(Context &ctx) override {
    m_priority = m_configuredPriority;
    m_activeInterval = m_interval;
    const auto card = m_service.interface(ctx.node());
    if (!card) {
      ctx.note("VRRP needs a card with an address of its own.");
      return;
    }
    m_interface = *card;
    m_socket = ctx.rawOpen(static_cast<std::uint8_t>(wire::IpProtocol::Vrrp));
    ctx.joinGroup(m_socket, m_interface, wire::vrrp::group);
    ctx.setTimer(m_start, Startup);
    // A date, not a span: what was stopped for maintenance and started again stays.
    const Duration left = SimTime::zero() + m_stop - ctx.now();
    if (m_stop > Duration{} && left >= Duration{}) ctx.setTimer(left, Shutdown);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    switch (tag) {
    case Startup: return startUp(ctx);
    case AdvertTimer: return sendAndRepeat(ctx);
    case ActiveDown: return activeDown(ctx);
    case Missed: return missed(ctx);
    case Shutdown: return shutDown(ctx);
    default: return;
    }
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.kind != SocketEvent::Kind::Packet || event.interface != m_interface) return;
    if (const auto advertisement = checked(ctx, event.packet)) {
      ++m_heard;
      m_peer = event.packet.ip.source;
      onAdvertisement(ctx, *advertisement);
    }
  }

  void onPromote(Context &ctx) override {
    if (m_state != State::Backup) return;
    // What an operator does: a priority above all others but the owner's.
    m_priority = 254;
    becomeActive(ctx, "promoted by hand: its priority is now 254");
  }

  std::vector<Described> describe(SimTime now) const override {
    std::vector<Described> rows = {
        row("virtual router", text(m_routerId), "all that stand in for each other share it"),
        row("state", std::string(name(m_state)), "RFC 9568 6.4"),
        row("addresses", m_service.addressesText()),
        row("priority", text(m_priority), "the highest is active; 255 owns the addresses"),
        row("advertisement interval", inMs(m_interval)),
        row("active's interval", inMs(m_activeInterval), "learned from its advertisements"),
        row("skew time", inMs(skew()), "shorter with a higher priority (RFC 9568 6.1)"),
        row("active down interval", inMs(downInterval()),
            "silence after which it takes over (RFC 9568 6.1)")};
    if (m_state == State::Backup) rows.push_back(row("takes over in", inMs(m_downAt - now)));
    rows.push_back(row("advertisements sent", text(m_sent)));
    rows.push_back(row("advertisements heard", text(m_heard)));
    rows.push_back(row("advertisements refused", text(m_refused), "RFC 9568 7.1"));
    rows.push_back(row("last heard of", m_peer.isAny() ? "nobody" : m_peer.text()));
    return rows;
  }

private:
  enum class State : std::uint8_t { Initialize, Backup, Active };
  enum Tag : std::uint64_t { Startup, AdvertTimer, ActiveDown, Missed, Shutdown };

  static std::string_view name(State state) {
    constexpr std::string_view names[] = {"initialize", "backup", "active"};
    return names[static_cast<std::size_t>(state)];
  }
  Duration skewOf(Duration interval) const { return interval * (256 - m_priority) / 256; }
  Duration skew() const { return skewOf(m_activeInterval); }
  Duration downInterval() const { return m_activeInterval * 3 + skew(); }
  bool owner() const { return m_priority == wire::vrrp::ownerPriority; }

  std::optional<Advertisement> checked(Context &ctx, const wire::Packet &packet);
  void startUp(Context &ctx);
  void shutDown(Context &ctx);
  void onAdvertisement(Context &ctx, const Advertisement &heard);
  void heardInBackup(Context &ctx, const Advertisement &heard);
  void heardInActive(Context &ctx, const Advertisement &heard);
  bool preemptsNow(Context &ctx);
  void follow(Context &ctx, const Advertisement &heard);
  void waitFor(Context &ctx, Duration silence);
  void missed(Context &ctx);
  void activeDown(Context &ctx);
  void becomeActive(Context &ctx, const std::string &why);
  void becomeBackup(Context &ctx, const std::string &why);
  void send(Context &ctx, std::uint8_t priority);
  void sendAndRepeat(Context &ctx);
  void stopTimers(Context &ctx) {
    ctx.cancelTimer(m_advertTimer);
    ctx.cancelTimer(m_downTimer);
    ctx.cancelTimer(m_missedTimer);
  }

  VirtualService m_service;
  std::uint8_t m_routerId = 1, m_configuredPriority = 100;
  Duration m_interval;
  bool m_preempt = true, m_virtualMac = true;
  Duration m_preemptDelay, m_start, m_stop;

  State m_state = State::Initialize;
  std::uint8_t m_priority = 100;
  Duration m_activeInterval;
  std::uint32_t m_interface = 0;
  transport::SocketId m_socket = transport::noSocket;
  TimerId m_advertTimer, m_downTimer, m_missedTimer;
  SimTime m_downAt;
  std::optional<SimTime> m_preemptFrom;
  bool m_overruled = false, m_resigned = false, m_toldMismatch = false;
  wire::Ipv4Address m_peer;
  std::uint64_t m_sent = 0, m_heard = 0, m_refused = 0;
};

/// RFC 9568 section 7.1.
std::optional<Advertisement> Vrrp::checked(Context &ctx, const wire::Packet &packet) {
  const auto read = wire::vrrp::decode(packet.payload.toBytes());
  if (packet.ip.ttl != wire::vrrp::requiredTtl || !read) {
    ++m_refused;
    ctx.note(read ? fmt::format("VRRP: refused what {} sent: its TTL is {}, not 255.",
                                packet.ip.source.text(), packet.ip.ttl)
                  : fmt::format("VRRP: refused what {} sent: {}.", packet.ip.source.text(),
                                read.faults().front().text()));
    return std::nullopt;
  }
  if (read->virtualRouterId != m_routerId || m_state == State::Initialize || owner())
    return std::nullopt;
  if (read->addresses != m_service.addresses() && !m_toldMismatch) {
    m_toldMismatch = true;
    ctx.note(fmt::format("VRRP: {} has other addresses for virtual router {}.",
                         packet.ip.source.text(), m_routerId));
  }
  return *read;
}

void Vrrp::startUp(Context &ctx) {
  if (owner()) {
    becomeActive(ctx, "owns the addresses (priority 255)");
    return;
  }
  becomeBackup(ctx, "starts, and waits for an active router");
  waitFor(ctx, downInterval());
}

void Vrrp::shutDown(Context &ctx) {
  if (m_state == State::Initialize) return;
  stopTimers(ctx);
  if (m_state == State::Active) {
    send(ctx, wire::vrrp::stepDownPriority);
    m_service.release(ctx);
  }
  m_state = State::Initialize;
  ctx.phase("vrrp.stopped", m_service.name());
  m_service.role(ctx, "stopped", "was shut down, and said so with priority 0");
  m_service.tell(ctx, "standby");
}

void Vrrp::onAdvertisement(Context &ctx, const Advertisement &heard) {
  if (m_state == State::Backup)
    heardInBackup(ctx, heard);
  else
    heardInActive(ctx, heard);
}

void Vrrp::heardInBackup(Context &ctx, const Advertisement &heard) {
  if (heard.priority == wire::vrrp::stepDownPriority) {
    m_resigned = true;
    m_service.stage(ctx, FailoverStage::Suspected,
                    m_peer.text() + " said with priority 0 that it stops");
    ctx.cancelTimer(m_missedTimer);
    waitFor(ctx, skew());
    return;
  }
  if (heard.priority < m_priority && preemptsNow(ctx)) {
    m_overruled = true;
    ctx.cancelTimer(m_missedTimer);
    return;
  }
  follow(ctx, heard);
}

/// Preemption may have to wait until it has listened to the lower priority for a while.
bool Vrrp::preemptsNow(Context &ctx) {
  if (!m_preempt) return false;
  if (!m_preemptFrom) m_preemptFrom = ctx.now() + m_preemptDelay;
  return ctx.now() >= *m_preemptFrom;
}

void Vrrp::heardInActive(Context &ctx, const Advertisement &heard) {
  if (heard.priority == wire::vrrp::stepDownPriority) {
    sendAndRepeat(ctx);
    return;
  }
  const net::InterfaceSpec &card = ctx.node().interfaces[m_interface];
  const wire::Ipv4Address own = card.address ? card.address->address : wire::Ipv4Address{};
  if (heard.priority > m_priority || (heard.priority == m_priority && m_peer > own)) {
    const auto reason = heard.priority > m_priority ? "has the higher priority"
                                                    : "has the same priority and a higher address";
    becomeBackup(ctx, fmt::format("{} {} ({})", m_peer.text(), reason, heard.priority));
    follow(ctx, heard);
    return;
  }
  // Tells the other one, and the switches, at once who is active.
  send(ctx, m_priority);
}

/// Takes the active router's interval and waits for its next advertisement.
void Vrrp::follow(Context &ctx, const Advertisement &heard) {
  m_activeInterval = centisecond * heard.maxAdvertiseIntervalCs;
  if (heard.priority >= m_priority) m_preemptFrom.reset();
  m_overruled = m_resigned = false;
  waitFor(ctx, downInterval());
  ctx.cancelTimer(m_missedTimer);
  m_missedTimer = ctx.setTimer(m_activeInterval * 3 / 2, Missed);
}

void Vrrp::waitFor(Context &ctx, Duration silence) {
  ctx.cancelTimer(m_downTimer);
  m_downTimer = ctx.setTimer(silence, ActiveDown);
  m_downAt = ctx.now() + silence;
}

/// Half an interval late: it does not come any more.
void Vrrp::missed(Context &ctx) {
  if (m_state != State::Backup) return;
  ctx.phase("vrrp.suspected", m_service.name());
  m_service.stage(ctx, FailoverStage::Suspected,
                  fmt::format("no advertisement from {} came when it was due", m_peer.text()));
}

void Vrrp::activeDown(Context &ctx) {
  if (m_state != State::Backup) return;
  const std::string silence =
      m_overruled ? fmt::format("its priority is higher than that of {}", m_peer.text())
      : m_resigned
          ? fmt::format("{} stopped, and the skew time of {} is over", m_peer.text(),
                        toString(skew()))
          : fmt::format("heard no advertisement to follow for {}", toString(downInterval()));
  m_service.stage(ctx, FailoverStage::Decided, silence);
  becomeActive(ctx, silence);
}

void Vrrp::becomeActive(Context &ctx, const std::string &why) {
  stopTimers(ctx);
  m_state = State::Active;
  m_preemptFrom.reset();
  m_overruled = m_resigned = false;
  ctx.phase("vrrp.active", m_service.name());
  m_service.take(ctx,
                 m_virtualMac ? std::optional(wire::vrrp::virtualMac(m_routerId)) : std::nullopt);
  m_service.role(ctx, "active", why);
  m_service.tell(ctx, "active");
  m_service.stage(ctx, FailoverStage::Active,
                  fmt::format("{} holds {}", ctx.node().name, m_service.addressesText()));
  sendAndRepeat(ctx);
  m_service.announce(ctx);
  m_service.stage(ctx, FailoverStage::Reachable,
                  "gratuitous ARP told switches and caches where the addresses are");
}

void Vrrp::becomeBackup(Context &ctx, const std::string &why) {
  stopTimers(ctx);
  m_state = State::Backup;
  ctx.phase("vrrp.backup", m_service.name());
  m_service.release(ctx);
  m_service.role(ctx, "backup", why);
  m_service.tell(ctx, "standby");
}

/// RFC 9568 section 7.2: from the virtual MAC address, so that switches learn where it is.
void Vrrp::send(Context &ctx, std::uint8_t priority) {
  wire::Packet packet;
  packet.kind = wire::PacketKind::Ip;
  if (m_virtualMac) packet.ethernet.source = wire::vrrp::virtualMac(m_routerId);
  packet.ip.protocol = static_cast<std::uint8_t>(wire::IpProtocol::Vrrp);
  packet.ip.ttl = wire::vrrp::requiredTtl;
  packet.ip.destination = wire::vrrp::group;
  packet.payload = wire::vrrp::encode(
      {m_routerId, priority, static_cast<std::uint16_t>(m_interval.ns() / centisecond.ns()),
       m_service.addresses()});
  ctx.rawSend(m_socket, std::move(packet), m_interface);
  ++m_sent;
}

void Vrrp::sendAndRepeat(Context &ctx) {
  if (m_state != State::Active) return;
  send(ctx, m_priority);
  ctx.cancelTimer(m_advertTimer);
  m_advertTimer = ctx.setTimer(m_interval, AdvertTimer);
}

} // namespace

ProgramType vrrpType() {
  using namespace declare;
  std::vector<Parameter> all = VirtualService::parameters(true);
  const std::vector<Parameter> own = {
      integer("virtual_router_id", "", 1, 1, 255, "Shared by all that stand in for each other"),
      integer("priority", "", 100, 1, 255, "The highest is active; 255 owns the addresses"),
      duration("advert_interval_ns", Duration::seconds(1), 10 * millisecond, 40.95 * second,
               "From one advertisement to the next, in whole centiseconds"),
      boolean("preempt", true, "Takes over from a router of lower priority"),
      duration("preempt_delay_ns", Duration{}, 0, hour, "Hears a lower priority so long before"),
      boolean("virtual_mac", true, "Answers with 00-00-5E-00-01-id; else with the card's own"),
      startAt(),
      duration("stop_ns", Duration{}, 0, 1000 * hour,
               "Steps down in good order at this time (priority 0); 0: never")};
  all.insert(all.end(), own.begin(), own.end());
  return {"vrrp",
          "VRRP",
          "Keeps an address alive: the next router takes it over (RFC 9568)",
          "crown",
          std::move(all),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<Vrrp>(v);
          }};
}

} // namespace packetarium::programs
