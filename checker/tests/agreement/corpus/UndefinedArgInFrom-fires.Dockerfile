FROM debian:${VARIANT} AS base
FROM --platform=$BULIDPLATFORM debian:12
