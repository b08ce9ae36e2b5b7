FROM debian:12
RUN service nginx start
RUN top -b -n 1
RUN ps aux && free -m
RUN kill -9 1
RUN mount /dev/sda1 /mnt
RUN ssh host uptime
RUN vim /etc/hosts
RUN shutdown now
