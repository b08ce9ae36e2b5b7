FROM debian:12 AS BuilderBase
RUN ls
