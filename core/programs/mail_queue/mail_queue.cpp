// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/mail_queue/mail_queue.h"

#include "core/programs/declare.h"
#include "core/programs/message_stream.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/wire/cluster_message.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::mail {

using transport::SocketEvent;
using wire::cluster::Message;
using End = ClientDialogue::End;

namespace {

constexpr std::string_view queueFile = "mail-queue";

std::string textIn(const ParameterRow &row, const std::string &key) {
  const auto found = row.values.find(key);
  const auto *text = found == row.values.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string{} : *text;
}

std::string letterLine(std::uint64_t number, const Letter &letter) {
  return wire::cluster::encode(Message("letter")
                                   .add("number", static_cast<std::int64_t>(number))
                                   .add("from", letter.from)
                                   .add("to", letter.to)
                                   .add("content", letter.content()));
}

} // namespace

MailQueue::MailQueue(const ParameterValues &v)
    : m_domain(v.text("domain")),
      m_port(static_cast<std::uint16_t>(v.integer("port"))),
      m_retry(v.duration("retry_ns")),
      m_retryMax(v.duration("retry_max_ns")),
      m_expires(v.duration("expires_ns")),
      m_timeout(v.duration("timeout_ns")) {
  for (const ParameterRow &row : v.rows("relays"))
    if (const auto address = wire::Ipv4Address::parse(textIn(row, "address")))
      m_relays[textIn(row, "domain")] = *address;
}

void MailQueue::start(Context &ctx) {
  m_listener = ctx.tcpListen(m_port, messageTcp());
  if (m_listener == transport::noSocket) {
    ctx.note(fmt::format("TCP port {} is taken by another program of this node.", m_port));
    return;
  }
  load(ctx);
  ctx.phase("mail.listening", fmt::format("TCP port {}, {} letters wait", m_port, m_queue.size()));
  ctx.setTimer(Duration::seconds(1), SampleTime);
  sendNext(ctx);
}

/// What was accepted before a crash is still to be done. The disk then begins anew with that.
void MailQueue::load(Context &ctx) {
  for (const std::string &line : ctx.diskRead(queueFile)) {
    const auto m = wire::cluster::decode(line);
    if (!m) continue;
    const auto number = static_cast<std::uint64_t>(m->number("number", 0));
    m_last = std::max(m_last, number);
    if (m->is("done"))
      m_queue.erase(number);
    else
      m_queue[number] = {
          Letter::of(std::string(m->text("from")), std::string(m->text("to")), m->text("content")),
          ctx.now()};
  }
  ctx.diskTruncate(queueFile, 0);
  for (const auto &[number, q] : m_queue) ctx.diskAppend(queueFile, letterLine(number, q.letter));
  ctx.diskSync(0);
}

void MailQueue::onSocket(Context &ctx, const SocketEvent &event) {
  if (m_delivery.owns(event.socket)) {
    onOutcome(ctx, m_delivery.onSocket(ctx, event));
  } else if (event.kind == SocketEvent::Kind::Accepted) {
    Client &client = m_clients[event.socket];
    client.lines = LineStream(event.socket);
    client.lines.send(ctx, fmt::format("220 {} ESMTP\r\n", m_domain));
  } else if (m_clients.contains(event.socket)) {
    onClient(ctx, event);
  }
}

void MailQueue::onClient(Context &ctx, const SocketEvent &event) {
  LineStream &lines = m_clients.at(event.socket).lines;
  switch (event.kind) {
  case SocketEvent::Kind::Data: {
    const bool sound = lines.feed(event.data);
    for (;;) {
      const auto client = m_clients.find(event.socket);
      if (client == m_clients.end()) return;
      const auto line = client->second.lines.take();
      if (!line) break;
      hear(ctx, event.socket, *line);
    }
    if (sound) return;
    ctx.abort(event.socket);
    m_clients.erase(event.socket);
    return;
  }
  case SocketEvent::Kind::Writable: lines.flush(ctx); return;
  case SocketEvent::Kind::PeerClosed: ctx.close(event.socket); return;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: m_clients.erase(event.socket); return;
  default: return;
  }
}

void MailQueue::hear(Context &ctx, SocketId socket, const std::string &line) {
  Client &client = m_clients.at(socket);
  ServerDialogue::Reply reply = client.dialogue.hear(line);
  if (!reply.recipient.empty())
    reply.text = client.dialogue.takeRecipient(reply.recipient, takesMailFor(reply.recipient));
  if (!reply.text.empty()) client.lines.send(ctx, reply.text);
  if (reply.letter) accept(ctx, socket, std::move(*reply.letter));
  if (reply.closes) ctx.close(socket);
}

bool MailQueue::takesMailFor(const std::string &address) const {
  const std::string_view domain = domainOf(address);
  return domain == m_domain || m_relays.contains(domain);
}

/// The answer waits for the disk: whoever says 250 must not lose it (RFC 5321 section 6.1).
void MailQueue::accept(Context &ctx, SocketId socket, Letter letter) {
  ctx.diskAppend(queueFile, letterLine(++m_last, letter));
  m_syncing[m_last] = {socket, std::move(letter)};
  ctx.diskSync(m_last);
}

void MailQueue::onSynced(Context &ctx, std::uint64_t tag) {
  if (m_syncing.contains(tag)) take(ctx, tag);
}

void MailQueue::take(Context &ctx, std::uint64_t number) {
  const auto node = m_syncing.extract(number);
  auto &[socket, letter] = node.mapped();
  ++m_accepted;
  ctx.phase("mail.accepted", letter.id);
  if (const auto client = m_clients.find(socket); client != m_clients.end())
    client->second.lines.send(ctx, fmt::format("250 OK, queued as {}\r\n", number));
  m_queue[number] = {std::move(letter), ctx.now()};
  sendNext(ctx);
}

