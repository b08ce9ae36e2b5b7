FROM --platform=$TARGETPLATFORM debian:12
RUN ls
