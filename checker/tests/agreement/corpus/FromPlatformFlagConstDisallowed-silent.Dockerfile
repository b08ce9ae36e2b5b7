FROM --platform=linux/arm64 debian:12 AS base-arm64
FROM --platform=$TARGETPLATFORM base-arm64
