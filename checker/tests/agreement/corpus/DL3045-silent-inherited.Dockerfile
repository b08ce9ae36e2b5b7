FROM debian:12 AS base
WORKDIR /x
FROM base
COPY a.txt app/
