#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A real window on a real X server: it opens, plays, pauses with the space bar and closes.
# Usage: window_under_x.sh PROGRAM. Exit code 77: skipped, because Xvfb or xdotool is missing.
set -u
program=$1
for tool in Xvfb xdotool; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "SKIPPED: $tool is not installed"
    exit 77
  fi
done

work=$(mktemp -d)
x_pid=
app_pid=
finish() {
  [ -n "$app_pid" ] && kill "$app_pid" 2>/dev/null
  [ -n "$x_pid" ] && kill "$x_pid" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT

# The server chooses a free display and says which.
Xvfb -displayfd 3 -screen 0 1600x900x24 -fbdir "$work" -nolisten tcp \
  3>"$work/display" 2>"$work/x.log" &
x_pid=$!
tries=0
while [ ! -s "$work/display" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -s "$work/display" ] || { echo "FAILED: Xvfb did not start"; cat "$work/x.log"; exit 1; }
DISPLAY=:$(cat "$work/display")
export DISPLAY
unset WAYLAND_DISPLAY
export QT_QPA_PLATFORM=xcb HOME="$work" XDG_CONFIG_HOME="$work"

"$program" --theme dark >"$work/out" 2>&1 &
app_pid=$!
window=
tries=0
while [ -z "$window" ] && [ $tries -lt 300 ]; do
  sleep 0.1
  tries=$((tries + 1))
  kill -0 "$app_pid" 2>/dev/null || { echo "FAILED: the program left"; cat "$work/out"; exit 1; }
  window=$(xdotool search --onlyvisible --name 'Packetarium' 2>/dev/null | head -n 1)
done
[ -n "$window" ] || { echo "FAILED: no window appeared"; cat "$work/out"; exit 1; }
echo "window: $(xdotool getwindowname "$window")"

# The screen's memory lies in a file: what is painted can be compared without another program.
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
xdotool windowfocus "$window" 2>/dev/null
xdotool mousemove 700 60
sleep 1
moves 50 || { echo "FAILED: nothing moves although the run should be playing"; exit 1; }
xdotool key space
sleep 2
moves 6 && { echo "FAILED: the space bar does not pause"; exit 1; }
before=$(screen)
xdotool key Right
sleep 2
[ "$(screen)" != "$before" ] || { echo "FAILED: the right arrow does not step"; exit 1; }
xdotool key Left
sleep 2
xdotool mousemove 700 300 click 1
sleep 0.5
kill -0 "$app_pid" 2>/dev/null || { echo "FAILED: the program left"; cat "$work/out"; exit 1; }
xdotool key ctrl+q
tries=0
while kill -0 "$app_pid" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -0 "$app_pid" 2>/dev/null && { echo "FAILED: Ctrl+Q does not close the window"; exit 1; }
wait "$app_pid"
code=$?
app_pid=
[ "$code" -eq 0 ] || { echo "FAILED: exit code $code"; cat "$work/out"; exit 1; }
echo "passed"
