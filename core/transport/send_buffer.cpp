// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/send_buffer.h"

#include <algorithm>

namespace packetarium::transport {
namespace {
// Slices of a merged piece count from its start in 32 bits; an endless stream must not outgrow it.
constexpr std::uint32_t pieceMax = 1U << 30;
} // namespace

void SendBuffer::append(const wire::Payload &data) {
  if (data.empty()) return;
  if (!m_pieces.empty()) {
    Piece &last = m_pieces.back();
    if (last.data.adjoins(data) && last.data.size() + std::uint64_t{data.size()} <= pieceMax) {
      last.data = last.data.followedBy(data);
      m_end += data.size();
      return;
    }
  }
  m_pieces.push({m_end, data});
  m_end += data.size();
}

std::size_t SendBuffer::pieceAt(std::uint64_t offset) const {
  std::size_t low = 0;
  std::size_t high = m_pieces.size();
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (m_pieces[middle].begin <= offset ? low : high) = middle;
  }
  return low;
}

wire::Payload SendBuffer::slice(std::uint32_t from, std::uint32_t size) const {
  if (size == 0) return {};
  std::uint64_t at = m_begin + from;
  std::size_t i = pieceAt(at);
  const Piece &first = m_pieces[i];
  const auto skip = static_cast<std::uint32_t>(at - first.begin);
  if (skip + size <= first.data.size()) return first.data.slice(skip, size);

  wire::Bytes joined;
  joined.reserve(size);
  while (joined.size() < size) {
    const Piece &piece = m_pieces[i++];
    const auto inside = static_cast<std::uint32_t>(at - piece.begin);
    const auto take =
        std::min(static_cast<std::uint32_t>(size - joined.size()), piece.data.size() - inside);
    piece.data.slice(inside, take).appendTo(joined);
    at += take;
  }
  return wire::Payload::of(std::move(joined));
}

void SendBuffer::drop(std::uint32_t bytes) {
  m_begin = std::min(m_begin + bytes, m_end);
  while (!m_pieces.empty() && m_pieces.front().end() <= m_begin) {
    m_pieces.front().data = {}; // the ring keeps the slot; do not keep the bytes alive with it
    m_pieces.pop();
  }
  if (m_pieces.empty()) return;
  Piece &front = m_pieces.front();
  const auto gone = static_cast<std::uint32_t>(m_begin - front.begin);
  if (gone < pieceMax / 2) return;
  front.data = front.data.slice(gone, front.data.size() - gone);
  front.begin = m_begin;
}

} // namespace packetarium::transport
