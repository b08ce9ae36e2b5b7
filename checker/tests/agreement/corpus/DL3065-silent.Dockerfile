FROM --platform=$BUILDPLATFORM debian:12
RUN ls
