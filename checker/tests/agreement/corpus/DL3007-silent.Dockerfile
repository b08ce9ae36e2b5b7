FROM debian:12
FROM debian:latest-slim
