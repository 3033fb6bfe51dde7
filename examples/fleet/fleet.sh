#!/usr/bin/env bash
# Starts a Redis and three gateways on this machine, which act as one. Ctrl-C ends them all.
#   examples/fleet/fleet.sh             then ask http://127.0.0.1:8081/hello, 8082, 8083
#   examples/fleet/fleet.sh --show      shows a shared limit, the death of Redis and of a gateway, and their return; and ends
# Needs redis-server and curl. In a checkout: npm ci first. FIRST_PORT moves all ports.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

first=${FIRST_PORT:-8081}
export REDIS_PORT=$((first + 100)) ADMIN_TOKEN=demo
root=../..
node=$root/node_modules/.bin/node
[[ -x $node ]] || node=node
declare -A pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

redis() {
  redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' >/dev/null &
  pids[redis]=$!
}

gateway() { # 1, 2 or 3
  PORT=$((first + $1 - 1)) ADMIN_PORT=$((first + 50 + $1)) NAME=gateway-$1 "$node" "$root/src/main.ts" run -c gateway.yaml &
  pids[$1]=$!
}

# As many words as requests: their statuses.
ask() { # path, gateways …
  local path=$1 one
  shift
  for one in "$@"; do curl -s -o /dev/null -w '%{http_code} ' "http://127.0.0.1:$((first + one - 1))$path"; done
  echo
}

members() {
  curl -s -H "Authorization: Bearer $ADMIN_TOKEN" "http://127.0.0.1:$((first + 51))/stats" |
    grep -o 'gateway-[0-9]/' | sort -u | tr -d '/' | tr '\n' ' '
}

# Waits up to ten seconds.
until_members() {
  for _ in $(seq 100); do
    [[ $(members) == "$1" ]] && break
    sleep 0.1
  done
  echo "   members: $(members)"
}

redis
for one in 1 2 3; do gateway $one; done
for one in 1 2 3; do
  until curl -s -o /dev/null "http://127.0.0.1:$((first + 50 + one))/ready"; do sleep 0.1; done
done

if [[ ${1:-} != --show ]]; then
  echo "Three gateways: http://127.0.0.1:$first/hello and the two ports above it. Redis: $REDIS_PORT. Ctrl-C ends them."
  wait
fi

echo '1. Three gateways know each other.'
until_members 'gateway-1 gateway-2 gateway-3 '
echo '2. Twelve requests a minute, at three gateways in turn: the thirteenth is refused by each.'
printf '   '; ask /hello 1 2 3 1 2 3 1 2 3 1 2 3 1 2 3
echo '3. Redis dies. Each gateway lets its share through, four of twelve, and says so.'
kill -9 "${pids[redis]}"; wait "${pids[redis]}" 2>/dev/null || true
sleep 1
printf '   '; ask /hello 1 1 1 1 1 1
printf '   Sluice-Limits: '; curl -si "http://127.0.0.1:$((first + 1))/hello" | grep -i '^sluice-limits:' | cut -d' ' -f2
echo '4. Redis comes back, empty: the limit is shared again, and begins anew.'
redis
sleep 2
printf '   '; ask /hello 1 2 3 1 2 3 1 2 3 1 2 3 1 2 3
echo '5. A gateway dies. The others see it within six seconds.'
kill -9 "${pids[2]}"; wait "${pids[2]}" 2>/dev/null || true
until_members 'gateway-1 gateway-3 '
echo '6. It comes back.'
gateway 2
until_members 'gateway-1 gateway-2 gateway-3 '
