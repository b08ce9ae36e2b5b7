FROM debian:12
RUN bash -c "cd /x && sudo make"
RUN echo 'apt-get install x' > /tmp/a && cat /tmp/a | grep x
RUN for f in a b; do cd $f; done
RUN (cd /tmp && ls)
RUN env A=1 sudo ls
RUN A=1 apt-get install -y x
RUN ["apt-get", "install", "y"]
RUN VAR=$(sudo cat /x) && export VAR
RUN case "$X" in a) sudo ls;; *) cd /;; esac
