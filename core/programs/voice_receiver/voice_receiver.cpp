// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/programs/voice_receiver/playout.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;

struct Stream {
  transport::Endpoint from;
  Playout playout;
};

/// The ear of a call: plays RTP streams from a buffer and counts what is missing.
class VoiceReceiver final : public ProgramOf<VoiceReceiver> {
public:
  explicit VoiceReceiver(const ParameterValues &v)
      : m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_delay(v.duration("playout_ns")),
        m_frame(v.duration("frame_ns")),
        m_interval(v.duration("sample_interval_ns")) {}

  void start(Context &ctx) override {
    if (ctx.udpOpen(m_port) == transport::noSocket)
      ctx.note(fmt::format("UDP port {} is taken by another program of this node.", m_port));
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.kind != SocketEvent::Kind::Datagram) return;
    const auto rtp = wire::rtp::decode(event.data);
    if (!rtp) {
      ++m_malformed;
      return;
    }
    const std::uint32_t ssrc = rtp->header.ssrc;
    auto at = m_streams.find(ssrc);
    if (at == m_streams.end()) {
      at = m_streams.emplace(ssrc, Stream{event.remote, Playout(m_delay, m_frame)}).first;
      ctx.phase("voice.first-frame", event.remote.text());
    }
    Playout &playout = at->second.playout;
    if (playout.arrive(ctx.now(), rtp->header))
      ctx.setTimer(playout.nextPlay() - ctx.now(), playTag(ssrc));
    if (m_sampling) return;
    m_sampling = true;
    ctx.setTimer(m_interval, sampleTag);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == sampleTag) {
      sample(ctx);
      return;
    }
    Playout &playout = m_streams.at(static_cast<std::uint32_t>(tag)).playout;
    const bool wasInGap = playout.inGap();
    if (const auto gap = playout.play(ctx.now())) ctx.sample("voice.gap_ms", gap->toMs());
    if (!wasInGap && playout.inGap()) ctx.phase("voice.gap", "a frame is missing");
    if (playout.playing()) ctx.setTimer(playout.nextPlay() - ctx.now(), tag);
  }

  std::vector<Described> describe(SimTime) const override {
    Described list = row("streams", text(m_streams.size()));
    for (const auto &[ssrc, s] : m_streams) {
      const Playout &p = s.playout;
      Described one =
          row(fmt::format("{} SSRC {:#010x}", s.from.text(), ssrc), !p.playing() ? "silent"
                                                                    : p.inGap()  ? "in a gap"
                                                                                 : "playing");
      one.children = {
          row("frames received", text(p.received())),
          row("played", text(p.played())),
          row("missing", text(p.missing()), "not there when they should have been played"),
          row("of those too late", text(p.late())),
          row("gaps", fmt::format("{}, longest {}", p.gaps(), inMs(p.longestGap()))),
          row("jitter", fmt::format("{:.3f} ms", p.jitter().inMs()), "RFC 3550 A.8")};
      list.children.push_back(std::move(one));
    }
    return {row("port", text(m_port)), row("playout delay", inMs(m_delay)),
            row("malformed", text(m_malformed)), std::move(list)};
  }

private:
  static constexpr std::uint64_t sampleTag = std::uint64_t{1} << 32;
  static std::uint64_t playTag(std::uint32_t ssrc) { return ssrc; }

  void sample(Context &ctx) {
    std::uint64_t missing = 0;
    double jitterMs = 0;
    bool playing = false;
    for (const auto &[ssrc, s] : m_streams) {
      missing += s.playout.missing();
      jitterMs = std::max(jitterMs, s.playout.jitter().inMs());
      playing = playing || s.playout.playing();
    }
    ctx.sample("voice.lost", static_cast<double>(missing));
    ctx.sample("voice.jitter_ms", jitterMs);
    m_sampling = playing;
    if (playing) ctx.setTimer(m_interval, sampleTag);
  }

  std::uint16_t m_port = 0;
  Duration m_delay, m_frame, m_interval;
  bool m_sampling = false;
  std::map<std::uint32_t, Stream> m_streams; ///< by SSRC
  std::uint64_t m_malformed = 0;
};

} // namespace

ProgramType voiceReceiverType() {
  using namespace declare;
  return {"voice-receiver",
          "Voice receiver",
          "Plays RTP voice from a buffer; counts gaps, losses and jitter",
          "voice",
          {port(5004, "UDP port it receives on"),
           duration("playout_ns", Duration::ms(60), 0, 10 * second,
                    "Holds the first frame so long, to even out jitter"),
           duration("frame_ns", Duration::ms(20), millisecond, second, "Sound in one packet"),
           duration("sample_interval_ns", Duration::seconds(1), millisecond, hour,
                    "Time between samples")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<VoiceReceiver>(v);
          }};
}

} // namespace packetarium::programs
