FROM debian:12
ADD requirements.txt /app/
ADD src /app/src
ADD more.zip /opt/
ADD data.tgz read.me /opt/
