mkdir -p /work/two-evenings
cat > /work/two-evenings/Dockerfile <<'END'
FROM busybox:latest
ARG SEATS=12
RUN echo "$SEATS" > /seats.txt
ENV TITLE="Study board"
CMD ["sleep", "infinity"]
END
docker build -t evening:small /work/two-evenings
docker build -t evening:large --build-arg SEATS=30 /work/two-evenings
docker run -d --name small evening:small
docker run -d --name large evening:large -e TITLE="Tuesday group"
