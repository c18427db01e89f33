#!/bin/sh
# install.sh ROOT: installs Home Assistant $HOMEASSISTANT_VERSION into a root file system, and starts it there once, because it
# installs what its integrations need when they are first started.
set -eu
root=$1
# Certificates as this machine knows them, so that pip finds its registry from inside as from outside.
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
  chroot "$root" sh -eu -c '
    python3 -m venv /srv/ha
    # Of MQTT and the others that are set up only later: the versions are Home Assistant’s own.
    /srv/ha/bin/pip install --quiet --disable-pip-version-check "homeassistant==$1"
    constraints=$(echo /srv/ha/lib/python3.*/site-packages/homeassistant/package_constraints.txt)
    /srv/ha/bin/pip install --quiet --disable-pip-version-check --constraint "$constraints" paho-mqtt
    mkdir /tmp/first
    printf "http:\n  server_host: 127.0.0.1\n  server_port: 18123\nmobile_app:\n" > /tmp/first/configuration.yaml
    /srv/ha/bin/hass --config /tmp/first > /tmp/first/log 2>&1 &
    python3 - <<PYTHON
import sys
import time
import urllib.error
import urllib.request

# The last of them to be there: it wants a user who is logged in.
page = urllib.request.Request("http://127.0.0.1:18123/api/mobile_app/registrations", method="POST")
for _ in range(900):
    time.sleep(1)
    try:
        urllib.request.urlopen(page)
    except urllib.error.HTTPError as error:
        if error.code == 401:
            sys.exit()
    except OSError:
        pass
sys.exit("Home Assistant did not start")
PYTHON
    kill $!
    wait || true
    rm -rf /tmp/first
  ' sh "$HOMEASSISTANT_VERSION"
