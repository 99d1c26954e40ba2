#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A person with a mouse and a keyboard, on a real X server: draws two hosts, a switch, a router and
# a web server on an empty canvas without typing an address, and a page is fetched; cuts a cable and
# takes it back; saves; the program is killed and gives back what was not saved; the same run again.
# Usage: draw_under_x.sh PROGRAM COMMAND_LINE_PROGRAM. Exit code 77: skipped, a tool is missing.
set -u
program=$1
cli=$2
. "$(dirname "$0")/x_server.sh"

actions=0
counted() { actions=$((actions + 1)); }
drag() { # from x y to x y
  xdotool mousemove "$1" "$2"
  sleep 0.2
  xdotool mousedown 1
  for share in 1 2 3 4 5; do
    sleep 0.1
    xdotool mousemove $(($1 + ($3 - $1) * share / 5)) $(($2 + ($4 - $2) * share / 5))
  done
  sleep 0.2
  xdotool mouseup 1
  sleep 0.7
  counted
}
join() {
  xdotool keydown ctrl
  drag "$@"
  xdotool keyup ctrl
  sleep 0.3
}
press() {
  xdotool key "$1"
  sleep 0.5
  counted
}
value_of() { # JSON key, file; from ten seconds of the run
  "$cli" run "$2" --until 10s --json | sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",]*\).*/\1/p" | head -n 1
}
file="$work/drawn.packetarium"
save() { # the first time a dialog asks where to
  press ctrl+s
  if [ "$1" = first ]; then
    sleep 1
    xdotool type --delay 25 "$file"
    xdotool key Return
    sleep 1
    xdotool mousemove 500 470 click 1 # without a window manager the keyboard stays nowhere
  fi
  tries=0
  while [ ! -s "$file" ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  [ -s "$file" ] || fail "nothing was saved"
  sleep 0.5
}

open_program "$program" --theme dark
sleep 2
press ctrl+n
press Return
sleep 1
# Tiles of the palette, and where they go on the canvas.
drag 46 209 400 200  # host
drag 46 209 400 400  # host
drag 46 275 620 300  # switch
drag 121 275 820 300 # router
drag 121 365 1020 300 # web server
drag 196 365 400 200 # a browser onto the first host
join 400 200 620 300
join 400 400 620 300
join 620 300 820 300
join 820 300 1020 300
press space
[ "$actions" -le 25 ] || fail "$actions actions were needed"
echo "drawn and playing after $actions actions"
sleep 1
save first
"$cli" validate "$file" || fail "what was saved has faults"
ok=$(value_of request.ok "$file")
[ "${ok%.*}" -ge 4 ] || fail "no page is fetched: $ok"
fingerprint=$(value_of fingerprint "$file")
[ -n "$fingerprint" ] || fail "no fingerprint"

# A cable that is cut from the start, or by the script at the instant shown.
cut='"up": false|cut-link'
# A cut at the start of the run, so that nothing is fetched any more; undo brings it back.
press space
press Home
xdotool mousemove 720 300 click 1
sleep 0.5
press f
save again
ok=$(value_of request.ok "$file")
[ "${ok%.*}" = 0 ] || fail "a cut cable changes nothing: $ok"
press ctrl+z
save again
[ "$(value_of fingerprint "$file")" = "$fingerprint" ] || fail "undo gives another run"

# What was not saved when the program was killed comes back.
cp "$file" "$work/saved"
xdotool mousemove 720 300 click 1
sleep 0.5
press f
tries=0
until grep -qE "$cut" "$work"/data/*/*/recovery/*.packetarium 2>/dev/null; do
  sleep 0.2
  tries=$((tries + 1))
  [ $tries -lt 100 ] || fail "nothing is kept for recovery"
done
kill -9 "$app_pid"
wait "$app_pid" 2>/dev/null
cmp -s "$file" "$work/saved" || fail "the file changed without being saved"
open_program "$program" --theme dark
sleep 2
xdotool mousemove 837 192 click 1 # Restore
sleep 1.5
xdotool mousemove 500 470 click 1
save again
grep -qE "$cut" "$file" || fail "the cut was not recovered"
ok=$(value_of request.ok "$file")
[ "${ok%.*}" = 0 ] || fail "what was recovered is another network: $ok"
close_program

# Opened again it is the same run.
cp "$work/saved" "$file"
[ "$(value_of fingerprint "$file")" = "$fingerprint" ] || fail "another run when opened again"
echo "passed"
