#!/bin/sh
# `redis-server` is started as the user redis; options alone are options of redis-server; anything else is a command.
set -e
case "$1" in
    -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
    # Other containers must reach it, and by default it speaks to nobody but its own host.
    case " $* " in
        *" --protected-mode "*) ;;
        *) set -- "$@" --protected-mode no ;;
    esac
    if [ "$(id -u)" = 0 ]; then
        find . \! -user redis -exec chown redis '{}' +
        exec setpriv --reuid redis --regid redis --clear-groups -- "$0" "$@"
    fi
fi
umask 0077
exec "$@"
