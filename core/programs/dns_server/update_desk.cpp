// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/dns_server/update_desk.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace wire::dns;

constexpr std::string_view journalFile = "dns-journal";
constexpr std::size_t waitingMax = 1000;

/// Of its last change.
std::string changeText(const Message &update) {
  if (update.authority.empty()) return "nothing to change";
  const Record &last = update.authority.back();
  const std::string type = last.type == RecordType::Any ? "everything" : name(last.type);
  if (last.recordClass != classInternet) return fmt::format("{}: {} goes", last.name, type);
  return fmt::format("{} {} {}", last.name, type, last.dataText());
}

} // namespace

UpdateDesk::UpdateDesk(const ParameterValues &values) {
  for (const ParameterRow &row : values.rows("updates_from"))
    if (const auto a = wire::Ipv4Address::parse(std::get<std::string>(row.values.at("address"))))
      m_from.push_back(*a);
}

std::shared_ptr<const Zone> UpdateDesk::restore(Context &ctx, std::shared_ptr<const Zone> zone) {
  const auto journal = ctx.diskRead(journalFile);
  if (journal.empty()) return zone;
  auto changed = std::make_shared<Zone>(*zone);
  for (const std::string &entry : journal)
    if (const auto update = decode(wire::Payload::of(entry))) changed->apply(*update);
  return changed;
}

void UpdateDesk::take(const transport::Endpoint &from, Message update) {
  // Beyond this, nobody is answered: whoever asked asks again.
  if (m_waiting.size() < waitingMax) m_waiting.push_back({from, std::move(update), {}, false});
}

/// In the order of RFC 2136 section 3.
ResponseCode UpdateDesk::judge(const Waiting &waiting, const Zone &zone) const {
  const ResponseCode found = zone.expects(waiting.update);
  if (found != ResponseCode::NoError) return found;
  if (std::find(m_from.begin(), m_from.end(), waiting.from.address) == m_from.end())
    return ResponseCode::Refused;
  return zone.admits(waiting.update);
}

std::optional<UpdateDesk::Answer> UpdateDesk::next(Context &ctx,
                                                   std::shared_ptr<const Zone> &zone) {
  if (m_waiting.empty()) return {};
  Waiting &first = m_waiting.front();
  if (first.changed != nullptr) {
    if (!first.synced) return {};
    return answer(ResponseCode::NoError);
  }
  const ResponseCode code = judge(first, *zone);
  if (code != ResponseCode::NoError) return answer(code);
  auto changed = std::make_shared<Zone>(*zone);
  const auto bytes = encode(first.update);
  if (!bytes) return answer(ResponseCode::ServerFailure);
  if (!changed->apply(first.update)) return answer(ResponseCode::NoError);
  first.changed = std::move(changed);
  ctx.diskAppend(journalFile, std::string(bytes->begin(), bytes->end()));
  ctx.diskSync(0);
  return {};
}

void UpdateDesk::onSynced(std::shared_ptr<const Zone> &zone) {
  if (m_waiting.empty() || m_waiting.front().changed == nullptr) return;
  m_waiting.front().synced = true;
  zone = m_waiting.front().changed;
}

/// Its sections may be left out (RFC 2136 section 3.8).
UpdateDesk::Answer UpdateDesk::answer(ResponseCode code) {
  const Waiting first = std::move(m_waiting.front());
  m_waiting.pop_front();
  ++(code == ResponseCode::NoError ? m_done : m_refused);
  Answer answer{first.from, {}, changeText(first.update)};
  answer.reply.id = first.update.id;
  answer.reply.opcode = first.update.opcode;
  answer.reply.response = true;
  answer.reply.code = code;
  return answer;
}

} // namespace packetarium::programs
