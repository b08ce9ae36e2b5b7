FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends vim=2:9 && rm -rf /var/lib/apt/lists/*
RUN echo "top ps kill" > /etc/motd
