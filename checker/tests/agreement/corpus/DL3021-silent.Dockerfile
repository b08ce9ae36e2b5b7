FROM debian:12
COPY a.txt b.txt /app/
COPY a.txt /app
WORKDIR /x
COPY a.txt b.txt ./
COPY target/*.jar app.jar
