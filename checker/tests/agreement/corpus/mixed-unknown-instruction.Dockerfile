FROM debian:12
RNU apt-get update
RUN cd /x
CMD a
