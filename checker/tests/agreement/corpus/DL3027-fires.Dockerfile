FROM debian:12
RUN apt update
RUN apt install -y curl
