FROM debian:12
RUN apt-get update
RUN echo apt install
RUN apt-cache policy
