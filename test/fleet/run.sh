#!/bin/sh
# A fleet of 1,000 simulated nodes with four cameras each, on loopback: on three NATS servers of deploy/fleet/nats.conf, of which one is
# killed, then on one mosquitto. Prints a JSON object for each, see load.mjs; fails when an event is lost with NATS.
# Usage: npm run test:fleet [-- OPTION…]     options are load.mjs's, e.g. --nodes 200
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/../../scripts/apt-install.sh" nats-server mosquitto
work=$(mktemp -d)
pids=''
# shellcheck disable=SC2317 # the trap calls it
stop() {
  # shellcheck disable=SC2086 # a list
  kill $pids 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

# Three addresses of the loopback interface stand for three machines.
sed 's/10\.0\.0\./127.0.1./g' "$here/../../deploy/fleet/nats.conf" > "$work/nats.conf"
for number in 1 2 3; do
  NATS_NAME=nats-$number NATS_HOST=127.0.1.$number NATS_STORE=$work/$number \
    nats-server -c "$work/nats.conf" > "$work/$number.log" 2>&1 &
  pids="$pids $!"
done
sleep 6 # the cluster elects its leader

# shellcheck disable=SC2086
set -- "$@" --pids "$(echo $pids | tr ' ' ,)"
first=${pids# }
first=${first%% *}
echo 'three NATS servers, one killed:'
node "$here/load.mjs" --urls mqtt://127.0.1.1,mqtt://127.0.1.2,mqtt://127.0.1.3 --user ghostcam --password change-me \
  --rate 0.25 --kill "$first" "$@" && status=0 || status=$?

printf 'listener 1883 127.0.2.1\nallow_anonymous true\n' > "$work/mosquitto.conf"
mosquitto -c "$work/mosquitto.conf" > "$work/mosquitto.log" 2>&1 &
pids="$pids $!"
sleep 1
echo 'one mosquitto:'
node "$here/load.mjs" --urls mqtt://127.0.2.1 --rate 0.25 "$@" --pids "${pids##* }" || true
exit "$status"
