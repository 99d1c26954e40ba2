// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"

/// One function per folder of this room: what registry.cpp lists.
namespace packetarium::programs {

ProgramType browserType();
ProgramType bulkReceiverType();
ProgramType bulkSenderType();
ProgramType cacheStoreType();
ProgramType certificateAuthorityType();
ProgramType clientLoadType();
ProgramType dnsReaderType();
ProgramType dnsResolverType();
ProgramType dnsServerType();
ProgramType dnsUpdaterType();
ProgramType echoServerType();
ProgramType failoverPairType();
ProgramType httpServerType();
ProgramType interceptorType();
ProgramType kvClientType();
ProgramType kvStoreType();
ProgramType loadBalancerType();
ProgramType mailQueueType();
ProgramType mailSenderType();
ProgramType multiPrimaryType();
ProgramType pingType();
ProgramType powerSwitchType();
ProgramType quorumStoreType();
ProgramType raftType();
ProgramType tcpClientType();
ProgramType udpSinkType();
ProgramType udpSourceType();
ProgramType voiceReceiverType();
ProgramType voiceSenderType();
ProgramType vrrpType();
ProgramType witnessType();

} // namespace packetarium::programs
