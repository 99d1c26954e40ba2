// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One include for Catch2 2.13 (Debian 12) and Catch2 3: tests write Approx and the matchers below
// unqualified by version.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
