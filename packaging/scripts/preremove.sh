#!/bin/sh
# Runs before files go. Debian: remove, or upgrade; rpm: how many of this package will be left, 0 or 1. An upgrade lets the
# service run until the new version is there.
set -e

case "$1" in
remove | 0)
  if [ -d /run/systemd/system ]; then
    systemctl --no-reload disable --now tailspan.service
  fi
  ;;
esac
