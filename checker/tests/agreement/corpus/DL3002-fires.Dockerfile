FROM debian:12
USER app
RUN ls
USER root
