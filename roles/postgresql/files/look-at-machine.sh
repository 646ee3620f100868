# What the role must know of the machine, as JSON, in one go: a look costs as much as a change.
# usage: sh -c TEXT look-at-machine SERVICE PACKAGE...
service=$1
shift
printf '{"clusters": '
if command -v pg_lsclusters > /dev/null; then pg_lsclusters --json; else echo '[]'; fi
printf ', "memory_mb": %s, "cores": %s' "$(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)" "$(nproc)"
printf ', "apt": %s' "$(command -v apt-get > /dev/null && echo true || echo false)"
printf ', "service": "%s"' "$(systemctl is-enabled "$service" 2> /dev/null)"
printf ', "packages": ['
dpkg-query --show --showformat '"${Package}|${Version}|${db:Status-Status}",' "$@" 2> /dev/null
echo '""]}'
