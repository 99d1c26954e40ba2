// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

namespace packetarium::tls {

class Authority; // core/tls/authority.h
using Authorities = std::vector<std::shared_ptr<const Authority>>;

} // namespace packetarium::tls
