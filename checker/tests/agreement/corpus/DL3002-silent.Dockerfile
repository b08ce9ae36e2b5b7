FROM debian:12
USER root
RUN ls
USER 1000
