// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"

#include <memory>
#include <string>
#include <vector>

namespace packetarium::programs {

/// What a program hears of its connection, above whatever protects it.
struct ChannelEvent {
  enum class Kind : std::uint8_t {
    Ready,      ///< data may be sent now
    Data,       ///< what the far side sent, in order
    PeerClosed, ///< it will send no more; told once
    Writable,   ///< send takes data again
    Closed,     ///< both sides closed in order; the channel has no connection any more
    Failed      ///< the same, and why
  };
  Kind kind = Kind::Ready;
  wire::Payload data;
  transport::SocketError error = transport::SocketError::None; ///< Failed: of the connection
  /// Failed by the layer in between: a sentence, and what that means for a request.
  std::string why;
  trace::RequestOutcome outcome = trace::RequestOutcome::Ok;
};
/// Why a channel failed, as a sentence about the far side; and what it means for a request.
std::string sentence(const ChannelEvent &failed, std::string_view peer);
trace::RequestOutcome outcomeOf(const ChannelEvent &failed);

/// What stands between a program's data and the bytes of its connection, such as TLS: a state
/// machine without a socket. The channel carries what it hands out.
class ChannelLayer {
public:
  /// What one call brought about.
  struct Flow {
    std::vector<wire::Payload> toPeer; ///< bytes for the connection, in order
    /// Ready, Data, PeerClosed or Failed, in order. After Failed the channel sends what is in
    /// toPeer (an alert), closes the connection and forgets it.
    std::vector<ChannelEvent> events;
  };
  virtual ~ChannelLayer() = default;
  virtual std::unique_ptr<ChannelLayer> clone() const = 0;
  /// The connection is open: the handshake may begin.
  virtual void onConnected(Context &ctx, Flow &flow) = 0;
  virtual void onBytes(Context &ctx, const wire::Payload &bytes, Flow &flow) = 0;
  /// The far side's FIN came: PeerClosed, or Failed where that cuts something short.
  virtual void onEnd(Context &ctx, Flow &flow) = 0;
  /// Protects at most channelChunk bytes of a program's data; only called once Ready was told.
  virtual void protect(Context &ctx, const wire::Payload &data, Flow &flow) = 0;
  /// The program closes: the last bytes it says goodbye with.
  virtual void onClose(Context &ctx, Flow &flow) = 0;
};
/// A layer is never given more than this at once: the longest TLS record (RFC 8446 section 5.1).
constexpr std::uint32_t channelChunk = 1U << 14;

/// One TCP connection as a program sees it: plain, or with a layer in between. A value. Without a
/// layer every call goes straight to the socket.
class Channel {
public:
  Channel() = default;
  /// A connection that was just begun or accepted. The program hands on the events of this socket,
  /// Connected or Accepted first.
  explicit Channel(transport::SocketId socket, std::unique_ptr<ChannelLayer> layer = {});
  Channel(const Channel &other);
  Channel(Channel &&) noexcept = default;
  Channel &operator=(Channel other) noexcept;
  ~Channel() = default;

  /// noSocket without a connection.
  transport::SocketId socket() const { return m_socket; }
  bool exists() const { return m_socket != transport::noSocket; }
  /// Data may be sent.
  bool established() const { return m_established; }
  /// A layer protects what is sent.
  bool secure() const { return m_layer != nullptr; }
  const ChannelLayer *layer() const { return m_layer.get(); }
  ChannelLayer *layer() { return m_layer.get(); }

  /// Takes an event of the socket and gives what it means, in order. A program that gives the
  /// channel up over one of them leaves out the rest.
  std::vector<ChannelEvent> onSocket(Context &ctx, const transport::SocketEvent &event);
  /// The bytes taken: less than offered when the buffers are full; Writable follows when they have
  /// room. A request always fits into those of a layer.
  std::uint32_t send(Context &ctx, const wire::Payload &data);
  /// Says goodbye and closes (FIN), as soon as everything is on its way; what comes is still heard.
  void close(Context &ctx);
  /// Breaks off (RST); the channel has no connection any more.
  void abort(Context &ctx);
  /// After close: bytes still wait for room, so the channel must be kept and hear its socket until
  /// this turns false.
  bool lingers() const { return m_closing && exists() && !m_pending.empty(); }

private:
  void apply(Context &ctx, ChannelLayer::Flow &flow);
  void flush(Context &ctx);
  void onWritable(Context &ctx, std::vector<ChannelEvent> &events);
  void fail(Context &ctx);
  void forget();

  transport::SocketId m_socket = transport::noSocket;
  std::unique_ptr<ChannelLayer> m_layer;
  std::vector<wire::Payload> m_pending; ///< protected bytes that the socket had no room for
  std::uint64_t m_pendingBytes = 0;
  bool m_established = false, m_peerClosed = false, m_closing = false;
  bool m_owesWritable = false; ///< send took less than was offered
};

} // namespace packetarium::programs
