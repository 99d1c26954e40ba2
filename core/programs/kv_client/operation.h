// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/kv_client/key_choice.h"
#include "core/programs/program.h"
#include "core/wire/cluster_message.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace packetarium::programs::kv {

/// What one client wants of the store.
struct Operation {
  std::string verb; ///< read, write, add, remove
  std::string key, value;

  bool isRead() const { return verb == "read"; }
  std::string title() const { return verb + " " + key; } ///< of the request
  /// As facts tell it: "write cart 17", with "-" for no value.
  std::string text(std::string_view withValue) const;
  wire::cluster::Message message(std::uint64_t id) const;
  /// A value that is written once in a run: "<process>.<number>". Others stay as they are.
  void makeUnique(const std::string &process, std::uint64_t number);
};

/// Draws operations.
struct Mix {
  std::string kind; ///< set, add, cart
  double readShare = 0;
  Operation draw(Context &ctx, const KeyChoice &keys) const;
};

} // namespace packetarium::programs::kv
