// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/outages.h"
#include "core/analysis/services.h"

#include <QString>
#include <QStringList>

#include <vector>

/// What the Services view says in words; what the core says in English stays as it is.
namespace packetarium::ui {

/// "up", "degraded", "down", "nobody asked yet".
QString healthWord(analysis::ServiceHealth health);
/// "Take over".
QString partName(analysis::OutagePart part);
/// What the part means, as a sentence.
QString partSentence(analysis::OutagePart part);

/// "two nines"; "nothing failed" for a share of 1.
QString ninesWords(const analysis::Availability &a);
/// "99.2 % · two nines".
QString availabilityWords(const analysis::Availability &a);
/// A dash while no request has ended.
QString availabilityWords(const analysis::ServiceReport &r);
/// One line for each of day, week, month and year: "11 min 31 s a day".
QStringList budgetLines(const analysis::Availability &a);
/// All that is known of a service, a line each: for a tooltip and for a screen reader.
QString serviceWords(const analysis::ServiceReport &report);
/// "12 · 40 · 95 ms" of p50, p95, p99; a dash without an answer.
QString percentileWords(const analysis::ServiceReport &report);
/// "412, 9 failed".
QString requestWords(const analysis::ServiceReport &report);

/// A length in milliseconds to the microsecond: "2 904.512 ms". Lengths between instants that
/// follow one another add up as shown, when each instant is rounded the same way: see exactSteps.
QString exactMs(Duration length);
/// The lengths of the outage's steps in whole microseconds; their sum is that of the whole.
std::vector<Duration> exactSteps(const analysis::Outage &outage);
Duration exactLength(const analysis::Outage &outage);
/// "Outage of 2.9 s from 12.3 s: server A crashed".
QString outageWords(const analysis::Outage &outage);

} // namespace packetarium::ui
