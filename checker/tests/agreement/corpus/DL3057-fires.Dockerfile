FROM debian:12
RUN ls
