FROM --platform=linux/arm64 debian:12 AS base
FROM --platform=windows debian:12
