#!/bin/sh
# Makes sure that `docker` runs in this image, and that a Compose plugin is there only when it runs.
set -e

if ! /usr/local/bin/docker --version 2>/dev/null; then
    rm -f /usr/local/bin/docker
    mkdir /tmp/docker && cd /tmp/docker
    apt-get update -qq
    # Newer Debian releases split the command line from the engine.
    apt-get download -qq docker-cli 2>/dev/null || apt-get download -qq docker.io
    for package in *.deb; do dpkg-deb -x "$package" root; done
    cp root/usr/bin/docker /usr/local/bin/docker
    cd / && rm -rf /tmp/docker /var/lib/apt/lists/* /var/cache/apt/*
    docker --version
fi

plugin=/usr/local/lib/docker/cli-plugins/docker-compose
if [ -e "$plugin" ] && ! docker compose version; then
    rm -f "$plugin"
fi
