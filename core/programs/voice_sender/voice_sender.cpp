// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/wire/rtp.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

constexpr std::int64_t samplesPerSecond = 8000; ///< PCMU (RFC 3551 section 4.5.14)

/// A telephone voice: frames of G.711 in RTP over UDP, one after the other without pause.
class VoiceSender final : public ProgramOf<VoiceSender> {
public:
  explicit VoiceSender(const ParameterValues &v)
      : m_peer(v.text("peer"), static_cast<std::uint16_t>(v.integer("port"))),
        m_localPort(static_cast<std::uint16_t>(v.integer("local_port"))),
        m_frame(v.duration("frame_ns")),
        m_frameBytes(static_cast<std::uint32_t>(v.integer("frame_bytes"))),
        m_start(v.duration("start_ns")),
        m_length(v.duration("duration_ns")) {}

  void start(Context &ctx) override {
    m_socket = ctx.udpOpen(m_localPort);
    if (m_socket == transport::noSocket) {
      ctx.note(sentence(transport::SocketError::PortInUse, m_peer.text()));
      return;
    }
    // RFC 3550 section 5.1: all three begin at random.
    RandomStream &random = ctx.random("rtp");
    m_header.sequence = static_cast<std::uint16_t>(random.below(65536));
    m_header.timestamp = static_cast<std::uint32_t>(random.next());
    m_header.ssrc = static_cast<std::uint32_t>(random.next());
    ctx.setTimer(m_start, Begin);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Frame)
      sendFrame(ctx);
    else if (m_peer.lookUp(ctx, 0))
      begin(ctx);
  }

  void onResolved(Context &ctx, std::uint64_t, const Resolution &answer) override {
    if (m_peer.take(answer)) {
      begin(ctx);
      return;
    }
    ctx.note(sentence(answer.status, m_peer.name()));
    ctx.setTimer(retryAfter, Begin);
  }

  void onSocket(Context &, const transport::SocketEvent &event) override {
    if (event.kind == transport::SocketEvent::Kind::Error) ++m_errors;
  }

  std::vector<Described> describe(SimTime) const override {
    return {row("to", m_peer.known() ? m_peer.endpoint().text() : m_peer.text()),
            row("frames sent", text(m_sent)),
            row("next sequence number", text(m_header.sequence), "RFC 3550 5.1"),
            row("next timestamp", text(m_header.timestamp), "in samples, 8000 a second"),
            row("SSRC", fmt::format("{:#010x}", m_header.ssrc), "names the stream (RFC 3550 5.1)"),
            row("ICMP errors", text(m_errors))};
  }

private:
  enum Tag : std::uint64_t { Begin, Frame };
  static constexpr Duration retryAfter = Duration::seconds(5);

  void begin(Context &ctx) {
    m_began = ctx.now();
    ctx.phase("voice.started", m_peer.endpoint().text());
    sendFrame(ctx);
  }

  void sendFrame(Context &ctx) {
    if (m_length > Duration{} && ctx.now() - m_began >= m_length) {
      ctx.phase("voice.stopped", m_peer.endpoint().text());
      return;
    }
    m_header.marker = m_sent == 0;
    ctx.udpSend(m_socket, m_peer.endpoint(), wire::rtp::packet(m_header, m_frameBytes));
    ++m_sent;
    ++m_header.sequence;
    m_header.timestamp +=
        static_cast<std::uint32_t>(m_frame.ns() * samplesPerSecond / 1'000'000'000);
    ctx.setTimer(m_frame, Frame);
  }

  Peer m_peer;
  std::uint16_t m_localPort = 0;
  Duration m_frame;
  std::uint32_t m_frameBytes = 0;
  Duration m_start, m_length;

  transport::SocketId m_socket = transport::noSocket;
  wire::rtp::Header m_header;
  SimTime m_began;
  std::uint64_t m_sent = 0, m_errors = 0;
};

} // namespace

ProgramType voiceSenderType() {
  using namespace declare;
  return {"voice-sender",
          "Voice sender",
          "One direction of a call: a frame of G.711 every 20 ms in RTP over UDP",
          "voice",
          {peer("Name or address of the listener"), port(5004, "Port of the listener"),
           integer("local_port", "", 5004, 0, 65535, "Own port; 0 takes an ephemeral one"),
           duration("frame_ns", Duration::ms(20), millisecond, second, "Sound in one packet"),
           integer("frame_bytes", "bytes", 160, 1, 1460, "Its size: 160 for 20 ms of G.711"),
           startAt(),
           duration("duration_ns", Duration{}, 0, 1000 * hour, "Speaks so long; 0: no end")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<VoiceSender>(v);
          }};
}

} // namespace packetarium::programs
