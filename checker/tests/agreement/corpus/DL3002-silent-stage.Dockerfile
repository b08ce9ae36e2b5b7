FROM debian:12 AS build
USER root
RUN make
FROM debian:12
USER 1000:1000
