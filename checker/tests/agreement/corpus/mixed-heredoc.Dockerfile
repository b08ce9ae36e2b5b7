# syntax=docker/dockerfile:1
FROM debian:12
RUN <<EOF
apt-get update
apt-get install -y curl
cd /tmp
sudo make
EOF
COPY <<conf /etc/app.conf
cd sudo apt-get
conf
WORKDIR /app
