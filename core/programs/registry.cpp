// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/program.h"
#include "core/programs/types.h"

#include <algorithm>

namespace packetarium::programs {

const std::vector<ProgramType> &programTypes() {
  static const std::vector<ProgramType> types = {
      browserType(),
      bulkReceiverType(),
      bulkSenderType(),
      cacheStoreType(),
      certificateAuthorityType(),
      clientLoadType(),
      dnsReaderType(),
      dnsResolverType(),
      dnsServerType(),
      dnsUpdaterType(),
      echoServerType(),
      failoverPairType(),
      httpServerType(),
      interceptorType(),
      kvClientType(),
      kvStoreType(),
      loadBalancerType(),
      mailQueueType(),
      mailSenderType(),
      multiPrimaryType(),
      pingType(),
      powerSwitchType(),
      quorumStoreType(),
      raftType(),
      tcpClientType(),
      udpSinkType(),
      udpSourceType(),
      voiceReceiverType(),
      voiceSenderType(),
      vrrpType(),
      witnessType(),
  };
  return types;
}

const ProgramType *findProgramType(std::string_view kind) {
  const auto &types = programTypes();
  const auto at = std::lower_bound(
      types.begin(), types.end(), kind,
      [](const ProgramType &type, std::string_view wanted) { return type.kind < wanted; });
  return at != types.end() && at->kind == kind ? &*at : nullptr;
}

} // namespace packetarium::programs
