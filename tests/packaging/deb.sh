#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The .deb that cpack makes holds both programs, the desktop entry, the icon and the file type, and
# what it holds runs. Usage: deb.sh BUILD_DIRECTORY
set -euo pipefail

build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$build"
cpack -G DEB -B "$work" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
package=$(echo "$work"/packetarium_*.deb)
dpkg-deb -x "$package" "$work/tree"
for file in bin/packetarium bin/packetarium-cli share/applications/packetarium.desktop \
  share/icons/hicolor/scalable/apps/packetarium.svg share/mime/packages/packetarium.xml; do
  [[ -s $work/tree/usr/$file ]] || { echo "the package has no /usr/$file"; exit 1; }
done
for field in Exec Icon MimeType Categories; do
  grep -q "^$field=" "$work/tree/usr/share/applications/packetarium.desktop" ||
    { echo "the desktop entry has no $field"; exit 1; }
done
# Whole outputs are kept before they are searched: a grep that has found its line early would end
# whoever still writes, and with it this test.
depends=$(dpkg-deb -f "$package" Depends)
grep -q libqt6widgets6 <<< "$depends" || { echo "the package does not depend on Qt"; exit 1; }
scenarios=$("$work/tree/usr/bin/packetarium-cli" scenarios)
grep -q '^web-request' <<< "$scenarios" || { echo "no built-in scenario is listed"; exit 1; }
version=$(QT_QPA_PLATFORM=offscreen "$work/tree/usr/bin/packetarium" --version)
grep -q '^packetarium ' <<< "$version" || { echo "the window tells no version"; exit 1; }
