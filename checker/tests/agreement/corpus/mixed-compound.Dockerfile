FROM debian:12
RUN if [ ! -f /x ]; then \
      apt-get update; \
      apt-get install -y git; \
    fi
RUN while read -r line; do echo "$line"; done < /etc/passwd | sort
RUN f() { cd /x; sudo y; }; f
RUN { echo a; cd b; } > /tmp/x 2>&1
RUN ! sudo -n true || apt-get -y install x
