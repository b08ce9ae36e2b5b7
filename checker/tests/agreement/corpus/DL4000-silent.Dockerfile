FROM debian:12
LABEL maintainer="jane@example.com"
