#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A real window on a real X server: it opens, plays, pauses with the space bar and closes.
# Usage: window_under_x.sh PROGRAM. Exit code 77: skipped, because Xvfb or xdotool is missing.
set -u
program=$1
. "$(dirname "$0")/x_server.sh"
open_program "$program" --theme dark
echo "window: $(xdotool getwindowname "$window")"

# What is painted can be compared without another program.
screen() { cksum <"$work/Xvfb_screen0"; }
moves() {
  before=$(screen)
  tries=0
  while [ $tries -lt "$1" ]; do
    sleep 0.2
    [ "$(screen)" != "$before" ] && return 0
    tries=$((tries + 1))
  done
  return 1
}
xdotool mousemove 700 60
sleep 1
moves 50 || fail "nothing moves although the run should be playing"
xdotool key space
sleep 2
moves 6 && fail "the space bar does not pause"
before=$(screen)
xdotool key Right
sleep 2
[ "$(screen)" != "$before" ] || fail "the right arrow does not step"
xdotool key Left
sleep 2
xdotool mousemove 700 300 click 1
sleep 0.5
kill -0 "$app_pid" 2>/dev/null || fail "the program left"
close_program
echo "passed"
