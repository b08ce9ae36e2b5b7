#!/bin/sh
# A stopped container leaves its pid file behind; the server would take it for a running one.
set -e
rm -f /usr/local/apache2/logs/httpd.pid
exec httpd -f /usr/local/apache2/conf/httpd.conf -DFOREGROUND "$@"
