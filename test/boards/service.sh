#!/bin/sh
# service.sh fetch|run COMMAND, or purged: runs one of README's commands inside a root file system that has neither sudo nor a running
# systemd. `systemctl start` runs the installed unit's ExecStartPre as root and its ExecStart as the unit's user.
set -eu
mkdir -p /usr/local/bin
printf '#!/bin/sh\nexec "$@"\n' >/usr/local/bin/sudo
cat >/usr/local/bin/systemctl <<'END'
#!/bin/sh
# Of the unit: RuntimeDirectory=, ExecStartPre=+, DynamicUser= (the package's user) and ExecStart=.
[ "$1" = start ] || exit 0
unit=/usr/lib/systemd/system/ghostcam.service
value() { sed -n "s/^$1=//p" $unit; }
install -d -o ghostcam -g ghostcam "/run/$(value RuntimeDirectory)"
eval "$(value ExecStartPre | sed 's/^+//')"
eval "exec setpriv --reuid ghostcam --regid ghostcam --clear-groups $(value ExecStart)"
END
chmod 0755 /usr/local/bin/sudo /usr/local/bin/systemctl
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/90answers
export DEBIAN_FRONTEND=noninteractive
# What emulation is too slow for.
if [ "$(uname -m)" = aarch64 ]; then export MAX_FRAME_AGE_MS=60000 CAMERA_STALL_TIMEOUT=120; fi

cd /root
case $1 in
  fetch)
    cp /mnt/ghostcam* /root
    apt-get -qq update
    eval "$2" >/tmp/apt.log 2>&1 || { tail -n 20 /tmp/apt.log; exit 1; }
    ;;
  run)
    for folder in ghostcam-*-linux-*; do if [ -d "$folder" ]; then cd "$folder"; fi; done
    eval "$2"
    ;;
  purged)
    apt-get -qq purge ghostcam >/dev/null 2>&1
    ! getent passwd ghostcam && [ ! -e /etc/ghostcam ] && [ ! -e /usr/lib/ghostcam ] && [ ! -e /usr/bin/ghostcam ]
    ;;
esac
