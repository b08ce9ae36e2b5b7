FROM debian:12 AS builder-base
RUN ls
