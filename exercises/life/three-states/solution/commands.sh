docker create --name mon alpine:3.18
docker run -dit --name tue alpine:3.18
# Here nobody types, so the shell's input comes through a pipe.
echo 'exit 3' | docker run -i --name wed alpine:3.18
