#!/bin/sh
# Runs after files are in place. Debian: configure [OLD-VERSION]; rpm: how many of this package there are now, 1 or 2.
set -e

config=/etc/tailspan/tailspan.yaml
case "$1" in
configure) upgrade="$2" ;;
1) upgrade= ;;
2) upgrade=yes ;;
*) exit 0 ;; # a failed step is being undone
esac

systemd-sysusers tailspan.conf

[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
if [ -z "$upgrade" ]; then
  echo "tailspan: edit $config, then: systemctl enable --now tailspan"
elif systemctl --quiet is-active tailspan.service; then
  # Status 2 says that the configuration is wrong. The old version, still in memory, then goes on shipping.
  status=0
  said=$(tailspan check --config "$config" 2>&1 >/dev/null) || status=$?
  if [ "$status" -eq 2 ]; then
    echo "tailspan: NOT restarted, since the new version refuses its configuration:" >&2
    echo "$said" >&2
  else
    systemctl restart tailspan.service || true # what is wrong stands in the journal; the package is installed
  fi
fi
