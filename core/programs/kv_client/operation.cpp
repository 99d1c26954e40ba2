// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_client/operation.h"

#include "core/programs/kv_protocol.h"

#include <array>

namespace packetarium::programs::kv {

std::string Operation::text(std::string_view withValue) const {
  return verb + " " + key + " " + (withValue.empty() ? "-" : std::string(withValue));
}

wire::cluster::Message Operation::message(std::uint64_t id) const {
  wire::cluster::Message message(isRead() ? get : verb == "write" ? set : std::string_view(verb));
  message.add("id", static_cast<std::int64_t>(id)).add("key", key);
  if (!value.empty()) message.add("value", value);
  return message;
}

void Operation::makeUnique(const std::string &process, std::uint64_t number) {
  if (verb == "write") value = process + "." + std::to_string(number);
}

Operation Mix::draw(Context &ctx, const KeyChoice &keys) const {
  RandomStream &random = ctx.random("operations");
  const std::string key = keys.draw(random);
  if (random.chance(readShare)) return {"read", key, {}};
  if (kind == "set") return {"write", key, {}};
  if (kind == "add") return {"add", key, "1"};
  static constexpr std::array<std::string_view, 6> goods{"apples", "bread", "cheese",
                                                         "dates",  "eggs",  "figs"};
  const std::string thing(goods[random.below(goods.size())]);
  return {random.chance(0.7) ? "add" : "remove", key, thing};
}

} // namespace packetarium::programs::kv
