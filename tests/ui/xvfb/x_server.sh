# SPDX-License-Identifier: GPL-3.0-or-later
# Read by the scripts beside it: an X server of their own, and a program with its window on it. Sets
# work, DISPLAY and a home in work; open_program sets app_pid and window. Exit code 77: skipped.
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
  [ -n "$app_pid" ] && kill -9 "$app_pid" 2>/dev/null
  [ -n "$x_pid" ] && kill "$x_pid" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
fail() {
  echo "FAILED: $1"
  cat "$work/out" 2>/dev/null
  exit 1
}

# The server chooses a free display and says which; its screen's memory lies in a file.
Xvfb -displayfd 3 -screen 0 1600x900x24 -fbdir "$work" -nolisten tcp \
  3>"$work/display" 2>"$work/x.log" &
x_pid=$!
tries=0
while [ ! -s "$work/display" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -s "$work/display" ] || fail "Xvfb did not start: $(cat "$work/x.log")"
DISPLAY=:$(cat "$work/display")
export DISPLAY
unset WAYLAND_DISPLAY
export QT_QPA_PLATFORM=xcb HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/data"

open_program() { # program and its options
  "$@" >"$work/out" 2>&1 &
  app_pid=$!
  window=
  tries=0
  while [ -z "$window" ] && [ $tries -lt 300 ]; do
    sleep 0.1
    tries=$((tries + 1))
    kill -0 "$app_pid" 2>/dev/null || fail "the program left"
    window=$(xdotool search --onlyvisible --name 'Packetarium' 2>/dev/null | head -n 1)
  done
  [ -n "$window" ] || fail "no window appeared"
  xdotool windowfocus "$window" 2>/dev/null
}
close_program() { # by Ctrl+Q; it must leave with exit code 0
  xdotool key ctrl+q
  tries=0
  while kill -0 "$app_pid" 2>/dev/null && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -0 "$app_pid" 2>/dev/null && fail "Ctrl+Q does not close the window"
  wait "$app_pid"
  code=$?
  app_pid=
  [ "$code" -eq 0 ] || fail "exit code $code"
}
