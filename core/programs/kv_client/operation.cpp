// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_client/operation.h"

#include "core/programs/kv_protocol.h"

#include <fmt/format.h>

namespace packetarium::programs::kv {

std::string Operation::text(std::string_view withValue) const {
  const auto word = [](std::string_view t) { return " " + std::string(t.empty() ? "-" : t); };
  return verb + " " + key + (verb == cas ? word(from.value_or("")) : "") + word(withValue);
}

wire::cluster::Message Operation::message(std::uint64_t id) const {
  wire::cluster::Message message(isRead() ? get : verb == "write" ? set : std::string_view(verb));
  message.add("id", static_cast<std::int64_t>(id)).add("key", key);
  if (from) message.add("from", *from);
  if (!value.empty()) message.add(verb == cas ? "to" : "value", value);
  return message;
}

void Operation::makeUnique(const std::string &process, std::uint64_t number) {
  if (unique == Unique::Whole)
    value = fmt::format("{}.{}{}", process, number, verb == append ? "," : "");
  if (unique == Unique::Tagged) value += fmt::format("~{}.{}", process, number);
}

} // namespace packetarium::programs::kv
