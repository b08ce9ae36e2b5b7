FROM debian:12 AS build
FROM debian:12 AS BUILD
FROM debian:12 AS build
