// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/channel.h"

#include "core/programs/peer.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;
using Kind = ChannelEvent::Kind;
using Events = std::vector<ChannelEvent>;

/// So much protected data may wait in a channel; what it takes of one call is a chunk more at most.
constexpr std::uint64_t pendingMost = 4 * channelChunk;

ChannelEvent happened(Kind kind) { return {kind, {}, transport::SocketError::None, {}, {}}; }

} // namespace

std::string sentence(const ChannelEvent &failed, std::string_view peer) {
  return failed.why.empty() ? sentence(failed.error, peer) : failed.why;
}

trace::RequestOutcome outcomeOf(const ChannelEvent &failed) {
  return failed.why.empty() ? outcomeOf(failed.error) : failed.outcome;
}

Channel::Channel(transport::SocketId socket, std::unique_ptr<ChannelLayer> layer)
    : m_socket(socket), m_layer(std::move(layer)) {}

Channel::Channel(const Channel &o)
    : m_socket(o.m_socket),
      m_layer(o.m_layer ? o.m_layer->clone() : nullptr),
      m_pending(o.m_pending),
      m_pendingBytes(o.m_pendingBytes),
      m_established(o.m_established),
      m_peerClosed(o.m_peerClosed),
      m_closing(o.m_closing),
      m_owesWritable(o.m_owesWritable) {}

Channel &Channel::operator=(Channel other) noexcept {
  m_socket = other.m_socket;
  m_layer = std::move(other.m_layer);
  m_pending = std::move(other.m_pending);
  m_pendingBytes = other.m_pendingBytes;
  m_established = other.m_established;
  m_peerClosed = other.m_peerClosed;
  m_closing = other.m_closing;
  m_owesWritable = other.m_owesWritable;
  return *this;
}

Events Channel::onSocket(Context &ctx, const SocketEvent &event) {
  ChannelLayer::Flow flow;
  switch (event.kind) {
  case SocketEvent::Kind::Connected:
  case SocketEvent::Kind::Accepted:
    if (m_layer)
      m_layer->onConnected(ctx, flow);
    else
      flow.events.push_back(happened(Kind::Ready));
    break;
  case SocketEvent::Kind::Data:
    if (m_layer)
      m_layer->onBytes(ctx, event.data, flow);
    else
      flow.events.push_back({Kind::Data, event.data, transport::SocketError::None, {}, {}});
    break;
  case SocketEvent::Kind::PeerClosed:
    if (m_layer && !m_peerClosed)
      m_layer->onEnd(ctx, flow);
    else
      flow.events.push_back(happened(Kind::PeerClosed));
    break;
  case SocketEvent::Kind::Writable: onWritable(ctx, flow.events); break;
  case SocketEvent::Kind::Closed: forget(); return {happened(Kind::Closed)};
  case SocketEvent::Kind::Failed: forget(); return {{Kind::Failed, {}, event.error, {}, {}}};
  default: return {};
  }
  apply(ctx, flow);
  return std::move(flow.events);
}

/// Sends what a call brought about, and keeps its own books by what the program will hear.
void Channel::apply(Context &ctx, ChannelLayer::Flow &flow) {
  for (wire::Payload &bytes : flow.toPeer) {
    m_pendingBytes += bytes.size();
    m_pending.push_back(std::move(bytes));
  }
  flush(ctx);
  std::erase_if(flow.events, [this](const ChannelEvent &e) {
    return e.kind == Kind::PeerClosed && m_peerClosed;
  });
  for (std::size_t i = 0; i < flow.events.size(); ++i) {
    const Kind kind = flow.events[i].kind;
    m_established = m_established || kind == Kind::Ready;
    m_peerClosed = m_peerClosed || kind == Kind::PeerClosed;
    if (kind != Kind::Failed) continue;
    fail(ctx);
    flow.events.resize(i + 1);
  }
}

std::uint32_t Channel::send(Context &ctx, const wire::Payload &data) {
  if (!exists() || m_closing) return 0;
  if (!m_layer) return ctx.tcpSend(m_socket, data);
  std::uint32_t taken = 0;
  while (m_established && taken < data.size() && m_pendingBytes < pendingMost) {
    const std::uint32_t part = std::min(channelChunk, data.size() - taken);
    ChannelLayer::Flow flow;
    m_layer->protect(ctx, data.slice(taken, part), flow);
    taken += part;
    apply(ctx, flow);
  }
  m_owesWritable = taken < data.size();
  return taken;
}

void Channel::flush(Context &ctx) {
  auto part = m_pending.begin();
  for (; part != m_pending.end(); ++part) {
    const std::uint32_t taken = ctx.tcpSend(m_socket, *part);
    m_pendingBytes -= taken;
    if (taken == part->size()) continue;
    *part = part->slice(taken, part->size() - taken);
    break;
  }
  m_pending.erase(m_pending.begin(), part);
}

void Channel::onWritable(Context &ctx, Events &events) {
  if (!m_layer) {
    events.push_back(happened(Kind::Writable));
    return;
  }
  flush(ctx);
  if (!m_pending.empty()) return;
  if (m_closing) {
    ctx.close(m_socket);
  } else if (m_owesWritable) {
    m_owesWritable = false;
    events.push_back(happened(Kind::Writable));
  }
}

void Channel::close(Context &ctx) {
  if (!exists() || m_closing) return;
  if (m_layer && m_established) {
    ChannelLayer::Flow goodbye;
    m_layer->onClose(ctx, goodbye);
    apply(ctx, goodbye);
    if (!exists()) return;
  }
  m_closing = true;
  if (m_pending.empty()) ctx.close(m_socket);
}

void Channel::abort(Context &ctx) {
  if (exists()) ctx.abort(m_socket);
  forget();
}

/// The layer gave up: its alert leaves if there is room for it.
void Channel::fail(Context &ctx) {
  if (!m_pending.empty())
    ctx.abort(m_socket);
  else if (!m_closing)
    ctx.close(m_socket);
  forget();
}

void Channel::forget() { *this = Channel(); }

} // namespace packetarium::programs
