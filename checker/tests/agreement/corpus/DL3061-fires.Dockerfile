RUN ls
FROM debian:12
