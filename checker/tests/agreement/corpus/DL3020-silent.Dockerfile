FROM debian:12
ADD archive.tar.gz /opt/
ADD https://example.com/file /opt/file
ADD data.tgz more.tar.xz /opt/
COPY requirements.txt /app/
