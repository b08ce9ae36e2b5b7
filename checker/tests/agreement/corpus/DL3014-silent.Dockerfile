FROM debian:12
RUN apt-get update && apt-get install -qqy --no-install-recommends curl=7.88.1-10 && rm -rf /var/lib/apt/lists/*
RUN apt-get update && apt-get --assume-yes install --no-install-recommends git=1:2.39 && rm -rf /var/lib/apt/lists/*
