FROM debian:12
COPY a.txt app/
