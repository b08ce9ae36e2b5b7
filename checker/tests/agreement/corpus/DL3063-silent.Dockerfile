FROM debian:12 AS contexts
RUN ls
