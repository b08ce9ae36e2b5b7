FROM ubuntu:14.04
MAINTAINER Old Timer <old@example.com>
ENV LANG en_US.UTF-8
RUN apt-get update
RUN apt-get install -y nginx
RUN apt-get upgrade -y
ADD nginx.conf /etc/nginx/
ADD http://example.com/a.tar.gz /tmp/
VOLUME /var/www
EXPOSE 80
ENTRYPOINT nginx
CMD -g "daemon off;"
