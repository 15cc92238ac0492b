#!/bin/sh
# Runs after files are gone. State survives removal, so that an installation afterwards goes on where this one ended; Debian's
# purge deletes it, and the configuration with it. The user stays: files elsewhere may carry its number.
set -e

case "$1" in
purge) rm -rf /var/lib/tailspan /etc/tailspan ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
