// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "core/base/sim_time.h"

#include <cstdint>
#include <string>
#include <vector>

/// How available services were, by what their clients saw.
namespace packetarium::analysis {

enum class ServiceHealth : std::uint8_t {
  Unknown,  ///< nobody has asked yet
  Up,       ///< at least 99 % of the requests were answered in time
  Degraded, ///< 1 % to 99 %
  Down      ///< under 1 %
};
std::string_view name(ServiceHealth health); ///< "up"

/// One second of a service: the requests that began in it and have ended. A second without any is
/// as the one before it.
struct ServiceSecond {
  std::uint32_t requests = 0, inTime = 0;
  ServiceHealth health = ServiceHealth::Unknown;
  std::uint32_t offered = 0; ///< requests that began in it, ended or not
  std::uint32_t served = 0;  ///< timely answers that came in it
  double p50 = 0, p99 = 0;   ///< ms, of the timely answers to what began in it; 0: none
};

/// One stretch of the ribbon.
struct RibbonPart {
  SimTime from, to;
  ServiceHealth health = ServiceHealth::Unknown;
};

/// A share of time as people in operations say it.
struct Availability {
  double share = 1;           ///< 0 to 1
  double nines = 0;           ///< -log10(1 - share); infinite when nothing failed
  Duration perDay, perWeek;   ///< down time that this share allows
  Duration perMonth, perYear; ///< of a year of 365.2425 days
};
/// share: 0 to 1.
Availability availability(double share);
/// "three nines (99.95 %)" and "nothing failed" for people. Never rounds up.
std::string ninesText(const Availability &a);
/// "3 d 15 h 39 m 30 s", to the second; shorter than a minute: three digits.
std::string downTimeText(Duration d);

/// Of parts that fail apart from each other; shares and results 0 to 1.
double mtbfAvailability(Duration mtbf, Duration mttr); ///< mean times up and to repair, not both 0
double seriesAvailability(const std::vector<double> &shares);   ///< all are needed
double parallelAvailability(const std::vector<double> &shares); ///< any one is enough
/// At least k of n parts of the same share (the upper tail of the binomial distribution); n to
/// 1000.
double anyOfAvailability(int k, int n, double share);
/// At least k of these parts, whose shares may differ.
double anyOfAvailability(int k, const std::vector<double> &shares);

struct ServiceReport {
  std::string name;
  std::vector<ServiceSecond> seconds; ///< from the start of the run
  std::vector<RibbonPart> ribbon;     ///< neighbours differ; from the first request to `until`
  std::uint64_t requests = 0, inTime = 0, failed = 0; ///< that ended; open ones are left out
  Duration up, degraded, down;
  /// By time: the share of the known seconds that were not down, degraded ones counted by their
  /// share of timely answers.
  Availability byTime;
  Availability byRequests; ///< by the share of requests answered in time
  double p50 = 0, p95 = 0, p99 = 0, mean = 0, longest = 0; ///< ms, of timely answers
  double offeredPerSecond = 0, servedPerSecond = 0;        ///< since the first request
  /// Some request has ended: before that the two shares say nothing.
  [[nodiscard]] bool isKnown() const { return requests > 0; }
};

/// All services that requests name, by name, as known at `until`: nothing after it counts. A
/// request counts for the second in which it was sent. Costs a walk over the requests: about a
/// millisecond for ten thousand.
std::vector<ServiceReport> serviceReports(const Chronicle &chronicle, SimTime until);

/// CSV of all seconds: "t_s,service,health,requests,in_time,availability,offered,served,p50_ms,
/// p99_ms"; availability is empty in seconds without requests.
std::string servicesCsv(const std::vector<ServiceReport> &reports);

} // namespace packetarium::analysis
