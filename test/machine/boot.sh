#!/bin/bash
# Boots systemd in namespaces of its own, over a copy-on-write view of this machine's files: boot.sh FOLDER CGROUP.
# Nothing that happens inside is seen outside, and all of it ends with the first process. $3 is for the second stage, which
# runs inside the new namespaces.
set -e
folder=$1 cgroup=$2
if [ -z "$3" ]; then
  mount --make-rprivate /
  mount -t cgroup2 cgroup2 "$folder"
  mkdir -p "$folder/$cgroup"
  echo $$ > "$folder/$cgroup/cgroup.procs"
  exec unshare --cgroup --pid --ipc --uts --net --fork --kill-child "$BASH" "$0" "$folder" "$cgroup" inside
fi

umount "$folder"
mount -t tmpfs tmpfs "$folder"
mkdir "$folder"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
cd "$folder/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for d in run tmp dev; do mount -t tmpfs tmpfs $d; done
for d in null zero full random urandom tty; do touch dev/$d; mount --bind /dev/$d dev/$d; done
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
touch dev/console
mkdir -p dev/shm dev/pts run/systemd/system run/old
for unit in systemd-sysctl systemd-modules-load systemd-remount-fs; do ln -s /dev/null run/systemd/system/$unit.service; done # the kernel is not ours
pivot_root . run/old
umount -l /run/old
mount --make-rshared / # credentials are mounted by children of systemd
exec env -i container=tailspan PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=basic.target --show-status=0
