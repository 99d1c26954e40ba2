// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/icons.h"

#include <algorithm>

namespace packetarium::ui {

const std::vector<std::string_view> &iconNames() {
  static const std::vector<std::string_view> names = {
      "arrow-right",  "authority",     "balancer",      "bookmark",     "browser",
      "cache",        "camera",        "candidate",     "chart",        "check",
      "chevron-down", "chevron-left",  "chevron-right", "chevron-up",   "clock",
      "close",        "command",       "copy",          "corrupt",      "crash",
      "crown",        "cut",           "database",      "dhcp",         "disk",
      "diverged-log", "dns",           "drift",         "duplicate",    "edit",
      "error",        "example",       "export",        "eye",          "eye-off",
      "fast-forward", "filter",        "firewall",      "fit",          "flap",
      "hint",         "history",       "home-router",   "host",         "info",
      "interceptor",  "internet",      "jitter",        "key",          "keyboard",
      "laptop",       "latency",       "layers",        "learner",      "lesson",
      "link",         "list",          "load",          "lock",         "loss",
      "minus",        "moon",          "more",          "new",          "node",
      "one-way",      "open",          "packet",        "partition",    "pause",
      "pause-node",   "phone",         "pin",           "play",         "plus",
      "pointer",      "pre-candidate", "presenter",     "pulse",        "question",
      "raft",         "rate",          "redo",          "reorder",      "replica",
      "restart",      "restart-node",  "restore",       "ring",         "router",
      "save",         "search",        "seed",          "sequence",     "server",
      "settings",     "skip-end",      "skip-start",    "slow",         "split-vote",
      "spotlight",    "standby",       "step-back",     "step-forward", "sun",
      "switch",       "template",      "time-out",      "trash",        "undo",
      "uptime",       "voice",         "warning",       "web-server",   "witness",
      "zoom-in",      "zoom-out",
  };
  return names;
}

bool hasIcon(std::string_view name) {
  return std::binary_search(iconNames().begin(), iconNames().end(), name);
}

} // namespace packetarium::ui