void MailQueue::deliver(Context &ctx, const Letter &letter) {
  ++m_delivered;
  ctx.phase("mail.delivered", letter.id);
  ctx.sample("mail.delivery_ms", static_cast<double>((ctx.clock() - letter.sent).ns()) / 1e6);
}

/// The first that is due; one connection at a time.
void MailQueue::sendNext(Context &ctx) {
  for (auto at = m_queue.begin(); at != m_queue.end() && !m_delivery.busy();) {
    const auto here = at++;
    const std::string_view domain = domainOf(here->second.letter.to);
    if (domain == m_domain) {
      deliver(ctx, here->second.letter);
      finish(ctx, here->first);
      continue;
    }
    if (!here->second.due) continue;
    const auto relay = m_relays.find(domain);
    m_delivering = here->first;
    ++here->second.attempts;
    here->second.due = false;
    if (relay == m_relays.end()) {
      onOutcome(ctx, {End::Never, "no server of that domain is known any more"});
      return;
    }
    m_timer = ctx.setTimer(m_timeout, GiveUp);
    const auto failed =
        m_delivery.begin(ctx, {relay->second, m_port}, m_domain, here->second.letter);
    if (failed.end == End::None) continue;
    ctx.cancelTimer(m_timer);
    defer(ctx, failed.why);
  }
}

void MailQueue::onOutcome(Context &ctx, const Delivery::Outcome &outcome) {
  if (outcome.end == End::None) return;
  ctx.cancelTimer(m_timer);
  const std::string id = m_queue.at(m_delivering).letter.id;
  if (outcome.end == End::Accepted) {
    ++m_forwarded;
    ctx.phase("mail.forwarded", id);
    finish(ctx, m_delivering);
  } else if (outcome.end == End::Never) {
    ++m_bounced;
    ctx.phase("mail.bounced", id + ": " + outcome.why);
    finish(ctx, m_delivering);
  } else {
    defer(ctx, outcome.why);
  }
  sendNext(ctx);
}

/// It is tried again later, each time after twice as long (RFC 5321 section 4.5.4.1).
void MailQueue::defer(Context &ctx, const std::string &why) {
  Queued &q = m_queue.at(m_delivering);
  if (m_expires > Duration{} && ctx.now() - q.since >= m_expires) {
    ++m_bounced;
    ctx.phase("mail.bounced", q.letter.id + ": it could not be delivered for too long");
    finish(ctx, m_delivering);
    return;
  }
  Duration pause = m_retry;
  for (int i = 1; i < q.attempts && pause < m_retryMax; ++i) pause = pause * 2;
  pause = std::min(pause, std::max(m_retry, m_retryMax));
  ctx.phase("mail.deferred",
            fmt::format("{}: {} Next try in {}.", q.letter.id, why, toString(pause)));
  ctx.setTimer(pause, Due + m_delivering);
}

/// It is somebody else's now, or in the mailbox.
void MailQueue::finish(Context &ctx, std::uint64_t number) {
  m_queue.erase(number);
  ctx.diskAppend(queueFile, wire::cluster::encode(
                                Message("done").add("number", static_cast<std::int64_t>(number))));
  ctx.diskSync(0);
}

void MailQueue::onTimer(Context &ctx, std::uint64_t tag) {
  if (tag >= Due) {
    const auto at = m_queue.find(tag - Due);
    if (at == m_queue.end()) return;
    at->second.due = true;
    sendNext(ctx);
    return;
  }
  if (tag == GiveUp) {
    onOutcome(ctx, m_delivery.giveUp(ctx));
    return;
  }
  ctx.sample("mail.queue", static_cast<double>(m_queue.size()));
  ctx.setTimer(Duration::seconds(1), SampleTime);
}

std::vector<Described> MailQueue::describe(SimTime now) const {
  Described queue = row("waiting", text(m_queue.size()));
  for (const auto &[number, q] : m_queue) {
    if (queue.children.size() == 20) break;
    queue.children.push_back(row(q.letter.id, fmt::format("to {}, {} tries, since {}", q.letter.to,
                                                          q.attempts, toString(now - q.since))));
  }
  return {row("domain", m_domain),
          row("accepted", text(m_accepted)),
          row("delivered", text(m_delivered), "into mailboxes here"),
          row("handed on", text(m_forwarded)),
          row("sent back", text(m_bounced)),
          std::move(queue)};
}

} // namespace packetarium::programs::mail

namespace packetarium::programs {

ProgramType mailQueueType() {
  using namespace declare;
  return {
      "mail-queue",
      "Mail server",
      "Takes mail over SMTP, keeps its own domain's and hands the rest on, until it is taken",
      "server",
      {text("domain", "example.com", "Whose mailboxes it keeps"),
       port(mail::port, "TCP port, also of the servers it hands mail on to"),
       records("relays",
               {text("domain", "example.org", "Mail for this domain"),
                required(address("address", "goes to this server"))},
               "Servers of other domains; mail for any other one is refused"),
       duration("retry_ns", Duration::seconds(5), millisecond, 1000 * hour,
                "Pause before the second try, doubles each time (RFC 5321: 30 minutes or more)"),
       duration("retry_max_ns", Duration::seconds(60), millisecond, 1000 * hour,
                "Longest pause of all"),
       duration("expires_ns", Duration::seconds(432'000), 0, 1000 * hour,
                "Sends it back after so long (RFC 5321: 4 to 5 days); 0: never"),
       duration("timeout_ns", Duration::seconds(10), millisecond, hour,
                "Gives one try up after this")},
      [](const ParameterValues &v) -> std::unique_ptr<Program> {
        return std::make_unique<mail::MailQueue>(v);
      }};
}

} // namespace packetarium::programs
